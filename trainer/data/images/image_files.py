"""Images on disk as examples: read whenever they are needed, or once into memory."""

import functools
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from trainer.data.examples import ArrayExamples, as_floats
from trainer.data.images.read_image import READ_ERRORS, in_parallel, read_image


class ImageFiles:
    """Images on disk, read each time they are gathered: they need not fit in memory.

    Args:
        paths: One file per example.
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
        # A list, because a name need not be text in any encoding.
        self._paths = list(paths)
        self.y = y
        self.num_examples = len(paths)
        self.example_shape = (*size, channels)

    def gather(self, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # Not stateful, so that batches are read side by side.
        images = tf.numpy_function(self._read_all, [indices], tf.uint8, stateful=False)
        images = tf.ensure_shape(images, (None, *self.example_shape))
        return as_floats(images), tf.gather(self._labels, indices)

    def subset(self, indices: np.ndarray) -> "ImageFiles":
        *size, channels = self.example_shape
        height, width = size
        return ImageFiles(
            [self._paths[i] for i in indices],
            self.y[indices],
            size=(height, width),
            channels=channels,
        )

    def decoded(self) -> tuple[ArrayExamples, list[str]]:
        """Reads the images into memory.

        Returns:
            Those that can be read, and the files of the others.
        """
        x = np.empty((self.num_examples, *self.example_shape), np.uint8)
        is_read = np.zeros(self.num_examples, bool)
        for i, image in enumerate(in_parallel(self._try_read, self._paths)):
            if image is not None:
                x[i], is_read[i] = image, True
        if is_read.all():
            return ArrayExamples(x, self.y), []
        corrupt = [self._paths[i] for i in np.flatnonzero(~is_read)]
        return ArrayExamples(x[is_read], self.y[is_read]), corrupt

    def _read_all(self, indices: np.ndarray) -> np.ndarray:
        # The batches themselves are read on several threads.
        return np.stack([self._read(self._paths[i]) for i in indices])

    def _try_read(self, path: str) -> np.ndarray | None:
        try:
            return self._read(path)
        except READ_ERRORS:
            return None

    def _read(self, path: str) -> np.ndarray:
        height, width, channels = self.example_shape
        return read_image(path, (height, width), channels)

    @functools.cached_property
    def _labels(self) -> tf.Tensor:
        with tf.init_scope():
            return tf.constant(self.y)
