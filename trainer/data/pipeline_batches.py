"""The user's tf.data.Dataset or PyDataset, as the trainer reads it."""

import random
from typing import Any

import keras
import tensorflow as tf

from trainer.data.origin import Origin
from trainer.data.pipeline import check_epoch, is_endless
from trainer.data.user_function import Batched
from trainer.errors import ConfigError

_UNKNOWN = int(tf.data.UNKNOWN_CARDINALITY)


class DatasetBatches:
    """The batches of a tf.data.Dataset, in the order that it gives them.

    Args:
        dataset: Of `(x, y)` or `(x, y, sample_weight)`.
        steps_per_epoch: How many batches of it make an epoch.
    """

    resume_line = (
        "A tf.data.Dataset decides its order itself: the resumed run reads the rest of "
        "the epoch under way, in another order if the dataset shuffles."
    )

    def __init__(self, dataset: tf.data.Dataset, steps_per_epoch: int):
        self._dataset = dataset
        self.never_ends = is_endless(dataset)
        self.steps_per_epoch = steps_per_epoch

    def dataset(
        self, epoch: int | tf.Variable, first_batch: int = 0
    ) -> tf.data.Dataset:
        if self.never_ends:
            return self._dataset.prefetch(tf.data.AUTOTUNE)
        left = self.steps_per_epoch - first_batch
        rest = self._dataset.skip(first_batch).take(left)
        return rest.apply(tf.data.experimental.assert_cardinality(left)).prefetch(
            tf.data.AUTOTUNE
        )

    def endless(self) -> tf.data.Dataset:
        return self._dataset


class PyDatasetBatches:
    """The batches of a PyDataset, in an order that follows from seed and epoch.

    Args:
        dataset: One whose number of batches is known, or that has no end.
        steps_per_epoch: How many batches make an epoch.
        seed: Decides the order, together with the epoch.
    """

    resume_line = (
        "A PyDataset gives batches by their number: resumed, the run reads the same "
        "ones in the same order, as long as a batch follows from its number alone."
    )

    def __init__(
        self, dataset: keras.utils.PyDataset, steps_per_epoch: int, *, seed: int
    ):
        self._dataset = dataset
        self._seed = seed
        self.never_ends = is_endless(dataset)
        self.steps_per_epoch = steps_per_epoch

    def dataset(
        self, epoch: int | tf.Variable, first_batch: int = 0
    ) -> keras.utils.PyDataset:
        if self.never_ends:
            return self._dataset
        return _OrderedPyDataset(
            self._dataset, self.steps_per_epoch, self._seed, epoch, first_batch
        )

    def endless(self) -> keras.utils.PyDataset:
        return self._dataset


class _OrderedPyDataset(keras.utils.PyDataset):
    """Another PyDataset's batches, shuffled by seed and epoch."""

    def __init__(
        self,
        dataset: keras.utils.PyDataset,
        num_batches: int,
        seed: int,
        epoch: int | tf.Variable,
        first_batch: int,
    ):
        super().__init__(
            workers=dataset.workers,
            use_multiprocessing=dataset.use_multiprocessing,
            max_queue_size=dataset.max_queue_size,
        )
        self._dataset = dataset
        self._num_batches = num_batches
        self._seed = seed
        self._epoch = epoch
        self._first_batch = first_batch
        self._order = list(range(num_batches))
        self._choose_order()

    @property
    def num_batches(self) -> int:
        return self._num_batches - self._first_batch

    def __getitem__(self, index: int) -> Any:
        return self._dataset[self._order[self._first_batch + index]]

    def on_epoch_begin(self) -> None:
        self._choose_order()
        self._dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._dataset.on_epoch_end()

    def _choose_order(self) -> None:
        epoch = self._epoch
        number = epoch if isinstance(epoch, int) else int(epoch.numpy())
        self._order = list(range(self._num_batches))
        random.Random(f"{self._seed} {number}").shuffle(self._order)


def read_pipeline(
    batched: Batched, origin: Origin, *, steps_per_epoch: int | None, seed: int
) -> DatasetBatches | PyDatasetBatches:
    """Makes a training's batches of a dataset, and finds out how many there are.

    A tf.data.Dataset that does not know its length is read through once.

    Args:
        steps_per_epoch: How many batches make an epoch; all, if None.
        seed: Decides the order of a PyDataset.

    Raises:
        ConfigError: It is empty, or has no end and --steps_per_epoch is missing.
    """
    check_epoch(batched, origin, steps_per_epoch=steps_per_epoch)
    num_batches = _count_batches(batched)
    if num_batches is not None and (steps_per_epoch or 0) > num_batches:
        raise ConfigError(
            "`--steps_per_epoch` must not be above what the data holds. Received: "
            f"--steps_per_epoch={steps_per_epoch}, data of {num_batches} batches. "
            "Leave it out for all of them."
        )
    if num_batches == 0:
        raise origin.error("must return data with one batch at least", "an empty one")
    length = steps_per_epoch or num_batches
    assert length is not None
    if isinstance(batched, keras.utils.PyDataset):
        return PyDatasetBatches(batched, length, seed=seed)
    return DatasetBatches(batched, length)


def _count_batches(batched: Batched) -> int | None:
    """Counts the batches; None if there is no end."""
    if is_endless(batched):
        return None
    if isinstance(batched, keras.utils.PyDataset):
        return int(batched.num_batches)
    cardinality = int(batched.cardinality())
    if cardinality == _UNKNOWN:
        return int(batched.reduce(0, lambda count, *batch: count + 1).numpy())
    return cardinality
