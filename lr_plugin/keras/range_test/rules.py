"""Rules that choose a rate from a smoothed curve: pure functions of it."""

from collections.abc import Callable, Mapping

import numpy as np

from lr_plugin.keras.range_test.curve import LossCurve


def steepest(curve: LossCurve) -> float:
    """Where the loss falls fastest, as log rate; the recommended rule.

    A lower rate trains more slowly, and at a higher one the fall slows down although
    the rate rises. Where the loss falls in several steps, this is on one of them and
    not between two.

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
