"""Reads data for a range test without changing what the training will read."""

import copy
import random
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

# Operations in the graph of a dataset whose last input holds the state of shuffling.
_SHUFFLES = ("ShuffleDatasetV3", "ShuffleAndRepeatDatasetV2")
_IGNORE_EXTERNAL_STATE = 1


def check_data(x: Any) -> None:
    """Refuses data that is empty, or that can be read only once.

    Raises:
        ValueError: `x` is such data.
    """
    if hasattr(x, "__next__"):
        raise ValueError(
            "The data must be something that can be read again, because the range test "
            f"must leave it whole for training. Received: a {type(x).__name__}, which "
            "yields once only. Give arrays, a tf.data.Dataset or a PyDataset."
        )
    if has_no_examples(x):
        raise ValueError(
            f"The data must hold at least one batch. Received: an empty "
            f"{type(x).__name__}."
        )


def has_no_examples(x: Any) -> bool:
    """Tells whether data is known to be empty."""
    return _length(x) == 0


def detached_data(x: Any, **fit_arguments: Any) -> dict[str, Any]:
    """Returns arguments for `fit` that read `x` without changing it.

    A dataset that shuffles has another order each time it is read, so that reading it
    here would change the order for the training that follows. Therefore a copy is read,
    which begins with the order that `x` begins with. Where a dataset ends, it is read
    from its start again.
    """
    if isinstance(x, tf.data.Dataset):
        x = _detached_dataset(x).repeat()
        # Otherwise Keras warns that it cannot shuffle a dataset.
        fit_arguments["shuffle"] = False
    elif isinstance(x, keras.utils.PyDataset):
        x = _DetachedPyDataset(x)
        if x.num_batches is None:
            fit_arguments["shuffle"] = False
    return {"x": x, **fit_arguments}


def data_variables(x: Any) -> list[tf.Variable]:
    """Finds the variables in a dataset's functions, such as augmentation's seeds."""
    if not isinstance(x, tf.data.Dataset):
        return []
    found = [
        variable
        for dataset in _with_inputs(x)
        for function in dataset._functions()
        for variable in function.function.graph.variables
    ]
    return list({id(variable): variable for variable in found}.values())


class _DetachedPyDataset(keras.utils.PyDataset):
    """Reads the batches of another PyDataset without changing it.

    Does not call its `on_epoch_end`, which may shuffle, and copies its generators.
    """

    def __init__(self, dataset: keras.utils.PyDataset):
        super().__init__(
            workers=dataset.workers,
            use_multiprocessing=dataset.use_multiprocessing,
            max_queue_size=dataset.max_queue_size,
        )
        self._dataset = copy.copy(dataset)
        for name, value in vars(dataset).items():
            if isinstance(
                value, np.random.Generator | np.random.RandomState | random.Random
            ):
                setattr(self._dataset, name, copy.deepcopy(value))

    @property
    def num_batches(self) -> int | None:
        return self._dataset.num_batches

    def __getitem__(self, index: int) -> Any:
        return self._dataset[index]


def _detached_dataset(dataset: tf.data.Dataset) -> tf.data.Dataset:
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


def _length(x: Any) -> int | None:
    """Counts the batches or examples; None if unknown or endless."""
    if isinstance(x, tf.data.Dataset):
        cardinality = int(x.cardinality())
        return cardinality if cardinality >= 0 else None
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches
    if isinstance(x, Mapping):
        x = next(iter(x.values()), ())
    elif isinstance(x, list | tuple):
        x = next(iter(x), ())
    return len(x) if hasattr(x, "__len__") else None
