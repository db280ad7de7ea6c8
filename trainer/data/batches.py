"""The order of the training data, which follows from seed and epoch alone.

So a run that is resumed in the middle of an epoch reads the same batches as one that
was never interrupted.
"""

import math
from collections.abc import Collection
from typing import Any, Protocol

import keras
import tensorflow as tf

from trainer.data.augmentation import augment_images
from trainer.data.examples import Examples

# AutoGraph rewrites conditions and loops over tensors, of which there are none here:
# half a second at the start of each program.
_as_it_is = tf.autograph.experimental.do_not_convert


class TrainingBatches(Protocol):
    """The training data, epoch by epoch.

    Attributes:
        steps_per_epoch: How many batches make an epoch.
        never_ends: Whether the data has no end, so that only `steps_per_epoch` ends an
            epoch.
        resume_line: Tells the user how --resume changes the order; empty where it does
            not.
    """

    @property
    def steps_per_epoch(self) -> int: ...

    @property
    def never_ends(self) -> bool: ...

    @property
    def resume_line(self) -> str: ...

    def dataset(
        self, epoch: int | tf.Variable, first_batch: int = 0
    ) -> tf.data.Dataset | keras.utils.PyDataset:
        """Gives the batches of an epoch, for `fit`.

        Args:
            epoch: Counted from 0. A variable is read each time an epoch starts, so
                that one dataset serves every epoch of a fit.
            first_batch: How many batches of the epoch to leave out.
        """

    def endless(self) -> tf.data.Dataset | keras.utils.PyDataset:
        """Gives batches without an end, or data that can be read again and again."""


class EpochBatches:
    """The batches of each epoch of a training set.

    Args:
        examples: The training set.
        batch_size: The last batch of an epoch may be smaller.
        seed: Decides the order, together with the epoch.
        augment: How images are changed at random, differently in each epoch.
    """

    never_ends = False
    resume_line = ""

    def __init__(
        self,
        examples: Examples,
        *,
        batch_size: int,
        seed: int,
        augment: Collection[str] = (),
    ):
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._augment = tuple(augment)

    @property
    def steps_per_epoch(self) -> int:
        return math.ceil(self._examples.num_examples / self._batch_size)

    def dataset(
        self, epoch: int | tf.Variable, first_batch: int = 0
    ) -> tf.data.Dataset:
        num_batches = self.steps_per_epoch - first_batch
        return (
            tf.data.Dataset.range(1)
            .flat_map(_as_it_is(lambda _: self._batch_indices(epoch, first_batch)))
            .map(
                _as_it_is(self._read),
                num_parallel_calls=tf.data.AUTOTUNE,
                deterministic=True,
            )
            .apply(tf.data.experimental.assert_cardinality(num_batches))
            .prefetch(tf.data.AUTOTUNE)
        )

    def endless(self) -> tf.data.Dataset:
        return (
            tf.data.Dataset.range(tf.int32.max)
            .flat_map(_as_it_is(lambda n: self._batch_indices(tf.cast(n, tf.int32), 0)))
            .map(
                _as_it_is(self._read),
                num_parallel_calls=tf.data.AUTOTUNE,
                deterministic=True,
            )
            .prefetch(tf.data.AUTOTUNE)
        )

    def _batch_indices(
        self, epoch: int | tf.Tensor | tf.Variable, first_batch: int
    ) -> tf.data.Dataset:
        """Gives epoch, number and examples of each batch of an epoch."""
        order = tf.random.experimental.stateless_shuffle(
            tf.range(self._examples.num_examples), seed=[self._seed, epoch]
        )
        indices = tf.data.Dataset.from_tensor_slices(order).batch(self._batch_size)
        return tf.data.Dataset.zip(
            tf.data.Dataset.from_tensors(tf.cast(epoch, tf.int32)).repeat(),
            tf.data.Dataset.range(first_batch, self.steps_per_epoch),
            indices.skip(first_batch),
        )

    def _read(
        self, epoch: tf.Tensor, batch: tf.Tensor, indices: tf.Tensor
    ) -> tuple[Any, ...]:
        x, *others = self._examples.gather(indices)
        if self._augment:
            seed = tf.random.experimental.stateless_fold_in(
                tf.stack([self._seed, epoch]), tf.cast(batch, tf.int32)
            )
            x = augment_images(x, self._augment, seed)
        return x, *others


def batches_in_order(examples: Examples, batch_size: int) -> tf.data.Dataset:
    """Gives all examples in the order of their numbers, for validation."""
    return (
        tf.data.Dataset.range(examples.num_examples)
        .batch(batch_size)
        .map(
            _as_it_is(examples.gather),
            num_parallel_calls=tf.data.AUTOTUNE,
            deterministic=True,
        )
        .prefetch(tf.data.AUTOTUNE)
    )


class Position(keras.callbacks.Callback):
    """Follows where in the data a training is; must be the first of its callbacks.

    Attributes:
        epoch: The current epoch, as a variable for `EpochBatches.dataset`.
        num_batches: How many batches of this epoch have been trained.
    """

    def __init__(self):
        super().__init__()
        self.epoch = tf.Variable(0, dtype=tf.int32, trainable=False)
        self.num_batches = 0

    @property
    def epoch_number(self) -> int:
        return int(self.epoch.numpy())

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        # In time: Keras starts the iterator of the epoch after this hook.
        self.epoch.assign(epoch)
        self.num_batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # With several steps in a call, the last call of an epoch may make fewer.
        self.num_batches = min(batch + 1, self.params["steps"])
