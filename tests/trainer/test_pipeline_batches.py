import keras
import numpy as np
import pytest
import tensorflow as tf

from trainer.data.origin import Origin
from trainer.data.pipeline_batches import read_pipeline
from trainer.errors import ConfigError

ORIGIN = Origin("--dataset=my_data:load", "Correct what it returns.")
DATASET = tf.data.Dataset.range(10).map(lambda i: (i, i)).batch(2)


class Numbers(keras.utils.PyDataset):
    """Data whose batch i is ([i], [i]); there are seven, or no end."""

    def __init__(self, num_batches=7):
        super().__init__()
        self.count = num_batches
        self.epochs_begun = 0

    @property
    def num_batches(self):
        return self.count

    def __getitem__(self, index):
        return np.array([index]), np.array([index])

    def on_epoch_begin(self):
        self.epochs_begun += 1


def read(data, *, steps_per_epoch=None, seed=0):
    return read_pipeline(data, ORIGIN, steps_per_epoch=steps_per_epoch, seed=seed)


def first_values(dataset):
    return [int(x[0]) for x, _ in dataset]


def py_values(dataset):
    return [int(dataset[i][0][0]) for i in range(dataset.num_batches)]


def test_dataset_is_read_from_any_batch_on():
    batches = read(DATASET)
    assert batches.steps_per_epoch == 5
    assert first_values(batches.dataset(0)) == [0, 2, 4, 6, 8]
    assert first_values(batches.dataset(0, 3)) == [6, 8]
    assert int(batches.dataset(0, 3).cardinality()) == 2


def test_dataset_of_unknown_length_is_counted():
    batches = read(DATASET.filter(lambda x, y: x[0] > 3))
    assert batches.steps_per_epoch == 3
    assert not batches.never_ends


def test_epoch_may_be_shorter_than_the_data():
    batches = read(DATASET, steps_per_epoch=2)
    assert first_values(batches.dataset(0)) == [0, 2]


@pytest.mark.parametrize("data", [DATASET.repeat(), Numbers(None)])
def test_data_without_end_needs_a_length_for_epochs(data):
    batches = read(data, steps_per_epoch=3)
    assert batches.steps_per_epoch == 3
    assert batches.never_ends
    with pytest.raises(ConfigError) as error:
        read(data)
    assert str(error.value) == (
        "`--steps_per_epoch` must say what an epoch is, where the data has no end. "
        "Received: --dataset=my_data:load, which has none. For example "
        "--steps_per_epoch=100."
    )


def test_epoch_longer_than_the_data_is_refused():
    with pytest.raises(ConfigError, match="must not be above what the data holds"):
        read(DATASET, steps_per_epoch=6)


@pytest.mark.parametrize("data", [DATASET.take(0), Numbers(0)])
def test_empty_data_is_refused(data):
    with pytest.raises(ConfigError, match="one batch at least"):
        read(data)


def test_py_dataset_is_ordered_by_seed_and_epoch():
    batches, epoch = read(Numbers(), seed=3), tf.Variable(0)
    dataset = batches.dataset(epoch)
    orders = []
    for number in (0, 1):
        epoch.assign(number)
        dataset.on_epoch_begin()
        orders.append(py_values(dataset))
        assert orders[-1] == py_values(batches.dataset(number))
        assert py_values(batches.dataset(number, 4)) == orders[-1][4:]
    assert [sorted(order) for order in orders] == [list(range(7))] * 2
    assert orders[0] != orders[1]
    assert orders[0] != py_values(read(Numbers(), seed=4).dataset(0))


def test_py_dataset_hears_of_epochs():
    numbers = Numbers()
    read(numbers).dataset(0).on_epoch_begin()
    assert numbers.epochs_begun == 1
