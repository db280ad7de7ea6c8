"""Reads from a Keras optimizer what its next update will use.

Every function here is called inside the training step, before the update: afterwards
Keras already answers with the next step's rate. The results are tensors of the backend,
symbolic ones where the step is being traced.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

from lr_plugin.keras.capture.optimizers.used_rate import defining_class

_ADAM_LIKE = (keras.optimizers.Adam, keras.optimizers.Adamax)


def inner_optimizer(optimizer: keras.Optimizer) -> keras.Optimizer:
    """Returns the optimizer that updates the weights, below any loss scaling."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def parts(optimizer: keras.Optimizer) -> dict[str, keras.Optimizer]:
    """Returns the optimizers of a `keras.optimizers.MultiOptimizer` by unique names.

    Empty for any other optimizer, and for one that has not chosen its parts yet.
    """
    found: dict[str, keras.Optimizer] = {}
    for each in getattr(inner_optimizer(optimizer), "optimizers", ()):
        name, number = str(each.name), 2
        while name in found:
            name, number = f"{each.name}_{number}", number + 1
        found[name] = each
    return found


def leaves(optimizer: keras.Optimizer) -> dict[str, keras.Optimizer]:
    """Returns the optimizers that update weights, by name; one alone by ""."""
    inner = inner_optimizer(optimizer)
    return parts(optimizer) if hasattr(inner, "optimizers") else {"": inner}


def read_position(optimizer: keras.Optimizer) -> Any:
    """Reads the step for which the schedule is asked.

    With gradient accumulation Keras' public `iterations` counts updates, while its
    schedules are asked for micro-batches; those are counted by `_iterations` alone.
    """
    return to_tensor(inner_optimizer(optimizer)._iterations)


def read_num_updates(optimizer: keras.Optimizer) -> Any:
    """Reads how many updates were really applied so far."""
    return to_tensor(optimizer.iterations)


def accumulation_steps(optimizer: keras.Optimizer) -> int:
    """Returns the number of micro-batches that make one update."""
    inner = inner_optimizer(optimizer)
    return getattr(inner, "gradient_accumulation_steps", None) or 1


class StepSizeRule(NamedTuple):
    """What makes the bias-corrected step size of a rate, for any number of updates.

    For Adam and AdamW rate * sqrt(1 - beta_2^t) / (1 - beta_1^t), for Adamax
    rate / (1 - beta_1^t), with t counted from 1, in the precision in which Keras
    computes it.

    Source: Kingma & Ba, Adam: A Method for Stochastic Optimization, 2015, end of
    section 2 and algorithm 2, https://arxiv.org/abs/1412.6980.

    Attributes:
        beta_1: A number, or a variable.
        beta_2: Likewise; None for Adamax.
    """

    beta_1: Any
    beta_2: Any

    @property
    def is_fixed(self) -> bool:
        """Whether it holds numbers alone, so that equal rules do the same."""
        return isinstance(self.beta_1, float) and (
            self.beta_2 is None or isinstance(self.beta_2, float)
        )

    def __call__(self, learning_rate: Any, num_updates: Any) -> Any:
        """Computes it of rates and of numbers of updates before, of equal shapes."""
        dtype = learning_rate.dtype
        t = ops.cast(num_updates + 1, dtype)
        correction = 1 - ops.power(ops.cast(self.beta_1, dtype), t)
        if self.beta_2 is None:
            return learning_rate / correction
        second = 1 - ops.power(ops.cast(self.beta_2, dtype), t)
        return learning_rate * ops.sqrt(second) / correction


def step_size_rule(optimizer: keras.Optimizer) -> StepSizeRule | None:
    """Returns the rule of an inner optimizer's step size; None where it has none.

    Nadam, Lamb and ScheduleFreeAdamW correct the moments, not the rate, and an
    `update_step` of the program's own may do anything.
    """
    rule = defining_class(optimizer)
    if rule not in _ADAM_LIKE:
        return None
    beta_2 = None if rule is keras.optimizers.Adamax else optimizer.beta_2
    return StepSizeRule(optimizer.beta_1, beta_2)


def read_momentum(optimizer: keras.Optimizer) -> Any | None:
    """Reads an inner optimizer's momentum (Adam's beta_1) if training can change it.

    Keras bakes a plain number into the compiled step; only a variable can change.
    """
    momentum = getattr(optimizer, "momentum", getattr(optimizer, "beta_1", None))
    if isinstance(momentum, keras.Variable) or hasattr(momentum, "assign"):
        return to_tensor(momentum)
    return None


def to_tensor(value: Any) -> Any:
    """Reads a value, a variable of Keras among them, as it is here and now.

    A tensor that later updates do not change: PyTorch's change variables in place, and
    TensorFlow reads one where it is used.
    """
    if isinstance(value, keras.Variable):
        value = value.value
    if not hasattr(value, "requires_grad"):
        return ops.copy(value)
    # A tensor of PyTorch. `ops.copy` does the same in the time of four copies.
    return (value.detach() if value.requires_grad else value).clone()
