"""Reads the rates that an adaptive optimizer gives to single weights."""

import dataclasses
from typing import Any

import keras
from keras import ops

from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.used_rate import defining_class

# Quantiles are those of this many of a layer's weights, evenly spread over it.
_MAX_WEIGHTS = 2048


@dataclasses.dataclass(frozen=True)
class WeightRates:
    """The rate of single weights is rate * factor / divisors.

    Attributes:
        factor: Shape [].
        is_measured: Whether it is 1 * factor / divisors instead, whatever the rate.
        divisors: float32 of shape [num_weights], at most twice `_MAX_WEIGHTS` of them,
            evenly spread over the variable.
    """

    factor: Any
    divisors: Any
    is_measured: bool = False


def read_weight_rates(
    optimizer: keras.Optimizer,
    variable: keras.Variable,
    before: Any,
    after: Any,
) -> WeightRates | None:
    """Reads, after an update, what it divided the rate by, weight by weight.

    With v_hat = v / (1 - beta_2^t) and t the number of the update:

    - sqrt(v_hat) + epsilon for Adam, AdamW (Kingma & Ba 2015, algorithm 1) and Nadam.
    - sqrt(v + epsilon) for RMSprop, with v less the squared mean where it is centered,
      and for Adagrad.
    - sqrt(v) for Adafactor, with the factor max(epsilon_2, RMS(weights)); before it
      clips the update (Shazeer & Stern 2018, algorithm 5).

    All as Keras computes them. A subclass of Adam with an `update_step` of its own may
    compute otherwise: there the rate is measured, |update| / |m_hat| of each weight,
    with m_hat = m / (1 - beta_1^t); weight decay is then part of the update.

    Args:
        optimizer: One without others in it.
        before, after: The weights before and after the update, float32.

    Returns:
        None where all weights have the same rate, where it is not known how the
        optimizer computes its updates, and where it keeps nothing for this variable.
    """
    rule, optimizers = defining_class(optimizer), keras.optimizers
    one = ops.ones((), "float32")
    if rule in (optimizers.Adam, optimizers.Nadam):
        # The update counts already: this t is the one that it used.
        t = ops.cast(optimizer_state.read_num_updates(optimizer), "float32")
        correction = 1 - ops.power(ops.cast(optimizer.beta_2, "float32"), t)
        is_amsgrad = getattr(optimizer, "amsgrad", False)
        name = "_velocity_hats" if is_amsgrad else "_velocities"
        v = _read_slot(optimizer, name, variable)
        if v is None:
            return None
        return WeightRates(one, ops.sqrt(v / correction) + optimizer.epsilon)
    if rule is optimizers.RMSprop:
        v = _read_slot(optimizer, "_velocities", variable)
        if v is not None and optimizer.centered:
            mean = _read_slot(optimizer, "_average_gradients", variable)
            # Less by rounding alone: a root of it would be no number.
            v = None if mean is None else ops.maximum(v - ops.square(mean), 0)
        return None if v is None else WeightRates(one, ops.sqrt(v + optimizer.epsilon))
    if rule is optimizers.Adagrad:
        v = _read_slot(optimizer, "_accumulators", variable)
        return None if v is None else WeightRates(one, ops.sqrt(v + optimizer.epsilon))
    if rule is optimizers.Adafactor:
        v = _read_slot(optimizer, "_v", variable)
        scale = ops.sqrt(ops.mean(ops.square(ops.cast(before, "float32"))))
        factor = ops.maximum(scale, ops.cast(optimizer.epsilon_2, "float32"))
        return None if v is None else WeightRates(factor, ops.sqrt(v))
    if isinstance(optimizer, optimizers.Adam) and not _is_of_keras(rule):
        return _measure(optimizer, variable, after - before)
    return None


def _measure(
    optimizer: keras.Optimizer, variable: keras.Variable, update: Any
) -> WeightRates | None:
    m = _read_slot(optimizer, "_momentums", variable)
    if m is None:
        return None
    t = ops.cast(optimizer_state.read_num_updates(optimizer), "float32")
    m_hat = ops.abs(m / (1 - ops.power(ops.cast(optimizer.beta_1, "float32"), t)))
    moved = ops.abs(_spread(update))
    # A weight that did not move has the rate 0, or as good as that.
    least = ops.convert_to_tensor(1e-30, "float32")
    divisors = ops.maximum(m_hat, least) / ops.maximum(moved, least)
    return WeightRates(ops.ones((), "float32"), divisors, is_measured=True)


def _is_of_keras(rule: type) -> bool:
    return rule.__module__.partition(".")[0] == "keras"


def _read_slot(
    optimizer: keras.Optimizer, name: str, variable: keras.Variable
) -> Any | None:
    slots = getattr(optimizer, name, None) or []
    index = optimizer._trainable_variables_indices.get(optimizer._var_key(variable))
    if index is None or index >= len(slots) or slots[index] is None:
        return None
    return _spread(optimizer_state.to_tensor(slots[index]))


def _spread(values: Any) -> Any:
    """Takes values of some weights, evenly spread over the variable."""
    weights = ops.reshape(ops.cast(values, "float32"), [-1])
    return weights[:: max(1, weights.shape[0] // _MAX_WEIGHTS)]
