"""Data that the user's function returns: arrays, datasets or generators."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import keras
import numpy as np
import tensorflow as tf

from trainer.data.array_names import name_arrays
from trainer.data.arrays import PARTS
from trainer.data.generators import dataset_of
from trainer.data.origin import Origin
from trainer.settings.imported_function import call_function

Batched: TypeAlias = tf.data.Dataset | keras.utils.PyDataset

# A message lists at most this many types.
_NUM_NAMED = 5

_RULE = (
    "must return (x, y) or (x, y, sample_weight), ((x_train, y_train), (x_test, "
    "y_test)) as keras.datasets do, a tf.data.Dataset, PyDataset or generator of "
    "batches, or a dict of these named train, val and test, or of arrays named "
    "x_train, y_train, x_val, y_val, x_test, y_test"
)


def load_function(
    text: str, origin: Origin, *, steps_per_epoch: int | None = None
) -> dict[str, Any]:
    """Calls `module:function` and names what it returns.

    Args:
        steps_per_epoch: How many batches of a generator are an epoch; all, if None.

    Returns:
        Arrays, or dicts of arrays, by name: x_train, y_train and, if they are given,
        w_train, x_val, ...; or batched datasets by part, "train", "val", "test".

    Raises:
        ConfigError: It cannot be called, or returns something else.
    """
    parts = _name_parts(call_function("dataset", text), origin)

    def generate(part: str) -> Iterator[Any]:
        # Called once more, because what was read is gone.
        return _name_parts(call_function("dataset", text), origin)[part]

    for name, part in parts.items():
        if isinstance(part, Iterator):
            parts[name] = dataset_of(
                functools.partial(generate, name),
                origin,
                steps_per_epoch=steps_per_epoch if name == "train" else None,
            )
    if any(isinstance(part, Batched) for part in parts.values()):
        return {name: _batched(part) for name, part in parts.items()}
    return {
        f"{axis}_{name}": _as_arrays(array)
        for name, part in parts.items()
        for axis, array in zip("xyw", part, strict=False)
    }


def _as_arrays(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: np.asarray(array) for name, array in value.items()}
    return np.asarray(value)


def _name_parts(returned: Any, origin: Origin) -> dict[str, Any]:
    """Gives each part a name: arrays, a dataset or a generator."""
    if isinstance(returned, Mapping):
        parts = _name_mapping(returned, origin)
    elif _is_part(returned):
        parts = {"train": returned}
    elif isinstance(returned, tuple | list) and all(map(_is_part, returned)):
        parts = _name_sequence(list(returned))
    elif isinstance(returned, tuple | list) and len(returned) == 4:
        parts = _name_four(list(returned))
    else:
        parts = {}
    if "train" not in parts or not all(map(_is_part, parts.values())):
        raise origin.error(_RULE, _describe(returned))
    return parts


def _name_mapping(returned: Mapping[Any, Any], origin: Origin) -> dict[str, Any]:
    parts = {
        "val" if name == "validation" else name: returned[name] for name in returned
    }
    if set(parts) <= set(PARTS):
        return parts
    found, _ = name_arrays(map(str, returned), origin)
    arrays = {meaning: returned[name] for meaning, name in found.items()}
    return {
        part: tuple(
            arrays.get(f"{axis}_{part}")
            for axis in ("xyw" if f"w_{part}" in arrays else "xy")
        )
        for part in PARTS
        if {f"x_{part}", f"y_{part}"} & set(arrays)
    }


def _name_sequence(returned: list[Any]) -> dict[str, Any]:
    if len(returned) == 2:
        # As keras.datasets return arrays, and keras.utils return datasets.
        is_batched = isinstance(returned[1], Batched | Iterator)
        return {"train": returned[0], "val" if is_batched else "test": returned[1]}
    return dict(zip(PARTS, returned, strict=True)) if len(returned) == 3 else {}


def _name_four(arrays: list[Any]) -> dict[str, Any]:
    """Names x, y, x, y, or what scikit-learn's train_test_split gives: x, x, y, y."""
    if not all(map(_is_array, arrays)):
        return {}
    a, b, c, d = arrays
    shapes = [np.shape(array) for array in arrays]
    if shapes[0][1:] == shapes[1][1:] and len(a) == len(c) and len(b) == len(d):
        return {"train": (a, c), "test": (b, d)}
    return {"train": (a, b), "test": (c, d)}


def _is_part(value: Any) -> bool:
    if isinstance(value, Batched | Iterator):
        return True
    return (
        isinstance(value, tuple | list)
        and len(value) in (2, 3)
        and all(map(_is_array, value))
    )


def _is_array(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(map(_is_array, value.values()))
    return hasattr(value, "__array__")


def _batched(part: Any) -> Batched:
    if isinstance(part, Batched):
        return part
    # Arrays for validation or test, where the batch size does not change the result.
    return tf.data.Dataset.from_tensor_slices(tuple(map(_as_arrays, part))).batch(256)


def _describe(returned: Any) -> str:
    if isinstance(returned, Mapping):
        return f"a dict of {', '.join(map(str, returned)) or 'nothing'}"
    if isinstance(returned, tuple | list):
        inner = ", ".join(type(value).__name__ for value in returned[:_NUM_NAMED])
        if len(returned) > _NUM_NAMED:
            inner += f", ... {len(returned)} in all"
        return f"a {type(returned).__name__} of ({inner})"
    return "None" if returned is None else f"a {type(returned).__name__}"
