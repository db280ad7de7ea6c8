"""A generator of batches that the user's function returns, as a tf.data.Dataset."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from trainer.data.origin import Origin
from trainer.errors import ConfigError, first_line

# Beyond these it may never end, and counting would take too long.
_MAX_COUNTED = 10_000


def dataset_of(
    make: Callable[[], Iterator[Any]],
    origin: Origin,
    *,
    steps_per_epoch: int | None,
) -> tf.data.Dataset:
    """Makes a dataset that calls `make` anew for each epoch.

    Without `steps_per_epoch` a generator is read once, to count its batches; with it
    the dataset has no end.

    Raises:
        ConfigError: It gives no batch, or too many to be counted, or raises.
    """
    try:
        batches = make()
        first = next(batches, None)
        num_batches = 0
        if first is not None and steps_per_epoch is None:
            num_batches = 1 + sum(1 for _ in itertools.islice(batches, _MAX_COUNTED))
    # The user's code may raise anything.
    except Exception as error:
        raise origin.error(
            "must yield batches", f"{type(error).__name__}: {first_line(error)}"
        ) from error
    if first is None:
        raise origin.error("must return data with one batch at least", "an empty one")
    if num_batches > _MAX_COUNTED:
        raise ConfigError(
            "`--steps_per_epoch` must say what an epoch is, where a generator may have "
            f"no end. Received: {origin.name}, of more than {_MAX_COUNTED} batches. "
            "For example --steps_per_epoch=100."
        )
    if not isinstance(first, tuple | list) or len(first) not in (2, 3):
        raise origin.error(
            "must yield batches (x, y) or (x, y, sample_weight)",
            f"a {type(first).__name__}",
        )
    signature = tf.nest.map_structure(_spec, _as_arrays(first))
    dataset = tf.data.Dataset.from_generator(
        lambda: map(_as_arrays, make()), output_signature=signature
    )
    if steps_per_epoch is not None:
        return dataset.repeat()
    return dataset.apply(tf.data.experimental.assert_cardinality(num_batches))


def _as_arrays(batch: Any) -> Any:
    return tuple(
        {name: np.asarray(array) for name, array in part.items()}
        if isinstance(part, dict)
        else np.asarray(part)
        for part in batch
    )


def _spec(array: np.ndarray) -> tf.TensorSpec:
    shape = (None, *array.shape[1:]) if array.ndim else ()
    return tf.TensorSpec(shape, array.dtype)
