"""The rules by which other range tests choose a rate, for comparison.

Written anew from their published descriptions. Each rule takes the rates and the losses
of one test, before smoothing, and returns the rate that it suggests, or None.
"""

from collections.abc import Callable, Sequence

import numpy as np

# The rates that fastai's `lr_find` and Lightning's `Tuner.lr_find` try.
FASTAI_RATES = np.geomspace(1e-7, 10, 100)
LIGHTNING_RATES = np.geomspace(1e-8, 1, 100)

_SMOOTHING = 0.98
_STOP_FACTOR = 4.0


def moving_average(losses: Sequence[float], *, count_from: int = 1) -> np.ndarray:
    """Computes an exponential moving average, divided by the sum of its weights.

    Lightning counts from 2, so that its first value is 0.505 of the first loss.
    """
    average, averages = 0.0, []
    for count, loss in enumerate(losses, start=count_from):
        average = _SMOOTHING * average + (1 - _SMOOTHING) * loss
        averages.append(average / (1 - _SMOOTHING**count))
    return np.array(averages)


def fastai_stops(losses: Sequence[float]) -> bool:
    """Tells whether fastai would stop: above four times the best smoothed loss."""
    return _exceeds_best(moving_average(losses))


def lightning_stops(losses: Sequence[float]) -> bool:
    """Tells whether Lightning would stop: by the same rule, on its own average.

    Its best is often its first value, which is only half of the first loss.
    """
    return _exceeds_best(moving_average(losses, count_from=2))


def _exceeds_best(smoothed: np.ndarray) -> bool:
    return len(smoothed) > 1 and bool(smoothed[-1] > _STOP_FACTOR * smoothed.min())


def _fastai_curve(
    rates: np.ndarray, losses: Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Smooths, without a tenth of the rates at the beginning and 5 at the end."""
    part = slice(len(rates) // 10, len(losses) - 5)
    return rates[part], moving_average(losses)[part]


def fastai_valley(rates: np.ndarray, losses: Sequence[float]) -> float | None:
    """Takes the middle of the longest falling subsequence, as if it had no gaps."""
    rates, smoothed = _fastai_curve(rates, losses)
    if not len(smoothed):
        return None
    lengths = np.ones(len(smoothed), int)
    for i in range(1, len(smoothed)):
        higher = smoothed[:i] > smoothed[i]
        if higher.any():
            lengths[i] = lengths[:i][higher].max() + 1
    end = int(np.argmax(lengths))
    start = end - int(lengths[end])
    third = (end - start) / 3
    return float(rates[start + int(third) + int(third / 2)])


def fastai_steep(rates: np.ndarray, losses: Sequence[float]) -> float | None:
    """Takes the steepest fall between two rates, over log rate."""
    rates, smoothed = _fastai_curve(rates, losses)
    if len(smoothed) < 2:
        return None
    return float(rates[np.argmin(np.diff(smoothed) / np.diff(np.log(rates)))])


def fastai_slide(rates: np.ndarray, losses: Sequence[float]) -> float | None:
    """Slides a window of 15 steps from the right until slopes at its ends agree."""
    rates, smoothed = _fastai_curve(rates, losses)
    if len(smoothed) < 16:
        return None
    slopes = np.gradient(smoothed)
    left = len(slopes) - 16
    found = left
    while left >= 0 and abs(slopes[left + 15] - slopes[left]) > 0.005:
        found = left
        left -= 1
    return float(rates[found])


def fastai_minimum(rates: np.ndarray, losses: Sequence[float]) -> float | None:
    """Takes a tenth of the rate with the lowest loss."""
    rates, smoothed = _fastai_curve(rates, losses)
    return float(rates[np.argmin(smoothed)] / 10) if len(smoothed) else None


def lightning(rates: np.ndarray, losses: Sequence[float]) -> float | None:
    """Takes the lowest derivative by the rate, without the first 10 and the last."""
    smoothed = moving_average(losses, count_from=2)[10:-1]
    if len(smoothed) < 2:
        return None
    part = rates[10 : 10 + len(smoothed)]
    return float(part[np.argmin(np.gradient(smoothed, part))])


Rule = Callable[[np.ndarray, Sequence[float]], float | None]

FASTAI_RULES: dict[str, Rule] = {
    "fastai valley": fastai_valley,
    "fastai slide": fastai_slide,
    "fastai steep": fastai_steep,
    "fastai minimum/10": fastai_minimum,
}
LIGHTNING_RULES: dict[str, Rule] = {"Lightning": lightning}
