"""Reads a `tf.data.Dataset` without changing what the training will read of it."""

import warnings
from collections.abc import Iterator

import tensorflow as tf

# Operations in the graph of a dataset whose last input holds the state of shuffling.
_SHUFFLES = ("ShuffleDatasetV3", "ShuffleAndRepeatDatasetV2")
_IGNORE_EXTERNAL_STATE = 1


def dataset_variables(dataset: tf.data.Dataset) -> list[tf.Variable]:
    """Finds the variables in a dataset's functions, such as augmentation's seeds."""
    found = [
        variable
        for each in _with_inputs(dataset)
        for function in each._functions()
        for variable in function.function.graph.variables
    ]
    return list({id(variable): variable for variable in found}.values())


def detached_dataset(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """Copies a dataset that shuffles: it begins with the order that it begins with."""
    if not any(_may_shuffle(each) for each in _with_inputs(dataset)):
        return dataset
    try:
        serialized = tf.raw_ops.DatasetToGraphV2(
            input_dataset=tf.data.experimental.to_variant(dataset),
            external_state_policy=_IGNORE_EXTERNAL_STATE,
        )
        graph = tf.compat.v1.GraphDef.FromString(serialized.numpy())
        # The copy would share the state of the shuffling. With a dummy in place of that
        # state it makes one for itself.
        for shuffle in [node for node in graph.node if node.op in _SHUFFLES]:
            dummy = graph.node.add(op="DummySeedGenerator")
            dummy.name = f"{shuffle.name}/own_seed_generator"
            shuffle.input[-1] = dummy.name
        variant = tf.raw_ops.DatasetFromGraph(graph_def=graph.SerializeToString())
    except tf.errors.OpError as error:
        # A dataset that holds 2 GB or more in memory is one that cannot be copied.
        warnings.warn(
            "The range test moves on the order in which this dataset shuffles: "
            f"TensorFlow cannot copy it ({error.message}).",
            stacklevel=2,
        )
        return dataset
    return tf.data.experimental.from_variant(variant, dataset.element_spec)


def _with_inputs(dataset: tf.data.Dataset) -> Iterator[tf.data.Dataset]:
    yield dataset
    for each in dataset._inputs():
        yield from _with_inputs(each)


def _may_shuffle(dataset: tf.data.Dataset) -> bool:
    # A dataset that was made from a variant may do anything.
    return any(word in type(dataset).__name__ for word in ("Shuffle", "Variant"))
