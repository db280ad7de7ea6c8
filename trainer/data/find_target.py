"""Finds out from the labels what is to be predicted."""

from collections.abc import Mapping, Sequence

import numpy as np

from trainer.data.class_labels import (
    check_recur,
    check_several,
    count_classes,
    number_classes,
    target_of_classes,
)
from trainer.data.origin import Origin
from trainer.data.target import Target, as_column, is_finite_float32, is_numeric
from trainer.errors import ConfigError

# Whole floats are classes where each has so many examples; else they count something.
_MIN_EXAMPLES_OF_FLOAT = 5


def find_target(
    labels: Mapping[str, np.ndarray],
    origin: Origin,
    *,
    task: str | None = None,
    class_names: Sequence[str] = (),
    keep_numbers: bool = False,
) -> Target:
    """Finds out from the labels what is to be predicted.

    Whole numbers and texts are classes, rows with one 1 among 0s are one-hot classes,
    other rows of 0 and 1 are labels, floats of 0 and 1 alone are two classes, and so
    are whole floats that number classes without a gap; other floats are numbers to
    predict.

    Args:
        labels: The labels of each part, by a name such as "y_train", which is the
            first. `[n]`, `[n, 1]` or `[n, k]`.
        task: "classification" or "regression", whatever the labels look like.
        class_names: The names of the classes 0, 1, ..., where they are known.
        keep_numbers: Whether a model expects the classes by the numbers that they
            have, also where these do not begin at 0.

    Raises:
        ConfigError: The labels are none of these, or the classes are not numbered.
    """
    columns = {name: as_column(y) for name, y in labels.items()}
    first = next(iter(columns.values()))
    is_text = all(_is_text(y) for y in columns.values())
    if not is_text:
        for name, y in columns.items():
            _check_kind(name, y, first, origin)
    if task != "regression" and all(_is_one_hot(y) for y in columns.values()):
        return Target("one_hot", first.shape[1], tuple(class_names))
    if task != "regression" and all(_is_multi_hot(y) for y in columns.values()):
        return Target("labels", first.shape[1], tuple(class_names))
    wanted = task or ("classification" if is_text else _guess_task(columns))
    if wanted == "regression":
        if is_text or class_names:
            raise _named_error([*class_names, str(first[0])][0], origin)
        return _target_of_numbers(first)
    if not is_text:
        for name, y in columns.items():
            _check_classes(name, y, origin)
    if task is None:
        check_recur(first, origin)
    if class_names:
        check_several(first, origin, class_names[0])
        return target_of_classes(len(class_names), tuple(class_names))
    if is_text or (min(y.min() for y in columns.values()) != 0 and not keep_numbers):
        return number_classes(columns, origin)
    return target_of_classes(count_classes(columns, origin))


def _target_of_numbers(y: np.ndarray) -> Target:
    y = np.asarray(y, np.float64).reshape(len(y), -1)
    scale = y.std(axis=0)
    return Target(
        "numbers",
        y.shape[1],
        mean=tuple(y.mean(axis=0).tolist()),
        scale=tuple(np.where(scale > 0, scale, 1.0).tolist()),
    )


def _is_one_hot(y: np.ndarray) -> bool:
    return (
        y.ndim == 2
        and bool(np.isin(y, (0, 1)).all())
        and bool((y.sum(axis=1) == 1).all())
    )


def _is_multi_hot(y: np.ndarray) -> bool:
    return y.ndim == 2 and y.shape[1] > 1 and bool(np.isin(y, (0, 1)).all())


def _is_text(y: np.ndarray) -> bool:
    if y.dtype == object:
        return y.ndim == 1 and all(isinstance(value, str) for value in y)
    return y.ndim == 1 and np.issubdtype(y.dtype, np.character)


def _guess_task(columns: Mapping[str, np.ndarray]) -> str:
    floats = [y for y in columns.values() if np.issubdtype(y.dtype, np.floating)]
    if all(np.isin(y, (0, 1)).all() for y in floats):
        return "classification"
    if any(y.ndim != 1 or (y % 1 != 0).any() for y in columns.values()):
        return "regression"
    # Whole floats: as NumPy reads classes from a text file, or counts of something.
    first = next(iter(columns.values()))
    found = np.unique(first)
    is_numbering = found[0] in (0, 1) and (np.diff(found) == 1).all()
    comes_again = _MIN_EXAMPLES_OF_FLOAT * len(found) <= len(first)
    return "classification" if is_numbering and comes_again else "regression"


def _named_error(name: str, origin: Origin) -> ConfigError:
    return origin.error(
        "must hold numbers to predict where --task=regression says so",
        f"classes with names, such as {name}",
        "Leave --task out.",
    )


def _check_kind(name: str, y: np.ndarray, first: np.ndarray, origin: Origin) -> None:
    if not is_numeric(y) or y.ndim not in (1, 2):
        raise origin.error(
            f"must hold one number, or one row of numbers, per example in {name}",
            f"{y.dtype} of shape {list(y.shape)}",
        )
    if y.shape[1:] != first.shape[1:]:
        raise origin.error(
            f"must hold the same kind of labels in all its parts: {name} differs",
            f"shape {list(first.shape)} in the first, {list(y.shape)}",
        )
    is_finite = is_finite_float32(y)
    if not is_finite.all():
        row = int(np.argwhere(~is_finite)[0][0])
        raise origin.error(
            f"must hold finite numbers in {name}", f"{y[row]} for example {row}"
        )


def _check_classes(name: str, y: np.ndarray, origin: Origin) -> None:
    if y.ndim != 1 or (y % 1 != 0).any():
        raise origin.error(
            f"must hold one whole number per example, or one-hot rows, in {name}",
            f"{y.dtype} of shape {list(y.shape)}",
            "For numbers to predict add --task=regression.",
        )
