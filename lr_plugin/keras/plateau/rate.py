"""Multiplies the rate of an optimizer, with or without a schedule."""

import contextlib
import importlib
from typing import Any, Protocol

import keras
import numpy as np
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.plateau.multiplied import Multiplied


class PlateauRate(Protocol):
    """The rate of one optimizer.

    Attributes:
        optimizer: Whose rate it is.
        multiplier: What its schedule is multiplied by; None without a schedule.
        learning_rate: The rate itself, where no schedule makes it; else None.
    """

    @property
    def optimizer(self) -> keras.Optimizer: ...

    @property
    def multiplier(self) -> float | None: ...

    @property
    def learning_rate(self) -> float | None: ...

    def multiply(self, factor: float) -> bool:
        """Multiplies the rate; returns False where it is at its floor already."""

    def restore(self, multiplier: float | None, learning_rate: float | None) -> None:
        """Makes the rate what it was when these were read; None changes nothing.

        Raises:
            ValueError: They were read from the other kind of rate.
        """


def take_rate(model: keras.Model, *, floor: float) -> PlateauRate:
    """Prepares the rate of a compiled model to be multiplied.

    A schedule is replaced by a `Multiplied` one, unless it is one already. A step that
    was traced with the former schedule is then traced again.

    Args:
        floor: No factor makes the rate lower than this.

    Raises:
        ValueError: There are several rates, or the rate is a plain function.
    """
    optimizer = model.optimizer
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    if hasattr(inner, "optimizers"):
        raise ValueError(
            "MultiplyOnPlateau multiplies the rate of one optimizer. Received: a "
            f"{type(inner).__name__}, which holds several. Compile the model with one "
            "of them."
        )
    # Keras offers no public way to ask an optimizer for its schedule.
    schedule = inner._learning_rate
    if isinstance(schedule, keras.Variable):
        return _PlainRate(optimizer, floor)
    if not isinstance(schedule, LearningRateSchedule):
        raise ValueError(
            "MultiplyOnPlateau needs an optimizer whose rate is a number or a "
            f"LearningRateSchedule. Received: a {type(schedule).__name__}. Make it a "
            "keras.optimizers.schedules.LearningRateSchedule."
        )
    if not isinstance(schedule, Multiplied):
        with _strategy_scope(model):
            schedule = Multiplied(schedule, floor=floor)
    elif schedule.floor != floor:
        schedule = Multiplied(schedule.schedule, schedule.multiplier, floor)
    if schedule is not inner._learning_rate:
        inner.learning_rate = schedule
        # In time: Keras makes the next step after it has given the model to callbacks.
        model.train_function = None
    return _ScheduledRate(optimizer, schedule.multiplier)


class _ScheduledRate:
    """A rate that a `Multiplied` schedule makes."""

    learning_rate = None

    def __init__(self, optimizer: keras.Optimizer, variable: keras.Variable):
        self.optimizer = optimizer
        self._variable = variable
        self._multiplier = self._read = _number(variable)

    @property
    def multiplier(self) -> float:
        read = _number(self._variable)
        if read != self._read:
            # It was changed from outside. Otherwise the number here is kept, which has
            # more digits than the variable.
            self._multiplier = self._read = read
        return self._multiplier

    def multiply(self, factor: float) -> bool:
        multiplier, before = self.multiplier, _number(self.optimizer.learning_rate)
        self._assign(multiplier * factor)
        if _number(self.optimizer.learning_rate) != before:
            return True
        self._assign(multiplier)
        return False

    def restore(self, multiplier: float | None, learning_rate: float | None) -> None:
        if learning_rate is not None:
            raise _other_kind_error("no schedule", "one")
        if multiplier is not None:
            self._assign(multiplier)

    def _assign(self, multiplier: float) -> None:
        self._variable.assign(multiplier)
        self._multiplier, self._read = multiplier, _number(self._variable)
        if keras.backend.backend() == "jax":
            # Keras gives the compiled step only the variables of model and optimizer.
            # Others are constants in it until it is traced again.
            importlib.import_module("jax").clear_caches()


class _PlainRate:
    """A rate that is a variable of the optimizer, which may be set from outside too."""

    multiplier = None

    def __init__(self, optimizer: keras.Optimizer, floor: float):
        self.optimizer = optimizer
        self._floor = floor

    @property
    def learning_rate(self) -> float:
        return _number(self.optimizer.learning_rate)

    def multiply(self, factor: float) -> bool:
        rate = self.learning_rate
        if rate <= np.float32(self._floor):
            return False
        self.optimizer.learning_rate = max(rate * factor, self._floor)
        return True

    def restore(self, multiplier: float | None, learning_rate: float | None) -> None:
        if multiplier is not None:
            raise _other_kind_error("a schedule", "none")
        if learning_rate is not None:
            self.optimizer.learning_rate = learning_rate


def _number(value: Any) -> float:
    return float(ops.convert_to_numpy(value))


def _strategy_scope(model: keras.Model) -> Any:
    # Only TensorFlow has strategies.
    strategy = getattr(model, "distribute_strategy", None)
    return contextlib.nullcontext() if strategy is None else strategy.scope()


def _other_kind_error(kept: str, found: str) -> ValueError:
    return ValueError(
        "The state of MultiplyOnPlateau must be that of a like optimizer. Received: a "
        f"state that was kept with {kept}, an optimizer with {found}. Compile the "
        "model as it was compiled then, or assign no state."
    )
