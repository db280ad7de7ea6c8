import numpy as np
import pytest
import tensorflow as tf

from trainer.batches import EpochBatches

X = np.arange(23, dtype=np.float32).reshape(23, 1)
Y = np.arange(23, dtype=np.int32)


def batches_of(seed=0, batch_size=5):
    return EpochBatches(X, Y, batch_size=batch_size, seed=seed)


def labels(dataset):
    return [list(y.numpy()) for _, y in dataset]


def test_epoch_has_every_example_once():
    epoch = labels(batches_of().dataset(0))
    assert [len(batch) for batch in epoch] == [5, 5, 5, 5, 3]
    assert sorted(label for batch in epoch for label in batch) == list(range(23))
    assert batches_of().steps_per_epoch == 5


def test_examples_keep_their_labels():
    for x, y in batches_of().dataset(0):
        np.testing.assert_array_equal(x[:, 0], y)


def test_order_depends_on_seed_and_epoch_and_nothing_else():
    first = labels(batches_of(seed=1).dataset(3))
    np.random.default_rng().random(10)
    tf.random.uniform([10])
    assert labels(batches_of(seed=1).dataset(3)) == first
    assert labels(batches_of(seed=2).dataset(3)) != first
    assert labels(batches_of(seed=1).dataset(4)) != first


@pytest.mark.parametrize("first_batch", [1, 3, 5])
def test_rest_of_an_epoch_is_its_end(first_batch):
    batches = batches_of()
    whole, rest = batches.dataset(2), batches.dataset(2, first_batch)
    assert labels(rest) == labels(whole)[first_batch:]
    assert int(rest.cardinality()) == 5 - first_batch


def test_variable_epoch_is_read_when_an_iterator_starts():
    batches, epoch = batches_of(), tf.Variable(0)
    dataset = batches.dataset(epoch)
    for number in (0, 1, 7):
        epoch.assign(number)
        assert labels(dataset) == labels(batches.dataset(number))
