"""Examples that a tf.data pipeline can ask for by their numbers."""

import functools
from collections.abc import Sequence
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


class ImageFiles:
    """Images on disk, read each time they are gathered: they need not fit in memory.

    Args:
        paths: One file per example: PNG, JPEG, WebP, BMP, or GIF (its first frame).
        y: What is to be predicted for each.
        size: Height and width to which images are resized, whatever their proportions.
        channels: 1 (grey) or 3.
    """

    def __init__(
        self,
        paths: Sequence[str],
        y: np.ndarray,
        *,
        size: tuple[int, int],
        channels: int,
    ):
        self._paths = np.array(paths)
        self.y = y
        self.num_examples = len(paths)
        self.example_shape = (*size, channels)

    def gather(self, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        paths, y = self._tensors
        bytes_ = tf.map_fn(
            self._read,
            tf.gather(paths, indices),
            fn_output_signature=tf.TensorSpec(self.example_shape, tf.uint8),
        )
        return as_floats(bytes_), tf.gather(y, indices)

    def subset(self, indices: np.ndarray) -> "ImageFiles":
        *size, channels = self.example_shape
        height, width = size
        return ImageFiles(
            self._paths[indices].tolist(),
            self.y[indices],
            size=(height, width),
            channels=channels,
        )

    def decoded(self) -> ArrayExamples:
        """Reads the same examples into memory."""
        x = np.empty((self.num_examples, *self.example_shape), np.uint8)
        images = tf.data.Dataset.from_tensor_slices(self._paths.tolist()).map(
            self._read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
        )
        for i, image in enumerate(images.as_numpy_iterator()):
            x[i] = image
        return ArrayExamples(x, self.y)

    def _read(self, path: tf.Tensor) -> tf.Tensor:
        height, width, channels = self.example_shape
        # A grey file has one channel anyway, and for BMP asking for one is an error.
        contents = tf.io.read_file(path)
        image = decode_image(contents, 0 if channels == 1 else channels)
        resized = tf.image.resize(image, (height, width), antialias=True)
        # Rounded to bytes, so that an example is the same from disk and from memory.
        image = tf.cast(tf.round(tf.clip_by_value(resized, 0, 255)), tf.uint8)
        return tf.ensure_shape(image, self.example_shape)

    @functools.cached_property
    def _tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.init_scope():
            return tf.constant(self._paths.tolist()), tf.constant(self.y)


def decode_image(contents: tf.Tensor, channels: int) -> tf.Tensor:
    """Decodes a file's contents to uint8 `[height, width, channels]`."""
    return tf.io.decode_image(contents, channels=channels, expand_animations=False)


def as_floats(x: tf.Tensor) -> tf.Tensor:
    """Converts numbers to float32; bytes become 0 to 1."""
    if x.dtype == tf.uint8:
        return tf.cast(x, tf.float32) / 255
    return x
