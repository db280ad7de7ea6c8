"""Rules that choose a rate from a smoothed curve, as pure functions."""

from collections.abc import Callable, Mapping

import numpy as np

from lr_plugin.keras.range_test.curve import LossCurve


def steepest(curve: LossCurve) -> float:
    """Finds where the loss falls fastest, as log rate; the recommended rule.

    A lower rate trains more slowly, and at a higher one the fall slows down although
    the rate rises. Where the loss falls in several steps, the result is on one of them
    and not between two.

    Source: the usual way to read Smith's range test; Cyclical Learning Rates for
    Training Neural Networks, 2017, https://arxiv.org/abs/1506.01186.
    """
    part = slice(curve.minimum + 1)
    return _lowest_point(curve.log_rates[part], curve.slopes[part])


def valley(curve: LossCurve) -> float:
    """Finds the middle, by depth, of the deepest uninterrupted fall, as log rate.

    Source: the idea of fastai's suggestion of this name, but on a curve without lag,
    and with the deepest fall where fastai takes the longest.
    """
    losses = curve.losses
    deepest = slice(0, 1)
    start = 0
    for end in range(1, len(losses)):
        if losses[end] >= losses[end - 1]:
            start = end
        if (
            losses[start] - losses[end]
            > losses[deepest.start] - losses[deepest.stop - 1]
        ):
            deepest = slice(start, end + 1)
    half = 0.5 * (losses[deepest.start] + losses[deepest.stop - 1])
    # Negated, because `interp` needs rising values.
    return float(np.interp(-half, -losses[deepest], curve.log_rates[deepest]))


def tenth_of_minimum(curve: LossCurve) -> float:
    """Takes a tenth of the rate with the lowest loss, as log rate."""
    return _lowest_point(curve.log_rates, curve.losses) - 1


RULES: Mapping[str, Callable[[LossCurve], float]] = {
    "steepest": steepest,
    "valley": valley,
    "minimum/10": tenth_of_minimum,
}


def _lowest_point(x: np.ndarray, y: np.ndarray) -> float:
    """Finds where `y` is lowest, also between points: the vertex of a parabola."""
    i = int(np.argmin(y))
    if i in (0, len(x) - 1):
        return float(x[i])
    before, here, after = y[i - 1 : i + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend > 0 else 0.0
    return float(x[i] + shift * (x[i + 1] - x[i]))
