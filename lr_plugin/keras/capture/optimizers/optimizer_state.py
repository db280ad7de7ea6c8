"""Reads from a Keras optimizer what its next update will use.

Every function here is called inside the training step, before the update: afterwards
Keras already answers with the next step's rate. The results are tensors of the backend,
symbolic ones where the step is being traced.
"""

from typing import Any

import keras
from keras import ops


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
    return parts(inner) if hasattr(inner, "optimizers") else {"": inner}


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
    TensorFlow reads one where it is used. Nothing changes an array of JAX.
    """
    if isinstance(value, keras.Variable):
        value = value.value
    if hasattr(value, "requires_grad"):
        # A tensor of PyTorch. `ops.copy` does the same in the time of four copies.
        return (value.detach() if value.requires_grad else value).clone()
    if keras.backend.backend() == "jax" and ops.is_tensor(value):
        return value
    return ops.copy(value)
