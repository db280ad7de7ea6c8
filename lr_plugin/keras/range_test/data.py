"""Reads data for a range test without changing what the training will read."""

import contextlib
import copy
import importlib
import random
import sys
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np


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
    if _is_dataset(x):
        x = _datasets().detached_dataset(x).repeat()
        # Otherwise Keras warns that it cannot shuffle a dataset.
        fit_arguments["shuffle"] = False
    elif isinstance(x, keras.utils.PyDataset):
        x = _DetachedPyDataset(x)
        if x.num_batches is None:
            fit_arguments["shuffle"] = False
    elif _is_data_loader(x):
        # Likewise; it shuffles as it was made to.
        fit_arguments["shuffle"] = False
    return {"x": x, **fit_arguments}


def data_variables(x: Any) -> list[Any]:
    """Finds the variables in a dataset's functions, such as augmentation's seeds."""
    return _datasets().dataset_variables(x) if _is_dataset(x) else []


def order_kept(x: Any) -> contextlib.AbstractContextManager[None]:
    """Restores the order in which data will be read that `detached_data` reads."""
    if not _is_data_loader(x):
        return contextlib.nullcontext()
    state = importlib.import_module("lr_plugin.keras.range_test.torch_state")
    kept: contextlib.AbstractContextManager[None] = state.order_kept(x)
    return kept


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


def _length(x: Any) -> int | None:
    """Counts the batches or examples; None if unknown or endless."""
    if _is_dataset(x):
        cardinality = int(x.cardinality())
        return cardinality if cardinality >= 0 else None
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches
    if isinstance(x, Mapping):
        x = next(iter(x.values()), ())
    elif isinstance(x, list | tuple):
        x = next(iter(x), ())
    return len(x) if hasattr(x, "__len__") else None


def _is_dataset(x: Any) -> bool:
    # Whoever has a dataset has imported TensorFlow; nobody else needs it here.
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is not None and isinstance(x, tensorflow.data.Dataset)


def _is_data_loader(x: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.utils.data.DataLoader)


def _datasets() -> Any:
    return importlib.import_module("lr_plugin.keras.range_test.datasets")
