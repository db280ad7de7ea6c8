"""The order of the training data: a function of seed and epoch, and of nothing else.

So a run that is resumed in the middle of an epoch reads exactly what it would have.
"""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf


class EpochBatches:
    """The batches of each epoch of a training set.

    Args:
        x, y: Examples `[n, ...]` and labels `[n]`.
        batch_size: The last batch of an epoch may be smaller.
        seed: Another seed, another order.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, *, batch_size: int, seed: int):
        self._x = tf.constant(x)
        self._y = tf.constant(y)
        self._batch_size = batch_size
        self._seed = seed
        self._num_examples = len(x)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(self._num_examples / self._batch_size)

    def dataset(
        self, epoch: int | tf.Variable, first_batch: int = 0
    ) -> tf.data.Dataset:
        """The batches of one epoch, in order, from `first_batch` on.

        Args:
            epoch: Counted from 0. A variable is read each time an iterator starts,
                so that one dataset serves every epoch of a fit.
            first_batch: How many batches to leave out, without reading them.
        """
        num_batches = self.steps_per_epoch - first_batch
        return (
            tf.data.Dataset.range(1)
            .flat_map(lambda _: self._batch_indices(epoch, first_batch))
            .map(self._gather, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
            .apply(tf.data.experimental.assert_cardinality(num_batches))
            .prefetch(tf.data.AUTOTUNE)
        )

    def _batch_indices(
        self, epoch: int | tf.Variable, first_batch: int
    ) -> tf.data.Dataset:
        order = tf.random.experimental.stateless_shuffle(
            tf.range(self._num_examples), seed=[self._seed, epoch]
        )
        indices = tf.data.Dataset.from_tensor_slices(order).batch(self._batch_size)
        return indices.skip(first_batch)

    def _gather(self, indices: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.gather(self._x, indices), tf.gather(self._y, indices)


class Position(keras.callbacks.Callback):
    """Where in the data a training is; to be the first of its callbacks.

    Attributes:
        epoch: The epoch that runs, a variable for `EpochBatches.dataset`.
        num_batches: Batches of this epoch that have been trained.
    """

    def __init__(self):
        super().__init__()
        self.epoch = tf.Variable(0, dtype=tf.int32, trainable=False)
        self.num_batches = 0

    @property
    def epoch_number(self) -> int:
        return int(self.epoch.numpy())

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        # Keras starts the epoch's iterator after this.
        self.epoch.assign(epoch)
        self.num_batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # The last call of several steps may be cut short by the end of the epoch.
        self.num_batches = min(batch + 1, self.params["steps"])
