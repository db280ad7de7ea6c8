import sys

import numpy as np
import pytest
import tensorflow as tf

from trainer.data.batches import EpochBatches, batches_in_order
from trainer.data.examples import ArrayExamples

X = np.arange(23, dtype=np.float32).reshape(23, 1)
Y = np.arange(23, dtype=np.int32)


def batches_of(seed=0, batch_size=5):
    return EpochBatches(ArrayExamples(X, Y), batch_size=batch_size, seed=seed)


def labels(dataset):
    return [list(y.numpy()) for _, y in dataset]


def test_epoch_has_every_example_once():
    epoch = labels(batches_of().dataset(0))
    assert [len(batch) for batch in epoch] == [5, 5, 5, 5, 3]
    assert sorted(label for batch in epoch for label in batch) == list(range(23))
    assert batches_of().steps_per_epoch == 5


class _NamesOfGather(ArrayExamples):
    """Notes under which name its `gather` runs: AutoGraph would make it tf__gather."""

    def __init__(self):
        super().__init__(X, Y)
        self.names = []

    def gather(self, indices):
        self.names.append(sys._getframe().f_code.co_name)
        return super().gather(indices)


def test_pipelines_are_not_rewritten_by_autograph():
    examples = _NamesOfGather()
    batches = EpochBatches(examples, batch_size=5, seed=0)
    batches.dataset(0)
    batches.endless()
    batches_in_order(examples, 5)
    assert examples.names == ["gather"] * 3


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


@pytest.mark.slow
@pytest.mark.parametrize("first_batch", [1, 3, 5])
def test_rest_of_an_epoch_is_its_end(first_batch):
    batches = batches_of()
    whole, rest = batches.dataset(2), batches.dataset(2, first_batch)
    assert labels(rest) == labels(whole)[first_batch:]
    assert int(rest.cardinality()) == 5 - first_batch


@pytest.mark.slow
def test_variable_epoch_is_read_when_an_iterator_starts():
    batches, epoch = batches_of(), tf.Variable(0)
    dataset = batches.dataset(epoch)
    for number in (0, 1, 7):
        epoch.assign(number)
        assert labels(dataset) == labels(batches.dataset(number))


@pytest.mark.slow
def test_endless_batches_are_the_epochs_in_a_row():
    batches = batches_of()
    epochs = [batch for epoch in range(3) for batch in labels(batches.dataset(epoch))]
    assert labels(batches.endless().take(15)) == epochs


def test_validation_is_in_order():
    dataset = batches_in_order(ArrayExamples(X, Y), 10)
    assert [len(batch) for batch in labels(dataset)] == [10, 10, 3]
    assert [label for batch in labels(dataset) for label in batch] == list(range(23))


@pytest.mark.slow
def test_augmentation_differs_by_epoch_and_resumes_to_the_bit():
    images = np.random.default_rng(0).random((23, 6, 6, 1), dtype=np.float32)
    batches = EpochBatches(
        ArrayExamples(images, Y), batch_size=5, seed=1, augment=["shift", "contrast"]
    )

    def pixels(epoch, first_batch=0):
        """Collects images by their labels."""
        dataset = batches.dataset(epoch, first_batch)
        return {
            label: image
            for x, y in dataset
            for image, label in zip(x.numpy(), y.numpy(), strict=True)
        }

    whole, rest = pixels(2), pixels(2, 3)
    assert len(rest) == 8
    for label, image in rest.items():
        np.testing.assert_array_equal(image, whole[label])
    other = pixels(3)
    assert not any(np.array_equal(whole[label], other[label]) for label in whole)


def test_no_step_of_the_pipeline_is_written_in_python():
    images = np.zeros((23, 6, 6, 1), np.uint8)
    batches = EpochBatches(
        ArrayExamples(images, Y), batch_size=5, seed=1, augment=["flip", "brightness"]
    )
    graph = tf.data.experimental.to_variant(batches.dataset(0))
    serialized = tf.raw_ops.DatasetToGraphV2(input_dataset=graph).numpy()
    definition = tf.compat.v1.GraphDef.FromString(serialized)
    operations = [node.op for node in definition.node]
    for function in definition.library.function:
        operations += [node.op for node in function.node_def]
    assert "GatherV2" in operations
    assert not any("PyFunc" in operation for operation in operations)
