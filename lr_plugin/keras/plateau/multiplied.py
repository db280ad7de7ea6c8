"""A schedule times a number that changes while the model trains."""

from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.schedules.registration import registered
from lr_plugin.keras.schedules.schedule import Schedule, rate_at


@registered
class Multiplied(LearningRateSchedule):
    """A schedule times a variable: rate(i) = max(multiplier * schedule(i), floor).

    It is never above schedule(i). To be made in the strategy's scope, because the
    multiplier is a variable. That is saved and loaded with the schedule's
    configuration, and so with the model.

    Args:
        schedule: What to multiply; a number for a constant rate.
        multiplier: Its first value; a variable is shared.
        floor: The multiplier makes no rate lower than this.
    """

    def __init__(
        self,
        schedule: Schedule,
        multiplier: float | keras.Variable = 1.0,
        floor: float = 0.0,
    ):
        self.schedule = schedule
        self.floor = floor
        if not isinstance(multiplier, keras.Variable):
            multiplier = keras.Variable(
                multiplier,
                trainable=False,
                aggregation="only_first_replica",
                name="plateau_multiplier",
            )
        self.multiplier = multiplier

    def __call__(self, step: Any) -> Any:
        rate = ops.convert_to_tensor(rate_at(self.schedule, step))
        reduced = ops.maximum(rate * ops.cast(self.multiplier, rate.dtype), self.floor)
        return ops.minimum(rate, reduced)

    def get_config(self) -> dict[str, Any]:
        return {
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "multiplier": float(ops.convert_to_numpy(self.multiplier)),
            "floor": self.floor,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        schedule = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(schedule, multiplier=config["multiplier"], floor=config["floor"])
