"""The schedule that the user's function returns."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.schedules import Schedule
from trainer.errors import ConfigError, first_line
from trainer.planning.schedule_numbers import ScheduleNumbers
from trainer.settings.imported_function import call_function


def build_user_schedule(numbers: ScheduleNumbers) -> Schedule:
    """Calls --schedule=module:function, and asks what it returns for every rate.

    Raises:
        ConfigError: It cannot be called, or does not give a rate for each update.
    """
    text = str(numbers.flags.schedule)
    length = numbers.run_length
    returned = call_function(
        "schedule",
        text,
        learning_rate=numbers.learning_rate,
        num_steps=numbers.num_left,
        steps_per_epoch=length.batches_per_epoch // length.batches_per_update,
        epochs=length.num_epochs,
    )
    num_steps = numbers.num_left
    if isinstance(returned, LearningRateSchedule):
        schedule: Schedule = UserSchedule(text, returned)
        # Enough to see what is wrong at all; a million steps would take minutes.
        steps = sorted({0, num_steps // 2, num_steps - 1})
        rates = _ask(text, returned, steps)
    elif callable(returned):
        steps = list(range(num_steps))
        rates = _ask(text, returned, steps)
        schedule = UserSchedule(text, _Table(np.array(rates, np.float32)))
    elif isinstance(returned, int | float) and not isinstance(returned, bool):
        steps, rates, schedule = [0], [float(returned)], float(returned)
    else:
        kind = "None" if returned is None else f"a {type(returned).__name__}"
        raise _error(text, kind)
    for step, rate in zip(steps, rates, strict=True):
        if not (math.isfinite(rate) and rate >= 0):
            raise _error(text, f"{rate} for step {step}")
    return schedule


class UserSchedule(LearningRateSchedule):
    """The user's schedule, of which only its name is kept with the run.

    Args:
        function: What it is called, `module:function`.
        schedule: What the function returned, or a table of that.
    """

    def __init__(self, function: str, schedule: Callable[[Any], Any]):
        self.function = function
        self._schedule = schedule

    def __call__(self, step: Any) -> Any:
        return self._schedule(step)

    def get_config(self) -> dict[str, Any]:
        return {"function": self.function}


class _Table:
    """The rates of a run, `[num_steps]`, computed before it; then the last of them.

    So any Python may give them, also what TensorFlow cannot trace.
    """

    def __init__(self, rates: np.ndarray):
        self._rates = rates

    def __call__(self, step: Any) -> Any:
        step = ops.minimum(ops.convert_to_tensor(step, "int64"), len(self._rates) - 1)
        return ops.take(ops.convert_to_tensor(self._rates), step)


def _ask(
    text: str, schedule: Callable[[int], Any], steps: Iterable[int]
) -> list[float]:
    # The user's code may raise anything.
    try:
        return [float(schedule(step)) for step in steps]
    except Exception as error:
        raise _error(
            text, f"one that raised {type(error).__name__}: {first_line(error)}"
        ) from error


def _error(text: str, received: str) -> ConfigError:
    return ConfigError(
        "`--schedule` must name a function that returns a LearningRateSchedule of "
        "Keras, a number, or a function of the step, whose rates are finite and at "
        f"least 0. Received: --schedule={text}, which returned {received}. Correct it."
    )
