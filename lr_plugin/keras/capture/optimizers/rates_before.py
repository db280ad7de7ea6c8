"""What is known, before an update, of the rates that it will use."""

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import keras

from lr_plugin.keras.capture.optimizers import optimizer_state

_Schedule = keras.optimizers.schedules.LearningRateSchedule
_CONTAINERS = (dict, list, set, tuple)
_COPIED = (_Schedule, *_CONTAINERS)


class RatesBefore:
    """What an update may change of its rates, and what it will ask out of sight.

    A schedule of the program's own may count how often it is called. Where Keras calls
    one in a branch, out of which nothing can be taken, a copy is asked the same, so
    that the schedule itself is called as often as without.
    """

    def __init__(self, optimizer: keras.Optimizer):
        """Reads variables, and rates for which a class has a rule of its own."""
        self._values: dict[int, Any] = {}
        self._schedules: dict[int, Any] = {}
        is_scaled = optimizer_state.inner_optimizer(optimizer) is not optimizer
        for each in optimizer_state.leaves(optimizer).values():
            rate = getattr(each, "_learning_rate", None)
            if type(each).learning_rate is not keras.Optimizer.learning_rate:
                rate = each.learning_rate
                self._values[id(each)] = optimizer_state.to_tensor(rate)
            elif isinstance(rate, keras.Variable):
                self._values[id(each)] = optimizer_state.to_tensor(rate)
            elif isinstance(rate, _Schedule) and (
                is_scaled or optimizer_state.accumulation_steps(each) > 1
            ):
                self._schedules[id(each)] = copied(rate)

    def value(self, optimizer: keras.Optimizer) -> Any:
        """Returns what was read of an optimizer, of shape []; None if nothing was."""
        return self._values.get(id(optimizer))

    def ask(self, optimizer: keras.Optimizer, position: Any) -> Any:
        """Asks a copy of an optimizer's schedule, where Keras did so out of sight.

        Returns a tensor of shape []; None where a function gives the rate: of what that
        does there is no copy.
        """
        rate = self._schedules.get(id(optimizer), optimizer._learning_rate)
        if isinstance(rate, _Schedule):
            # Of one that nobody has asked there is no copy yet.
            rate = copied(rate)(position)
        return None if callable(rate) else optimizer_state.to_tensor(rate)


@contextlib.contextmanager
def schedules_copied(optimizers: Iterable[keras.Optimizer]) -> Iterator[None]:
    """Lets copies of the optimizers' schedules be called meanwhile, see `copied`."""
    owners = [
        each
        for optimizer in optimizers
        for each in optimizer_state.leaves(optimizer).values()
        if isinstance(getattr(each, "_learning_rate", None), _Schedule)
    ]
    schedules = [each._learning_rate for each in owners]
    try:
        for owner, schedule in zip(owners, schedules, strict=True):
            vars(owner)["_learning_rate"] = copied(schedule)
        yield
    finally:
        for owner, schedule in zip(owners, schedules, strict=True):
            vars(owner)["_learning_rate"] = schedule


def copied(value: Any) -> Any:
    """Copies a schedule, and the schedules, lists and dictionaries that it holds.

    Variables are shared: to call a schedule reads them. So are Keras' own schedules,
    which a call does not change.
    """
    if isinstance(value, _Schedule):
        if type(value).__module__ == _Schedule.__module__:
            return value
        # Whatever the class does where it is made, copied or pickled.
        found = object.__new__(type(value))
        vars(found).update({name: copied(each) for name, each in vars(value).items()})
        return found
    if type(value) in _CONTAINERS:
        items = value.values() if type(value) is dict else value
        if not any(issubclass(each, _COPIED) for each in set(map(type, items))):
            # Perhaps the rates of all steps: as quick as it can be.
            return type(value)(value)
        if type(value) is dict:
            return {key: copied(each) for key, each in value.items()}
        return type(value)(map(copied, value))
    return value
