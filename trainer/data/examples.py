"""Examples that a tf.data pipeline can ask for by their numbers."""

import functools
from typing import Any, Protocol

import numpy as np
import tensorflow as tf


class Examples(Protocol):
    """A set of examples, numbered from 0.

    Attributes:
        num_examples: How many there are.
        example_shape: The shape of one, such as `(28, 28, 1)`; None where an example
            is more than one array.
        y: What is to be predicted for each.
    """

    num_examples: int
    example_shape: Any

    @property
    def y(self) -> np.ndarray: ...

    def gather(self, indices: tf.Tensor) -> tuple[Any, ...]:
        """Reads some of the examples, in the order of `indices`; can be compiled.

        Returns:
            Examples, float32 `[num_indices, *example_shape]`, and what is to be
            predicted for each; and where they have weights, these.
        """

    def subset(self, indices: np.ndarray) -> "Examples":
        """Takes the examples with these numbers; they are numbered anew."""


class ArrayExamples:
    """Examples in memory.

    Bytes stay bytes, which take a quarter of the memory, until they are gathered; then
    they are divided by 255.

    Args:
        x: uint8 or float32 `[n, ...]`.
        y: `[n]` or `[n, k]`.
        weights: How much each counts in the loss, float32 `[n]`; all alike if None.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None):
        self._arrays = (x, y) if weights is None else (x, y, weights)
        self.num_examples = len(x)
        self.example_shape = x.shape[1:]

    @functools.cached_property
    def x(self) -> np.ndarray:
        """All examples as `gather` gives them."""
        x = self._arrays[0]
        return x.astype(np.float32) / 255 if x.dtype == np.uint8 else x

    @property
    def y(self) -> np.ndarray:
        return self._arrays[1]

    @property
    def value_range(self) -> tuple[float, float]:
        """Bounds of what `gather` gives; for bytes 0 and 1, whatever the bytes are."""
        x = self._arrays[0]
        return (0.0, 1.0) if x.dtype == np.uint8 else (float(x.min()), float(x.max()))

    def gather(self, indices: tf.Tensor) -> tuple[tf.Tensor, ...]:
        x, *others = (tf.gather(array, indices) for array in self._tensors)
        return as_floats(x), *others

    def subset(self, indices: np.ndarray) -> "ArrayExamples":
        return ArrayExamples(*(array[indices] for array in self._arrays))

    @functools.cached_property
    def _tensors(self) -> tuple[tf.Tensor, ...]:
        # Eagerly even while a pipeline is traced, so that all pipelines share them.
        with tf.init_scope():
            return tuple(map(tf.constant, self._arrays))


def as_floats(x: tf.Tensor) -> tf.Tensor:
    """Converts numbers to float32; bytes become 0 to 1."""
    if x.dtype == tf.uint8:
        return tf.cast(x, tf.float32) / 255
    return x
