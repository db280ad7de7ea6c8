"""Momentum that moves during training, and that the updates really use.

Keras compiles `momentum` and `beta_1` into the step as constants, so that setting them
later changes nothing. A variable in their place is read in every update.
"""

import inspect
from typing import Any

import keras
import numpy as np

from lr_plugin.keras.schedules import Schedule, rate_at


def with_moving_momentum(
    optimizer_class: type[keras.optimizers.Optimizer], schedule: Schedule
) -> type[keras.optimizers.Optimizer]:
    """Makes a subclass whose momentum (beta_1 in the Adam family) follows `schedule`.

    Between updates the variable holds what the next one will use. It is a variable of
    the optimizer, saved and restored with the others.

    Args:
        optimizer_class: One with `momentum` or `beta_1`.
        schedule: The momentum by step, as a schedule gives the learning rate.
    """

    class WithMovingMomentum(optimizer_class):
        def __init__(self, **arguments: Any):
            first = float(rate_at(schedule, 0))
            name = _momentum_name(optimizer_class)
            super().__init__(**{**arguments, name: first})
            setattr(self, name, _Momentum(first))

        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            super().apply(grads, trainable_variables)
            name = _momentum_name(optimizer_class)
            getattr(self, name).assign(rate_at(schedule, self._iterations))

        def get_config(self) -> dict[str, Any]:
            # As of the class without this, with the momentum of this moment.
            config = super().get_config()
            name = _momentum_name(optimizer_class)
            config[name] = float(config[name].value.numpy())
            return config

    # The name is shown with a run, and to the user it is still this optimizer.
    WithMovingMomentum.__name__ = optimizer_class.__name__
    return WithMovingMomentum


class _Momentum(keras.Variable):
    """A variable that counts as a number above 0 while the step is traced.

    SGD and RMSprop ask then with `!= 0` and `> 0` whether there is momentum at all. The
    answer must be True, not a tensor.
    """

    def __init__(self, value: float):
        super().__init__(
            np.float32(value),
            trainable=False,
            aggregation="only_first_replica",
            name="moving_momentum",
        )

    def __ne__(self, other: object) -> bool:
        return True

    def __gt__(self, other: object) -> bool:
        return True

    __hash__ = keras.Variable.__hash__


def _momentum_name(optimizer_class: type[keras.optimizers.Optimizer]) -> str:
    parameters = inspect.signature(optimizer_class).parameters
    return "momentum" if "momentum" in parameters else "beta_1"
