"""Curves that look like those of real trainings, for the example runs."""

import numpy as np

from lr_plugin.schema import LandscapeSample

_FIRST_LOSS, _LAST_LOSS = 2.3, 0.03


def make_losses(
    rates: np.ndarray, random: np.random.Generator, *, best_rate: float = 2e-3
) -> np.ndarray:
    """Makes the loss of every batch for the rate of every update.

    Each update lowers the loss in proportion to its rate up to `best_rate`, and less
    and less above that; large rates also leave a higher, noisier loss.

    Returns:
        Shape [num_steps].
    """
    relative = rates / best_rate
    gain = relative * np.exp(1 - np.maximum(relative, 1)) / 150
    progress = np.cumsum(gain)
    excess = 0.25 * np.minimum(relative, 10) / (1 + progress / 4)
    floor = _LAST_LOSS * (1 + excess)
    trend = floor + (_FIRST_LOSS - floor) * np.exp(-(np.minimum(progress, 60) ** 0.6))
    noise = random.normal(scale=0.06 + 0.03 * np.minimum(relative, 3), size=len(rates))
    return trend * np.exp(noise)


def make_range_test_losses(
    rates: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """Makes the losses of a range test, which ends where the loss diverges.

    Returns:
        Shape [<= num_rates].
    """
    position = np.log10(rates)
    fall = 1.6 / (1 + np.exp(-2.6 * (position + 2.7)))
    rise = 0.02 * np.exp(4.5 * np.maximum(position + 1.5, 0))
    losses = (_FIRST_LOSS - fall + rise) * np.exp(
        random.normal(scale=0.03, size=len(rates))
    )
    diverged = np.flatnonzero(losses > 4 * losses.min())
    return losses[: diverged[0] + 1] if len(diverged) else losses


def make_layer_samples(
    rate: float, num_layers: int, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Makes a sample of layers: arrays of shape [num_layers] by what they measure."""
    middle = rate * 10 ** (1.2 + 0.4 * np.arange(num_layers))
    middle = middle * np.exp(random.normal(scale=0.1, size=num_layers))
    weight_norm = 8.0 + np.arange(num_layers)
    update_norm = 3.0 * rate * np.exp(random.normal(scale=0.1, size=num_layers))
    return {
        "effective_rate:p05": middle / 4,
        "effective_rate:p50": middle,
        "effective_rate:p95": middle * 5,
        "update_ratio": update_norm / weight_norm,
        "weight_norm": weight_norm,
        "update_norm": update_norm,
    }


def make_landscape_sample(
    rate: float,
    loss: float,
    *,
    progress: float,
    best_rate: float,
    random: np.random.Generator,
) -> LandscapeSample:
    """Makes what other rates would have done with an update, as of a quadratic loss.

    Along the update, such a loss falls up to half of the critical rate, and is back
    where it was at that rate, which comes nearer over a training.

    Args:
        progress: How much of the training is over, from 0 to 1.
    """
    critical = best_rate * (3 + 6 * np.exp(-8 * progress))
    critical *= np.exp(random.normal(scale=0.2))
    gain = 0.01 + 0.4 * np.exp(-10 * progress)
    rates = rate * 2.0 ** np.arange(-6, 14)
    relative = rates / critical
    changes = loss * gain * 4 * (relative**2 - relative)
    # Far above, a recorder tries no more.
    far = np.flatnonzero(changes > 10 * loss)[1:]
    rates, changes = np.delete(rates, far), np.delete(changes, far)
    has_risen = changes[-1] > 0
    return LandscapeSample(
        used_rate=rate,
        critical_rate=max(critical, float(rates[0])) if has_risen else np.inf,
        loss=loss,
        rates=rates.tolist(),
        loss_changes=changes.tolist(),
    )


def warm_up_and_anneal(
    steps: np.ndarray, *, peak: float, warmup_steps: int
) -> np.ndarray:
    """Rises linearly to `peak` and falls along half a cosine to 0."""
    rising = peak * (steps + 1) / max(warmup_steps, 1)
    share = (steps - warmup_steps) / max(len(steps) - warmup_steps, 1)
    falling = peak * 0.5 * (1 + np.cos(np.pi * np.clip(share, 0, 1)))
    return np.where(steps < warmup_steps, rising, falling)


def correct_bias(
    rates: np.ndarray, steps: np.ndarray, *, beta_1: float = 0.9, beta_2: float = 0.999
) -> np.ndarray:
    """Computes Adam's step size, rate * sqrt(1 - beta_2^t) / (1 - beta_1^t).

    Source: Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015, section 2,
    https://arxiv.org/abs/1412.6980
    """
    t = steps + 1.0
    return rates * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
