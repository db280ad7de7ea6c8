"""A schedule: a function of the step that can be saved with its arguments."""

from typing import Any, TypeAlias

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

Schedule: TypeAlias = LearningRateSchedule | float


def rate_at(schedule: Schedule, step: Any) -> Any:
    """Computes what `schedule` gives at `step`.

    Args:
        schedule: A number is a rate that never moves.
        step: A number or an integer tensor, counted from 0.

    Returns:
        A tensor of the shape of `step`; of shape [] where the schedule is a number.
    """
    if callable(schedule):
        return schedule(step)
    return ops.convert_to_tensor(schedule, dtype="float32")


class SavedSchedule(LearningRateSchedule):
    """A schedule that is saved and loaded by the arguments of its constructor."""

    def __init__(self, **arguments: Any):
        self._arguments = arguments

    def get_config(self) -> dict[str, Any]:
        return keras.saving.serialize_keras_object(self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**keras.saving.deserialize_keras_object(config))


def whole(step: Any) -> Any:
    """Converts a step to a whole number, so that boundaries fall exactly on it."""
    # JAX knows no larger ones unless it is told to, and warns of them.
    is_jax = keras.backend.backend() == "jax"
    return ops.convert_to_tensor(step, dtype="int32" if is_jax else "int64")


def check_positive(**counts: float) -> None:
    """Refuses a number of steps, epochs or cycles that is below 1.

    Raises:
        ValueError: One of them is below 1; the message names it.
    """
    for name, count in counts.items():
        if not count >= 1:
            raise ValueError(f"`{name}` must be at least 1. Received: {name}={count}.")
