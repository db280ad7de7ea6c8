"""Examples of several arrays: inputs or targets in dicts, for models of the user."""

import functools
from typing import Any

import numpy as np
import tensorflow as tf


class NestedExamples:
    """Examples in memory whose inputs, targets or both are dicts of arrays.

    Args:
        arrays: `(x, y)` or `(x, y, sample_weight)`; each an array or a dict of arrays,
            all of one length.
    """

    # An example is not one array.
    example_shape: tuple[int, ...] | None = None

    def __init__(self, arrays: tuple[Any, ...]):
        self._arrays = arrays
        self.num_examples = len(tf.nest.flatten(arrays)[0])

    @property
    def y(self) -> np.ndarray:
        """Nothing to tell examples apart by: any of them may be held out."""
        return np.zeros(self.num_examples, np.int32)

    def gather(self, indices: tf.Tensor) -> Any:
        return tf.nest.map_structure(
            lambda array: tf.gather(array, indices), self._tensors
        )

    def subset(self, indices: np.ndarray) -> "NestedExamples":
        return NestedExamples(
            tf.nest.map_structure(lambda array: array[indices], self._arrays)
        )

    @functools.cached_property
    def _tensors(self) -> Any:
        with tf.init_scope():
            return tf.nest.map_structure(_as_tensor, self._arrays)


def _as_tensor(array: np.ndarray) -> tf.Tensor:
    # As Keras converts what `fit` is given.
    is_double = array.dtype == np.float64
    return tf.constant(array.astype(np.float32) if is_double else array)
