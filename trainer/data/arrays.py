"""Checks arrays by name, as an .npz file holds them, before anything is trained."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from trainer.data.examples import ArrayExamples
from trainer.data.find_target import find_target
from trainer.data.origin import Origin
from trainer.data.target import (
    Target,
    encode_labels,
    is_finite_float32,
    is_numeric,
)

# The parts of the data; the names of their arrays end with these.
PARTS = ("train", "val", "test")


@dataclasses.dataclass(frozen=True)
class FoundArrays:
    """Arrays that have been checked.

    Attributes:
        parts: Examples by part; "train" is always there.
        target: What is to be predicted.
        notes: What was changed, for the user to read.
    """

    parts: Mapping[str, ArrayExamples]
    target: Target
    notes: tuple[str, ...] = ()


def check_arrays(
    arrays: Mapping[str, np.ndarray],
    origin: Origin,
    *,
    task: str | None = None,
    class_names: Sequence[str] = (),
    keep_as_given: bool = False,
) -> FoundArrays:
    """Checks x_train, y_train and, if there are any, x_val, y_val, x_test, y_test.

    Images without channels get one, and channels that come first are put last. Bytes
    stay bytes; anything else becomes float32.

    Args:
        arrays: By name; w_train, w_val and w_test weigh the examples in the loss.
        task, class_names: As `find_target`.
        keep_as_given: Whether a model of the user expects labels and channels as they
            are.

    Raises:
        ConfigError: They cannot be trained with; the message names the array.
    """
    for name in ("x_train", "y_train"):
        if name not in arrays:
            raise origin.error("must hold x_train and y_train", _listed(arrays))
    found = [part for part in PARTS if {f"x_{part}", f"y_{part}"} & set(arrays)]
    for part in found:
        pair = f"x_{part}", f"y_{part}"
        if any(name not in arrays for name in pair):
            raise origin.error(
                f"must hold {' and '.join(pair)} together", _listed(arrays)
            )
        _check_pair(part, arrays[pair[0]], arrays[pair[1]], origin)
        _check_shape(part, arrays, origin)
        _check_weights(part, arrays, origin)
    target = find_target(
        {f"y_{part}": arrays[f"y_{part}"] for part in found},
        origin,
        task=task,
        class_names=class_names,
        keep_numbers=keep_as_given,
    )
    is_turned = not keep_as_given and _has_channels_first(arrays["x_train"].shape)
    parts = {}
    for part in found:
        x, weights = arrays[f"x_{part}"], arrays.get(f"w_{part}")
        parts[part] = ArrayExamples(
            _with_channel(np.moveaxis(x, 1, -1) if is_turned else x),
            encode_labels(arrays[f"y_{part}"], target),
            None if weights is None else weights.astype(np.float32),
        )
    return FoundArrays(parts, target, tuple(_notes(arrays, is_turned, target)))


def _notes(
    arrays: Mapping[str, np.ndarray], is_turned: bool, target: Target
) -> Iterator[str]:
    if is_turned:
        height, width = arrays["x_train"].shape[2:]
        yield (
            f"The channels of the images came first and are put last: {height} x "
            f"{width} x {arrays['x_train'].shape[1]}."
        )
    is_float = np.issubdtype(arrays["y_train"].dtype, np.floating)
    if is_float and target.kind in ("classes", "binary"):
        yield "Labels are whole floats that number classes; see --task=regression."
    if "w_train" in arrays:
        yield "Examples count in the loss by their weights."


def _has_channels_first(shape: tuple[int, ...]) -> bool:
    """Tells images of 3 x 32 x 32 from those of 32 x 32 x 3."""
    return len(shape) == 4 and shape[1] in (1, 3) and min(shape[2:]) > 4


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _check_pair(part: str, x: np.ndarray, y: np.ndarray, origin: Origin) -> None:
    is_number = is_numeric(x)
    if x.ndim < 2 or not is_number or len(x) == 0 or 0 in x.shape:
        raise origin.error(
            f"must hold numbers of shape [n, ...] in x_{part}, n > 0",
            f"{x.dtype} of shape {list(x.shape)}",
        )
    if y.ndim == 0 or len(x) != len(y):
        raise origin.error(
            f"must hold as many labels as examples: x_{part} and y_{part} differ",
            f"{len(x)} examples, {len(y) if y.ndim else 'no'} labels",
        )
    if np.issubdtype(x.dtype, np.floating):
        is_finite = is_finite_float32(x).reshape(len(x), -1).all(axis=1)
        if not is_finite.all():
            raise origin.error(
                f"must hold finite numbers in x_{part}",
                f"NaN or infinity in {np.sum(~is_finite)} of {len(x)} examples, first "
                f"in example {np.argmin(is_finite)}",
                "Leave these examples out, or fill the gaps.",
            )


def _check_shape(part: str, arrays: Mapping[str, np.ndarray], origin: Origin) -> None:
    shapes = arrays["x_train"].shape[1:], arrays[f"x_{part}"].shape[1:]
    if shapes[0] != shapes[1]:
        names = {"val": "validation", "test": "test"}
        raise origin.error(
            f"must hold training and {names[part]} examples of one shape",
            f"{shapes[0]} and {shapes[1]}",
        )


def _check_weights(part: str, arrays: Mapping[str, np.ndarray], origin: Origin) -> None:
    weights = arrays.get(f"w_{part}")
    if weights is None:
        return
    num_examples = len(arrays[f"x_{part}"])
    if weights.shape != (num_examples,) or not is_numeric(weights):
        raise origin.error(
            f"must hold one number for each example in the weights of its part {part}",
            f"{weights.dtype} of shape {list(weights.shape)} for {num_examples}",
        )
    if not is_finite_float32(weights).all() or (weights < 0).any():
        raise origin.error(
            f"must hold finite weights of at least 0 in its part {part}",
            f"{weights[np.argmin(is_finite_float32(weights) & (weights >= 0))]}",
        )


def _with_channel(x: np.ndarray) -> np.ndarray:
    """Converts all but bytes to float32, and gives grey images their one channel."""
    x = x if x.dtype == np.uint8 else x.astype(np.float32)
    return x[..., np.newaxis] if x.ndim == 3 else x
