"""Estimates how certain the rate is that a range test recommends."""

from collections.abc import Sequence

import numpy as np

from lr_plugin.keras.range_test.curve import LossCurve, smooth_losses
from lr_plugin.keras.range_test.rules import steepest

# 95 % quantiles of Student's t with 1, 2, ... degrees of freedom.
_STUDENT_T = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833)
_NUM_RESAMPLES = 100


def estimate_interval(
    learning_rates: Sequence[float],
    losses: Sequence[Sequence[float]],
    curve: LossCurve,
) -> tuple[float, float]:
    """Estimates a 90 % confidence interval of the recommended log rate.

    It holds two intervals. One follows from the noise around the curve, but batches
    also move the weights and so all later losses, which that noise does not show. The
    other follows from how repeats differ, but a few repeats may agree by chance. It is
    never narrower than the distance of two rates, because nothing between was tried.
    """
    half_step = 0.5 * float(curve.log_rates[1] - curve.log_rates[0])
    estimate = steepest(curve)
    intervals = [
        (estimate - half_step, estimate + half_step),
        _bootstrap_interval(learning_rates, losses, curve),
    ]
    if len(losses) > 1:
        intervals.append(_jackknife_interval(learning_rates, losses, curve))
    lows, highs = zip(*intervals, strict=True)
    return min(lows), max(highs)


def _jackknife_interval(
    learning_rates: Sequence[float],
    losses: Sequence[Sequence[float]],
    curve: LossCurve,
) -> tuple[float, float]:
    """Estimates it from how the result changes when one of the repeats is left out.

    Source: Miller, The Jackknife - a Review, 1974,
    https://doi.org/10.1093/biomet/61.1.1.
    """
    estimate = steepest(curve)
    num_repeats = len(losses)
    without = np.array(
        [
            steepest(smooth_losses(learning_rates, [*losses[:i], *losses[i + 1 :]]))
            for i in range(num_repeats)
        ]
    )
    pseudo_values = num_repeats * estimate - (num_repeats - 1) * without
    error = np.std(pseudo_values, ddof=1) / np.sqrt(num_repeats)
    reach = _STUDENT_T[min(num_repeats - 1, len(_STUDENT_T)) - 1] * error
    return estimate - reach, estimate + reach


def _bootstrap_interval(
    learning_rates: Sequence[float],
    losses: Sequence[Sequence[float]],
    curve: LossCurve,
) -> tuple[float, float]:
    """Estimates it from residuals whose signs are drawn at random, again and again.

    Only up to the minimum, because losses that diverge scatter to one side.

    Source: Wu, Jackknife, Bootstrap and Other Resampling Methods in Regression
    Analysis, 1986, https://doi.org/10.1214/aos/1176350142.
    """
    generator = np.random.default_rng(0)
    estimates = []
    for _ in range(_NUM_RESAMPLES):
        resampled = []
        for each in losses:
            fall = np.asarray(each[: curve.minimum + 1])
            fitted = curve.losses[: len(fall)]
            signs = generator.choice((-1.0, 1.0), len(fall))
            resampled.append([*(fitted + signs * (fall - fitted)), *each[len(fall) :]])
        estimates.append(steepest(smooth_losses(learning_rates, resampled)))
    low, high = np.quantile(estimates, (0.05, 0.95))
    return float(low), float(high)
