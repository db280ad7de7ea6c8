"""What the user's pipeline yields: the shape of an example, and what is predicted."""

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from trainer.data.find_target import find_target
from trainer.data.origin import Origin
from trainer.data.target import Target
from trainer.data.user_function import Batched
from trainer.errors import ConfigError, first_line
from trainer.settings.model import is_user_model


def find_pipeline_target(
    batched: Batched,
    origin: Origin,
    *,
    model: str,
    task: str | None,
    steps_per_epoch: int | None,
) -> tuple[Target | None, tuple[int, ...] | None]:
    """Finds the target of a dataset of batches, and the shape of one example.

    Where the trainer builds the model and labels are numbers of classes, the whole
    dataset is read once, for the highest of them; otherwise only its first batch is.

    Args:
        model, task, steps_per_epoch: The values of the flags.

    Returns:
        The target; None if only the loss of the user's model knows it, as where there
        are several. And the shape; None where an example is more than one array.

    Raises:
        ConfigError: It yields nothing, or not batches of `(x, y)`, or it has no end
            and --steps_per_epoch is missing.
    """
    check_epoch(batched, origin, steps_per_epoch=steps_per_epoch)
    batch = first_batch(batched, origin)
    x, y = batch[0], batch[1]
    shape = None
    if _is_array(x):
        x = np.asarray(x)
        shape = x.shape[1:]
        if np.issubdtype(x.dtype, np.floating) and not np.isfinite(x).all():
            raise origin.error(
                "must yield finite numbers", "NaN or infinity in the first batch"
            )
    if not _is_array(y):
        return None, shape
    y = np.asarray(y)
    if y.ndim == 0:
        raise origin.error(
            "must yield batches (x, y)",
            "single examples",
            "Use dataset.batch(32), for example.",
        )
    if y.ndim > 2 or len(y) == 0:
        return None, shape
    if is_user_model(model):
        return _target_of_user_model(y, task), shape
    if np.issubdtype(y.dtype, np.integer):
        y = _read_labels(batched, origin, steps_per_epoch)
    names = tuple(getattr(batched, "class_names", None) or ())
    target = find_target(
        # The numbers are in the batches, where nothing changes them.
        {"y": y},
        origin,
        task=task,
        class_names=names,
        keep_numbers=True,
    )
    return target, shape


def check_epoch(
    batched: Batched, origin: Origin, *, steps_per_epoch: int | None
) -> None:
    """Refuses training data without an end where nothing says what an epoch is.

    Raises:
        ConfigError: --steps_per_epoch is missing.
    """
    if is_endless(batched) and steps_per_epoch is None:
        raise ConfigError(
            "`--steps_per_epoch` must say what an epoch is, where the data has no end. "
            f"Received: {origin.name}, which has none. For example "
            "--steps_per_epoch=100."
        )


def check_ends(part: str, batched: Batched, origin: Origin) -> None:
    """Refuses validation or test data that never ends.

    Raises:
        ConfigError: It never ends.
    """
    if is_endless(batched):
        raise origin.error(
            f"must return {part} data that ends, because all of it is evaluated",
            f"{part} data without an end",
            "Use dataset.take(n), for example.",
        )


def require_length(batched: Batched, origin: Origin) -> None:
    """Refuses a PyDataset that does not say how many batches it has.

    Raises:
        ConfigError: Its length is missing, or negative.
    """
    if not isinstance(batched, keras.utils.PyDataset):
        return
    rule = "must say in `__len__` how many batches it has"
    try:
        num_batches = batched.num_batches
    # The user's code may raise anything.
    except Exception as error:
        raise origin.error(
            rule, f"{type(error).__name__}: {first_line(error)}"
        ) from error
    if num_batches is not None and num_batches < 0:
        raise origin.error(rule, str(num_batches))


def is_endless(batched: Batched) -> bool:
    """Tells whether the data is known to have no end."""
    if isinstance(batched, keras.utils.PyDataset):
        return batched.num_batches in (None, math.inf)
    return int(batched.cardinality()) == int(tf.data.INFINITE_CARDINALITY)


def first_batch(batched: Batched, origin: Origin) -> Any:
    """Reads the first batch as numpy arrays: `(x, y)` or `(x, y, sample_weight)`.

    Raises:
        ConfigError: There is no batch, it is something else, or reading it raises.
    """
    batch = _first(batched, origin)
    if not isinstance(batch, tuple | list) or len(batch) not in (2, 3):
        raise origin.error(
            "must yield batches (x, y) or (x, y, sample_weight)",
            f"a {type(batch).__name__}"
            + (f" of {len(batch)}" if isinstance(batch, tuple | list) else ""),
        )
    return batch


def _first(batched: Batched, origin: Origin) -> Any:
    try:
        if isinstance(batched, keras.utils.PyDataset):
            # Asked before, because an empty one may give a batch all the same.
            if batched.num_batches != 0:
                return batched[0]
        else:
            for batch in batched.take(1).as_numpy_iterator():
                return batch
    # The user's code may raise anything.
    except Exception as error:
        raise origin.error(
            "must yield batches", f"{type(error).__name__}: {first_line(error)}"
        ) from error
    raise origin.error("must return data with one batch at least", "an empty one")


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__") and not isinstance(value, dict)


def _target_of_user_model(y: np.ndarray, task: str | None) -> Target:
    """Finds the target from one batch: enough to choose a loss for the user's model."""
    is_float = np.issubdtype(y.dtype, np.floating)
    y = y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
    size = y.shape[1] if y.ndim == 2 else 1
    if y.ndim == 2 and task != "regression" and np.isin(y, (0, 1)).all():
        return Target("one_hot" if (y.sum(axis=1) == 1).all() else "labels", size)
    if task == "regression" or (is_float and not np.isin(y, (0, 1)).all()):
        return Target("numbers", size)
    return Target("classes", int(y.max()) + 1)


def _read_labels(
    batched: Batched, origin: Origin, steps_per_epoch: int | None
) -> np.ndarray:
    """Reads all labels, or those of an epoch where there is no end.

    Raises:
        ConfigError: Reading them raises.
    """
    try:
        return _all_labels(batched, steps_per_epoch)
    # The user's code may raise anything.
    except Exception as error:
        raise origin.error(
            "must yield batches", f"{type(error).__name__}: {first_line(error)}"
        ) from error


def _all_labels(batched: Batched, steps_per_epoch: int | None) -> np.ndarray:
    if isinstance(batched, tf.data.Dataset):
        if steps_per_epoch is not None:
            batched = batched.take(steps_per_epoch)
        batches = batched.as_numpy_iterator()
        return np.concatenate([np.asarray(batch[1]) for batch in batches])
    steps = steps_per_epoch or batched.num_batches or 1
    return np.concatenate([np.asarray(batched[i][1]) for i in range(steps)])
