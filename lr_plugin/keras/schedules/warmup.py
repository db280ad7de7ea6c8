"""Schedules whose parts have names: the warmup, the stable part, the decay."""

from collections.abc import Callable

from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.schedules.composed import Joined
from lr_plugin.keras.schedules.decay import SqrtFall, cosine, exponential, linear
from lr_plugin.keras.schedules.schedule import Schedule, check_positive, rate_at


def with_warmup(
    schedule: Schedule, num_steps: int, *, factor: float, shape: str = "linear"
) -> LearningRateSchedule:
    """Rises to the first rate of `schedule` in `num_steps`, then starts it.

    rate(i) = top * (factor + (1 - factor) * i / num_steps) or, where the shape is
    exponential, top * factor^(1 - i / num_steps), with top = schedule(0); from step
    `num_steps` on schedule(i - num_steps).

    Args:
        schedule: What comes after the warmup; a number is a rate that does not move.
        num_steps: Steps of the warmup, at least 1.
        factor: The share of the rate at which the warmup starts; above 0 where the
            shape is exponential.
        shape: "linear" or "exponential".

    Raises:
        ValueError: An argument is out of these bounds.
    """
    check_positive(num_steps=num_steps)
    top = float(rate_at(schedule, 0))
    if shape == "linear":
        rise = linear(factor * top, top, num_steps)
    elif shape == "exponential":
        if not factor > 0:
            raise ValueError(
                "`factor` must be above 0 where the shape is exponential. Received: "
                f"factor={factor}. For example factor=0.01."
            )
        rise = exponential(factor * top, 1 / factor, num_steps)
    else:
        raise ValueError(
            f"`shape` must be linear or exponential. Received: shape={shape!r}."
        )
    return Joined([rise, schedule], [num_steps])


def warmup_stable_decay(
    learning_rate: float,
    end: float,
    num_steps: int,
    decay_steps: int,
    *,
    shape: str = "linear",
) -> LearningRateSchedule:
    """Holds `learning_rate` until `decay_steps` before the end, then falls to `end`.

    The warmup in the name is added by `with_warmup` and is not counted in `num_steps`.

    Args:
        learning_rate: The rate that is held.
        end: The rate at step `num_steps` and after it.
        num_steps: Steps of both parts.
        decay_steps: Steps of the fall, from 1 to `num_steps`.
        shape: Of the fall: "linear", "cosine", or "1-sqrt", see `SqrtFall`.

    Raises:
        ValueError: `decay_steps` is out of these bounds, or `shape` is another.

    Source: Shengding Hu et al., "MiniCPM: Unveiling the Potential of Small Language
    Models with Scalable Training Strategies", 2024, https://arxiv.org/abs/2404.06395;
    the line and 1-sqrt instead of their exponential: Alexander Hägele et al., "Scaling
    Laws and Compute-Optimal Training Beyond Fixed Training Durations", 2024,
    https://arxiv.org/abs/2405.18392
    """
    if not 1 <= decay_steps <= num_steps:
        raise ValueError(
            "`decay_steps` must be from 1 to `num_steps`. Received: decay_steps="
            f"{decay_steps}, num_steps={num_steps}."
        )
    falls: dict[str, Callable[..., LearningRateSchedule]] = {
        "linear": linear,
        "cosine": cosine,
        "1-sqrt": SqrtFall,
    }
    if shape not in falls:
        raise ValueError(
            f"`shape` must be {', '.join(falls)}. Received: shape={shape!r}."
        )
    decay = falls[shape](learning_rate, end, decay_steps)
    stable_steps = num_steps - decay_steps
    return Joined([learning_rate, decay], [stable_steps]) if stable_steps else decay
