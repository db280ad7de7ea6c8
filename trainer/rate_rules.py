"""Rules that choose a rate from a smoothed curve: pure functions of it."""

from collections.abc import Callable, Mapping

import numpy as np

from trainer.loss_curve import LossCurve

# The power of the slope by which `center` weighs a rate. 1 would weigh the slow
# beginning of a fall as much as its steep part; a high one is as unsteady as the
# steepest point.
_SLOPE_POWER = 3


def center(curve: LossCurve) -> float:
    """The center of the steepest part of the fall, as log rate.

    The mean of the log rates up to the minimum, each weighted by a power of the slope
    there. It is where the loss falls fastest, but rests on the whole steep part of the
    curve and not on one point of it, so that noise moves it less.
    """
    part = slice(curve.minimum + 1)
    weights = np.maximum(-curve.slopes[part], 0) ** _SLOPE_POWER
    if not weights.any():
        return float(curve.log_rates[curve.minimum])
    return float(np.average(curve.log_rates[part], weights=weights))


def steepest(curve: LossCurve) -> float:
    """Where the loss falls fastest, as log rate.

    Source: the rule that Smith's range test is mostly read by; Cyclical Learning Rates
    for Training Neural Networks, 2017, https://arxiv.org/abs/1506.01186.
    """
    part = slice(curve.minimum + 1)
    return _lowest_point(curve.log_rates[part], curve.slopes[part])


def valley(curve: LossCurve) -> float:
    """Half way down the deepest stretch on which the loss only falls, as log rate.

    Source: the idea of fastai's suggestion of this name, on a curve without lag, by the
    depth of the valley and not by its length.
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
    # `interp` wants rising values.
    return float(np.interp(-half, -losses[deepest], curve.log_rates[deepest]))


def tenth_of_minimum(curve: LossCurve) -> float:
    """A tenth of the rate with the lowest loss, as log rate."""
    return _lowest_point(curve.log_rates, curve.losses) - 1


RULES: Mapping[str, Callable[[LossCurve], float]] = {
    "center": center,
    "steepest": steepest,
    "valley": valley,
    "minimum/10": tenth_of_minimum,
}


def _lowest_point(x: np.ndarray, y: np.ndarray) -> float:
    """Where `y` is lowest, between the points of `x`: the vertex of a parabola."""
    i = int(np.argmin(y))
    if i in (0, len(x) - 1):
        return float(x[i])
    before, here, after = y[i - 1 : i + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend > 0 else 0.0
    return float(x[i] + shift * (x[i + 1] - x[i]))
