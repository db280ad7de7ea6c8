"""Measures the layers with TensorFlow: in the step, and in a function of its own."""

from collections.abc import Mapping, Sequence

import keras
import numpy as np
import tensorflow as tf

from lr_plugin.keras.capture.layers.layer_measure import LayerMeasure


class CompiledMeasure(LayerMeasure):
    """Measures all trainable variables of a model."""

    def __init__(self, model: keras.Model, optimizers: Mapping[str, keras.Optimizer]):
        super().__init__(model, optimizers)
        self._compiled = tf.function(self.table, autograph=False, jit_compile=False)

    def __call__(self, before: Sequence[tf.Tensor]) -> np.ndarray:
        """Measures the update that was made last, eagerly."""
        return self._compiled(list(before)).numpy()

    def _select(self, values: tf.Tensor, places: Sequence[int]) -> Sequence[tf.Tensor]:
        return select_in_order(values, places)


def select_in_order(values: tf.Tensor, places: Sequence[int]) -> Sequence[tf.Tensor]:
    """Returns the values that stand at these places once they are in order.

    On a CPU NumPy sorts many times as fast as TensorFlow does, and than it finds three
    places itself; a GPU sorts faster than it would send the values to the host.
    """
    if tf.config.list_logical_devices("GPU"):
        ordered = tf.sort(values)
        return [ordered[place] for place in places]

    def select(host_values: np.ndarray) -> np.ndarray:
        return np.sort(host_values)[list(places)]

    if tf.executing_eagerly():
        return list(select(values.numpy()))
    selected = tf.numpy_function(select, [values], values.dtype, stateful=False)
    return tf.unstack(tf.ensure_shape(selected, [len(places)]))
