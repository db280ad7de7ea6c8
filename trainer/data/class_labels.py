"""The classes that labels name: by texts, or by whole numbers."""

from collections.abc import Mapping

import numpy as np

from trainer.data.origin import Origin
from trainer.data.target import Target, is_numeric, whole_or_text

# Where so many examples have classes that rarely come again, these are no classes.
_MANY = 20


def check_recur(y: np.ndarray, origin: Origin) -> None:
    """Refuses as many classes as examples: they would be learned by heart.

    Raises:
        ConfigError: Each example has a class of its own, or every other of many has.
    """
    num_classes, num_examples = len(np.unique(y)), len(y)
    allowed = num_examples / 2 if num_examples >= _MANY else max(2, num_examples - 1)
    if num_classes > allowed:
        raise origin.error(
            "must hold several examples of a class",
            f"{num_classes} classes of {num_examples} examples",
            "Add --task=regression for numbers to predict, choose another "
            "--target_column of a table, or add --task=classification.",
        )


def number_classes(columns: Mapping[str, np.ndarray], origin: Origin) -> Target:
    """Numbers the texts, or the whole numbers that do not begin at 0.

    Args:
        columns: Labels `[n]` by the name of their array; the first are trained with.

    Raises:
        ConfigError: It is one class alone, a label is not trained with, or whole
            numbers leave large gaps.
    """
    first = next(iter(columns.values()))
    values = np.unique(whole_or_text(first))
    check_several(first, origin)
    if is_numeric(first):
        _check_gaps(values, origin)
    for name, y in columns.items():
        unknown = np.setdiff1d(whole_or_text(y), values)
        if len(unknown):
            raise origin.error(
                f"must hold no label in {name} that y_train lacks", str(unknown[0])
            )
    plain = tuple(values.tolist())
    return target_of_classes(len(plain), names=tuple(map(str, plain)), values=plain)


def target_of_classes(
    num_classes: int,
    names: tuple[str, ...] = (),
    values: tuple[int | str, ...] = (),
) -> Target:
    """Gives the target of one class among several."""
    if num_classes == 2:
        return Target("binary", 1, names, values)
    return Target("classes", num_classes, names, values)


def check_several(y: np.ndarray, origin: Origin, name: str = "") -> None:
    """Refuses labels of one class alone; `name` is what it is called."""
    if len(np.unique(y)) < 2:
        raise origin.error(
            "must hold examples of two classes at least", f"{name or y[0]} for all"
        )


def count_classes(columns: Mapping[str, np.ndarray], origin: Origin) -> int:
    """Counts the classes of whole numbers from 0 on: one more than the highest.

    Raises:
        ConfigError: As `number_classes`.
    """
    found = np.unique(np.concatenate(list(columns.values())))
    first = next(iter(columns.values()))
    check_several(first, origin)
    if found[0] < 0:
        name = next(n for n, y in columns.items() if y.min() == found[0])
        raise origin.error(f"must hold labels from 0 in {name}", f"{int(found[0])}")
    highest = int(found[-1])
    if highest > first.max():
        name = next(n for n, y in columns.items() if y.max() == highest)
        raise origin.error(
            f"must hold no label in {name} that is above those trained with",
            f"{highest}, where the highest of these is {int(first.max())}",
        )
    _check_gaps(found, origin)
    return highest + 1


def _check_gaps(found: np.ndarray, origin: Origin) -> None:
    """Refuses labels that leave half of the numbers between them out."""
    lowest, highest = int(found[0]), int(found[-1])
    if len(found) <= (highest - lowest) / 2:
        raise origin.error(
            "must number the classes from 0 without large gaps",
            f"{len(found)} different labels, the highest {highest}",
            "Number them anew, or add --task=regression if they are quantities.",
        )
