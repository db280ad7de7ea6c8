"""Data that the user's function returns: arrays, tf.data.Datasets or PyDatasets."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from trainer.data.arrays import NAMES, PARTS
from trainer.data.origin import Origin
from trainer.settings.imported_function import call_function

Batched: TypeAlias = tf.data.Dataset | keras.utils.PyDataset

# A message lists at most this many types.
_NUM_NAMED = 5

_RULE = (
    "must return (x, y), ((x_train, y_train), (x_test, y_test)) as keras.datasets do, "
    "a tf.data.Dataset or PyDataset of batches (x, y), or a dict of these named train, "
    "val and test, or of arrays named x_train, y_train, x_val, y_val, x_test, y_test"
)


def load_function(text: str, origin: Origin) -> dict[str, Any]:
    """Calls `module:function` and names what it returns.

    Returns:
        Arrays by name, x_train, y_train, ...; or batched datasets by part, "train",
        "val", "test".

    Raises:
        ConfigError: It cannot be called, or returns something else.
    """
    returned = call_function("dataset", text)
    parts = _name_parts(returned, origin)
    if not any(isinstance(part, Batched) for part in parts.values()):
        arrays = {}
        for part, (x, y) in parts.items():
            arrays[f"x_{part}"], arrays[f"y_{part}"] = np.asarray(x), np.asarray(y)
        return arrays
    return {part: _batched(value) for part, value in parts.items()}


def _name_parts(returned: Any, origin: Origin) -> dict[str, Any]:
    """Gives each part a name: a pair of arrays or a dataset."""
    if isinstance(returned, Mapping):
        parts = _name_mapping(returned)
    elif _is_part(returned):
        parts = {"train": returned}
    elif isinstance(returned, tuple | list) and all(map(_is_part, returned)):
        parts = _name_sequence(list(returned))
    else:
        parts = {}
    if "train" not in parts or not all(map(_is_part, parts.values())):
        raise origin.error(_RULE, _describe(returned))
    return parts


def _name_mapping(returned: Mapping[Any, Any]) -> dict[str, Any]:
    if set(returned) <= set(NAMES):
        return {
            part: (returned.get(f"x_{part}"), returned.get(f"y_{part}"))
            for part in PARTS
            if {f"x_{part}", f"y_{part}"} & set(returned)
        }
    parts = {
        "val" if name == "validation" else name: returned[name] for name in returned
    }
    return parts if set(parts) <= set(PARTS) else {}


def _name_sequence(returned: list[Any]) -> dict[str, Any]:
    if len(returned) == 2:
        # As keras.datasets return arrays, and keras.utils return datasets.
        second = "val" if isinstance(returned[1], Batched) else "test"
        return {"train": returned[0], second: returned[1]}
    return dict(zip(PARTS, returned, strict=True)) if len(returned) == 3 else {}


def _is_part(value: Any) -> bool:
    if isinstance(value, Batched):
        return True
    return (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(hasattr(array, "__array__") for array in value)
    )


def _batched(part: Any) -> Batched:
    if isinstance(part, Batched):
        return part
    # Arrays for validation or test, where the batch size does not change the result.
    return tf.data.Dataset.from_tensor_slices(tuple(part)).batch(256)


def _describe(returned: Any) -> str:
    if isinstance(returned, Mapping):
        return f"a dict of {', '.join(map(str, returned)) or 'nothing'}"
    if isinstance(returned, tuple | list):
        inner = ", ".join(type(value).__name__ for value in returned[:_NUM_NAMED])
        if len(returned) > _NUM_NAMED:
            inner += f", ... {len(returned)} in all"
        return f"a {type(returned).__name__} of ({inner})"
    return "None" if returned is None else f"a {type(returned).__name__}"
