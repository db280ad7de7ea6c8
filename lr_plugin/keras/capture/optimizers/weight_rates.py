"""Reads the rates that an adaptive optimizer gives to single weights."""

import dataclasses

import keras
import tensorflow as tf

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

    factor: tf.Tensor
    divisors: tf.Tensor
    is_measured: bool = False


def read_weight_rates(
    optimizer: keras.Optimizer,
    variable: keras.Variable,
    before: tf.Tensor,
    after: tf.Tensor,
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
    one = tf.ones([], tf.float32)
    if rule in (optimizers.Adam, optimizers.Nadam):
        # The update counts already: this t is the one that it used.
        t = tf.cast(optimizer_state.read_num_updates(optimizer), tf.float32)
        correction = 1 - tf.pow(tf.cast(optimizer.beta_2, tf.float32), t)
        is_amsgrad = getattr(optimizer, "amsgrad", False)
        name = "_velocity_hats" if is_amsgrad else "_velocities"
        v = _read_slot(optimizer, name, variable)
        if v is None:
            return None
        return WeightRates(one, tf.sqrt(v / correction) + optimizer.epsilon)
    if rule is optimizers.RMSprop:
        v = _read_slot(optimizer, "_velocities", variable)
        if v is not None and optimizer.centered:
            mean = _read_slot(optimizer, "_average_gradients", variable)
            # Less by rounding alone: a root of it would be no number.
            v = None if mean is None else tf.maximum(v - tf.square(mean), 0)
        return None if v is None else WeightRates(one, tf.sqrt(v + optimizer.epsilon))
    if rule is optimizers.Adagrad:
        v = _read_slot(optimizer, "_accumulators", variable)
        return None if v is None else WeightRates(one, tf.sqrt(v + optimizer.epsilon))
    if rule is optimizers.Adafactor:
        v = _read_slot(optimizer, "_v", variable)
        scale = tf.sqrt(tf.reduce_mean(tf.square(tf.cast(before, tf.float32))))
        factor = tf.maximum(scale, tf.cast(optimizer.epsilon_2, tf.float32))
        return None if v is None else WeightRates(factor, tf.sqrt(v))
    if isinstance(optimizer, optimizers.Adam) and not _is_of_keras(rule):
        return _measure(optimizer, variable, after - before)
    return None


def _measure(
    optimizer: keras.Optimizer, variable: keras.Variable, update: tf.Tensor
) -> WeightRates | None:
    m = _read_slot(optimizer, "_momentums", variable)
    if m is None:
        return None
    t = tf.cast(optimizer_state.read_num_updates(optimizer), tf.float32)
    m_hat = tf.abs(m / (1 - tf.pow(tf.cast(optimizer.beta_1, tf.float32), t)))
    moved = tf.abs(_spread(update))
    # A weight that did not move has the rate 0, or as good as that.
    least = tf.constant(1e-30, tf.float32)
    divisors = tf.maximum(m_hat, least) / tf.maximum(moved, least)
    return WeightRates(tf.ones([], tf.float32), divisors, is_measured=True)


def _is_of_keras(rule: type) -> bool:
    return rule.__module__.partition(".")[0] == "keras"


def _read_slot(
    optimizer: keras.Optimizer, name: str, variable: keras.Variable
) -> tf.Tensor | None:
    slots = getattr(optimizer, name, None) or []
    index = optimizer._trainable_variables_indices.get(optimizer._var_key(variable))
    if index is None or index >= len(slots) or slots[index] is None:
        return None
    return _spread(optimizer_state.to_tensor(slots[index]))


def _spread(values: tf.Tensor) -> tf.Tensor:
    """Takes values of some weights, evenly spread over the variable."""
    weights = tf.reshape(tf.cast(values, tf.float32), [-1])
    return weights[:: max(1, weights.shape[0] // _MAX_WEIGHTS)]
