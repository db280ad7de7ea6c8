"""Scales the rate with the size of the batches.

Linearly, with a gradual warmup: Goyal et al., "Accurate, Large Minibatch SGD: Training
ImageNet in 1 Hour", 2017, https://arxiv.org/abs/1706.02677. By the square root:
Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014,
https://arxiv.org/abs/1404.5997; for Adam: Malladi et al., "On the SDEs and Scaling
Rules for Adaptive Gradient Algorithms", 2022, https://arxiv.org/abs/2205.10287.
"""

import dataclasses
import math
from typing import Any

from trainer.planning.schedule_table import find_entry
from trainer.settings.config import Config
from trainer.settings.durations import Duration
from trainer.settings.flag import flags_of
from trainer.settings.schedule import ScheduleFlags

# Five of ninety epochs in Goyal et al.; a shorter run gets a share.
_WARMUP = Duration(5, "ep")
_WARMUP_OF_SHORT = Duration(10, "%")
_SHORT_EPOCHS = 50


def find_scale(config: Config) -> float:
    """Computes by how much every given rate is multiplied."""
    batch_size = config.batch_size * config.accumulate
    times = batch_size / config.scale_from_batch_size
    return {"none": 1.0, "linear": times, "sqrt": math.sqrt(times)}[
        config.scale_learning_rate
    ]


def scale_rates(config: Config, *, num_epochs: int) -> Config:
    """Scales the rates of the settings, and puts a warmup before them.

    Args:
        num_epochs: Of the shortest part of the run.
    """
    scale = find_scale(config)
    config = multiply_rates(config, scale)
    if config.unfreeze_learning_rate is not None:
        rate = config.unfreeze_learning_rate * scale
        config = dataclasses.replace(config, unfreeze_learning_rate=rate)
    if not _adds_warmup(config):
        return config
    is_short = num_epochs < _SHORT_EPOCHS
    return dataclasses.replace(
        config,
        warmup=_WARMUP_OF_SHORT if is_short else _WARMUP,
        warmup_factor=1 / scale,
        warmup_shape="linear",
    )


def describe_scaling(config: Config, scaled: Config, learning_rate: float) -> str:
    """Says what the rate became.

    Args:
        scaled: What `scale_rates` made of the settings.
        learning_rate: The rate as it was given.
    """
    scale = find_scale(config)
    of_updates = f"--batch_size={config.batch_size}"
    if config.accumulate > 1:
        of_updates += f" --accumulate={config.accumulate}"
    text = (
        f"Scaled learning_rate ({config.scale_learning_rate}): {learning_rate:g} x "
        f"{scale:g} = {learning_rate * scale:g}, for {of_updates} instead of "
        f"{config.scale_from_batch_size}"
    )
    if _adds_warmup(config):
        text += (
            f", after a warmup of {scaled.warmup} from {learning_rate:g} (Goyal et al. "
            "2017)"
        )
    return f"{text}."


def multiply_rates(config: Config, factor: float) -> Config:
    """Multiplies every rate of the settings, but for that after unfreezing."""
    changes: dict[str, Any] = {}
    if isinstance(config.learning_rate, float | int):
        changes["learning_rate"] = config.learning_rate * factor
    for name, flag in flags_of(ScheduleFlags).items():
        value = getattr(config, name) if flag.is_rate else None
        if isinstance(value, tuple):
            changes[name] = tuple(factor * each for each in value)
        elif isinstance(value, float | int):
            changes[name] = factor * value
    return dataclasses.replace(config, **changes)


def _adds_warmup(config: Config) -> bool:
    has_own = find_entry(config.schedule_name).default_warmup != "0"
    return find_scale(config) > 1 and config.warmup is None and not has_own
