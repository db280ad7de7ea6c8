"""What is to be predicted, and what follows from it: last layer, loss and metrics."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from trainer.data.origin import Origin


@dataclasses.dataclass(frozen=True)
class Target:
    """What a model is to predict of an example.

    Attributes:
        kind: "classes" (one of several, given by number), "one_hot" (the same, given
            as rows of one 1 among 0s), "binary" (no or yes, 0 or 1) or "numbers".
        num_outputs: How many numbers the model gives for an example.
        class_names: Empty if they are not known.
        mean, scale: Mean and standard deviation of each number to predict.
    """

    kind: str
    num_outputs: int
    class_names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()

    @property
    def num_classes(self) -> int | None:
        """How many classes there are; None where numbers are predicted."""
        if self.kind == "numbers":
            return None
        return 2 if self.kind == "binary" else self.num_outputs

    @property
    def activation(self) -> str:
        """The activation of the last layer."""
        return {"binary": "sigmoid", "numbers": "linear"}.get(self.kind, "softmax")

    @property
    def loss(self) -> str:
        return {
            "classes": "sparse_categorical_crossentropy",
            "one_hot": "categorical_crossentropy",
            "binary": "binary_crossentropy",
            "numbers": "mean_squared_error",
        }[self.kind]

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is reported beside the loss."""
        if self.kind == "numbers":
            return ("mean_absolute_error",)
        return ("accuracy",)

    def __str__(self) -> str:
        if self.kind == "numbers":
            count = (
                "a number" if self.num_outputs == 1 else f"{self.num_outputs} numbers"
            )
            return f"{count} to predict (regression)"
        if self.kind == "binary":
            return "2 classes (binary)"
        one_hot = " (one-hot)" if self.kind == "one_hot" else ""
        return f"{self.num_classes} classes{one_hot}"


def find_target(
    labels: Mapping[str, np.ndarray],
    origin: Origin,
    *,
    task: str | None = None,
    class_names: Sequence[str] = (),
) -> Target:
    """Finds out from the labels what is to be predicted.

    Whole numbers are classes, rows with one 1 among 0s are one-hot classes, floats of 0
    and 1 alone are two classes, other floats are numbers to predict.

    Args:
        labels: The labels of each part, by a name such as "y_train", which is the
            first. `[n]`, `[n, 1]` or `[n, k]`.
        task: "classification" or "regression", whatever the labels look like.

    Raises:
        ConfigError: The labels are none of these, or the classes are not numbered.
    """
    columns = {name: _column(y) for name, y in labels.items()}
    first = next(iter(columns.values()))
    for name, y in columns.items():
        _check_kind(name, y, first, origin)
    if task != "regression" and all(_is_one_hot(y) for y in columns.values()):
        num_classes = first.shape[1]
        return Target("one_hot", num_classes, tuple(class_names))
    if task is None:
        task = _guess_task(columns)
    if task == "regression" and class_names:
        raise origin.error(
            "must hold numbers to predict where --task=regression says so",
            f"classes with names, such as {class_names[0]}",
            "Leave --task out.",
        )
    if task == "regression":
        y = np.asarray(first, np.float64).reshape(len(first), -1)
        scale = y.std(axis=0)
        return Target(
            "numbers",
            y.shape[1],
            mean=tuple(y.mean(axis=0).tolist()),
            scale=tuple(np.where(scale > 0, scale, 1.0).tolist()),
        )
    for name, y in columns.items():
        _check_classes(name, y, origin)
    num_classes = _count_classes(columns, origin, class_names)
    if num_classes == 2:
        return Target("binary", 1, tuple(class_names))
    return Target("classes", num_classes, tuple(class_names))


def encode_labels(y: np.ndarray, target: Target) -> np.ndarray:
    """Converts labels to what the loss of `target` takes: int32 `[n]`, or float32."""
    y = _column(y)
    return y.astype(np.int32 if target.kind in ("classes", "binary") else np.float32)


def is_numeric(values: np.ndarray) -> bool:
    """Tells whether these are real numbers or booleans."""
    kinds = (np.integer, np.floating, np.bool_)
    return any(np.issubdtype(values.dtype, kind) for kind in kinds)


def is_finite_float32(values: np.ndarray) -> np.ndarray:
    """Finds which numbers stay finite in a model, which computes in float32."""
    limit = np.finfo(np.float32).max
    return (values >= -limit) & (values <= limit)


def _column(y: np.ndarray) -> np.ndarray:
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _is_one_hot(y: np.ndarray) -> bool:
    return (
        y.ndim == 2
        and bool(np.isin(y, (0, 1)).all())
        and bool((y.sum(axis=1) == 1).all())
    )


def _guess_task(columns: Mapping[str, np.ndarray]) -> str:
    for y in columns.values():
        if np.issubdtype(y.dtype, np.floating) and not np.isin(y, (0, 1)).all():
            return "regression"
    return "classification"


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
    if y.min() < 0:
        raise origin.error(f"must hold labels from 0 in {name}", f"{int(y.min())}")


def _count_classes(
    columns: Mapping[str, np.ndarray], origin: Origin, class_names: Sequence[str]
) -> int:
    found = np.unique(np.concatenate(list(columns.values())))
    first = np.unique(next(iter(columns.values())))
    if len(first) < 2:
        raise origin.error(
            "must hold examples of two classes at least",
            f"{[*class_names, int(first[0])][0]} for all",
        )
    if class_names:
        return len(class_names)
    highest = int(found[-1])
    if highest > first[-1]:
        name = next(n for n, y in columns.items() if y.max() == highest)
        raise origin.error(
            f"must hold no label in {name} that is above those trained with",
            f"{highest}, where the highest of these is {int(first[-1])}",
        )
    if len(found) <= highest / 2:
        raise origin.error(
            "must number the classes from 0 without large gaps",
            f"{len(found)} different labels, the highest {highest}",
            "Number them anew, or add --task=regression if they are quantities.",
        )
    return highest + 1
