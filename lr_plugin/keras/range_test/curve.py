"""The loss as a function of the learning rate, smoothed without lag."""

import dataclasses
from collections.abc import Sequence

import numpy as np

# Standard deviation of the smoothing kernel, in decades of the rate. A fall of the loss
# takes one to two decades and is hardly blurred by this; in a test of 100 rates over
# seven decades, repeated three times, it averages over 20 losses.
_BANDWIDTH_DECADES = 0.2
# A slope needs a wider window than a value to be as steady; this many times as wide.
_SLOPE_BANDWIDTH = 1.5
# The kernel is at least this many rates wide.
_MIN_BANDWIDTH_STEPS = 1.5
# The share of the rates, at the beginning, whose losses count as the starting level.
_START_SHARE = 0.1
_MIN_START = 3
_NUM_START = 10
_NUM_RECENT = 5
_NUM_REWEIGHTINGS = 2


@dataclasses.dataclass(frozen=True)
class LossCurve:
    """Smoothed losses over the logarithm of the rate.

    Attributes:
        log_rates: Base 10, rising. Shape [num_rates].
        losses: Shape [num_rates].
        slopes: Change of the loss per decade. Shape [num_rates].
        errors: Standard errors of `losses`. Shape [num_rates].
        start_level: The loss before the rate had an effect.
    """

    log_rates: np.ndarray
    losses: np.ndarray
    slopes: np.ndarray
    errors: np.ndarray
    start_level: float

    @property
    def minimum(self) -> int:
        """Where the loss is lowest, as an index."""
        return int(np.argmin(self.losses))

    @property
    def fall(self) -> float:
        """How far the loss fell."""
        return self.start_level - float(self.losses[self.minimum])


def smooth_losses(
    learning_rates: Sequence[float], losses: Sequence[Sequence[float]]
) -> LossCurve:
    """Smooths the losses of one or several repeats of a test over the same rates.

    Fits a line to the losses around each rate: locally weighted regression. The weights
    are a Gaussian of the distance in log rate; in further rounds, losses that lie far
    off the curve get lower weights. Because the window is symmetric and the fit a line,
    the curve neither lags behind the losses nor bends at its ends. Its slope is that of
    a line fitted in a wider window. It ends where half of the repeats have ended.

    Args:
        learning_rates: Shape [num_steps].
        losses: Shape [num_repeats][<= num_steps], each with at least one.

    Source: Cleveland, Robust Locally Weighted Regression and Smoothing Scatterplots,
    1979, https://doi.org/10.1080/01621459.1979.10481038.
    """
    lengths = sorted(len(each) for each in losses)
    num_rates = lengths[(len(lengths) - 1) // 2]
    log_rates = np.log10(np.asarray(learning_rates, np.float64))
    parts = [np.asarray(each[:num_rates], np.float64) for each in losses]
    x = np.concatenate([log_rates[: len(part)] for part in parts])
    # Cut off, because one loss of 1e6 would lift the curve around it at any weight.
    y = np.minimum(np.concatenate(parts), min(map(divergence_level, losses)))
    log_rates = log_rates[:num_rates]
    spacing = (log_rates[-1] - log_rates[0]) / max(1, num_rates - 1)
    bandwidth = max(_BANDWIDTH_DECADES, _MIN_BANDWIDTH_STEPS * spacing)

    weights = np.ones_like(y)
    kernel = _kernel(x, x, bandwidth)
    for _ in range(_NUM_REWEIGHTINGS):
        fitted, _ = _fit_lines(x, y, kernel * weights, x)
        residuals = np.abs(y - fitted)
        # Measured around each rate, because losses scatter more where rates are high.
        scatter = _local_means(residuals, kernel)
        distance = residuals / np.maximum(6 * scatter, np.finfo(np.float64).tiny)
        weights = np.maximum((1 - np.minimum(distance, 1) ** 2) ** 2, 1e-6)
    fitted, _ = _fit_lines(x, y, kernel * weights, x)
    kernel = _kernel(log_rates, x, bandwidth) * weights
    smoothed, _ = _fit_lines(x, y, kernel, log_rates)
    wide_kernel = _kernel(log_rates, x, _SLOPE_BANDWIDTH * bandwidth) * weights
    _, slopes = _fit_lines(x, y, wide_kernel, log_rates)
    variances = _local_means((y - fitted) ** 2, kernel)
    num_averaged = kernel.sum(axis=1) ** 2 / (kernel**2).sum(axis=1)
    # At most up to the minimum, because a loss that only rises starts at its lowest.
    num_start = min(round(_START_SHARE * len(learning_rates)), int(np.argmin(smoothed)))
    num_start = max(_MIN_START, num_start)
    return LossCurve(
        log_rates=log_rates,
        losses=smoothed,
        slopes=slopes,
        errors=np.sqrt(variances / num_averaged),
        start_level=float(np.median(np.concatenate([p[:num_start] for p in parts]))),
    )


def divergence_level(losses: Sequence[float]) -> float:
    """Computes the loss above which training has diverged; at first infinite.

    It is as far above the highest of the first losses as the lowest of all losses is
    below that. So it does not matter in which units the loss is, whether it can be
    negative, and whether the model was trained before.
    """
    if len(losses) < _NUM_START:
        return np.inf
    highest = max(losses[:_NUM_START])
    return 2 * highest - min(losses)


def has_diverged(losses: Sequence[float]) -> bool:
    """Tells whether the median of the latest losses is above `divergence_level`."""
    if len(losses) < _NUM_START + _NUM_RECENT:
        return False
    return bool(np.median(losses[-_NUM_RECENT:]) > divergence_level(losses))


def _kernel(at: np.ndarray, x: np.ndarray, bandwidth: float) -> np.ndarray:
    """Computes the weights of the losses at `x` around each point of `at`."""
    distances = x[np.newaxis, :] - at[:, np.newaxis]
    return np.exp(-0.5 * (distances / bandwidth) ** 2)


def _local_means(y: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    return (kernel @ y) / kernel.sum(axis=1)


def _fit_lines(
    x: np.ndarray, y: np.ndarray, kernel: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Fits a line around each point of `at`; returns its values and slopes there."""
    distances = x[np.newaxis, :] - at[:, np.newaxis]
    s0 = kernel.sum(axis=1)
    s1 = (kernel * distances).sum(axis=1)
    s2 = (kernel * distances**2).sum(axis=1)
    t0 = kernel @ y
    t1 = (kernel * distances) @ y
    determinant = s0 * s2 - s1**2
    return (s2 * t0 - s1 * t1) / determinant, (s0 * t1 - s1 * t0) / determinant
