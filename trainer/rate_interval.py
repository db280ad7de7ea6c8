"""How sure a range test is of the rate that it recommends."""

from collections.abc import Sequence

import numpy as np

from trainer.loss_curve import LossCurve, smooth_losses
from trainer.rate_rules import center

# 95 % quantiles of Student's t with 1, 2, ... degrees of freedom.
_STUDENT_T = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833)
_NUM_RESAMPLES = 200


def estimate_interval(
    learning_rates: Sequence[float],
    losses: Sequence[Sequence[float]],
    curve: LossCurve,
) -> tuple[float, float]:
    """A 90 % confidence interval of the recommended log rate.

    Never narrower than the distance of two rates of the test: closer than that, it has
    not looked.
    """
    if len(losses) == 1:
        low, high = _bootstrap_interval(learning_rates, losses[0], curve)
    else:
        low, high = _jackknife_interval(learning_rates, losses, curve)
    half_step = 0.5 * float(curve.log_rates[1] - curve.log_rates[0])
    estimate = center(curve)
    return min(low, estimate - half_step), max(high, estimate + half_step)


def _jackknife_interval(
    learning_rates: Sequence[float],
    losses: Sequence[Sequence[float]],
    curve: LossCurve,
) -> tuple[float, float]:
    """From several repeats: how the estimate changes when one is left out.

    Source: Miller, The Jackknife - a Review, 1974,
    https://doi.org/10.1093/biomet/61.1.1.
    """
    estimate = center(curve)
    num_repeats = len(losses)
    without = np.array(
        [
            center(smooth_losses(learning_rates, [*losses[:i], *losses[i + 1 :]]))
            for i in range(num_repeats)
        ]
    )
    pseudo_values = num_repeats * estimate - (num_repeats - 1) * without
    error = np.std(pseudo_values, ddof=1) / np.sqrt(num_repeats)
    reach = _STUDENT_T[min(num_repeats - 1, len(_STUDENT_T)) - 1] * error
    return estimate - reach, estimate + reach


def _bootstrap_interval(
    learning_rates: Sequence[float], losses: Sequence[float], curve: LossCurve
) -> tuple[float, float]:
    """From one passage: signs of its residuals drawn at random, again and again.

    Only up to the minimum: what diverges scatters to one side.

    Source: Wu, Jackknife, Bootstrap and Other Resampling Methods in Regression
    Analysis, 1986, https://doi.org/10.1214/aos/1176350142.
    """
    num_signs = curve.minimum + 1
    residuals = np.asarray(losses[:num_signs]) - curve.losses[:num_signs]
    generator = np.random.default_rng(0)
    estimates = []
    for _ in range(_NUM_RESAMPLES):
        signs = generator.choice((-1.0, 1.0), num_signs)
        resampled = [*(curve.losses[:num_signs] + signs * residuals)]
        resampled += losses[num_signs:]
        estimates.append(center(smooth_losses(learning_rates, [resampled])))
    low, high = np.quantile(estimates, (0.05, 0.95))
    return float(low), float(high)
