"""What is to be predicted, and what follows from it: last layer, loss and metrics."""

import dataclasses

import numpy as np

# A line lists at most this many classes.
_NUM_SHOWN = 10


@dataclasses.dataclass(frozen=True)
class Target:
    """What a model is to predict of an example.

    Attributes:
        kind: "classes" (one of several, given by number), "one_hot" (the same, given
            as rows of one 1 among 0s), "binary" (no or yes, 0 or 1), "labels" (any
            number of several, given as rows of 0s and 1s) or "numbers".
        num_outputs: How many numbers the model gives for an example.
        class_names: Empty if they are not known.
        values: What stands for each class in the data; empty where 0, 1, 2, ... do.
        mean, scale: Mean and standard deviation of each number to predict.
    """

    kind: str
    num_outputs: int
    class_names: tuple[str, ...] = ()
    values: tuple[int | str, ...] = ()
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
        of_kind = {"binary": "sigmoid", "labels": "sigmoid", "numbers": "linear"}
        return of_kind.get(self.kind, "softmax")

    @property
    def loss(self) -> str:
        return {
            "classes": "sparse_categorical_crossentropy",
            "one_hot": "categorical_crossentropy",
            "binary": "binary_crossentropy",
            "labels": "binary_crossentropy",
            "numbers": "mean_squared_error",
        }[self.kind]

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is reported beside the loss."""
        if self.kind == "numbers":
            return ("mean_absolute_error",)
        if self.kind == "labels":
            # Keras would take "accuracy" of rows for that of one class among several.
            return ("binary_accuracy",)
        return ("accuracy",)

    @property
    def lines(self) -> tuple[str, ...]:
        """Which output is which class, for the user to read; empty if not known."""
        names = self.class_names
        if not names:
            return ()
        shown = ", ".join(f"{i} = {name}" for i, name in enumerate(names[:_NUM_SHOWN]))
        if len(names) > _NUM_SHOWN:
            shown += f", ... {len(names)} in all, see classes.txt"
        if self.kind == "binary":
            shown += f"; the model gives the probability of {names[1]}"
        return (f"Classes: {shown}.",)

    def __str__(self) -> str:
        if self.kind == "numbers":
            count = (
                "a number" if self.num_outputs == 1 else f"{self.num_outputs} numbers"
            )
            return f"{count} to predict (regression)"
        if self.kind == "binary":
            return "2 classes (binary)"
        if self.kind == "labels":
            return f"{self.num_outputs} labels, each yes or no"
        one_hot = " (one-hot)" if self.kind == "one_hot" else ""
        return f"{self.num_classes} classes{one_hot}"


def encode_labels(y: np.ndarray, target: Target) -> np.ndarray:
    """Converts labels to what the loss of `target` takes: int32 `[n]`, or float32."""
    y = as_column(y)
    if target.values:
        return np.searchsorted(np.array(target.values), whole_or_text(y)).astype(
            np.int32
        )
    return y.astype(np.int32 if target.kind in ("classes", "binary") else np.float32)


def is_numeric(values: np.ndarray) -> bool:
    """Tells whether these are real numbers or booleans."""
    kinds = (np.integer, np.floating, np.bool_)
    return any(np.issubdtype(values.dtype, kind) for kind in kinds)


def is_finite_float32(values: np.ndarray) -> np.ndarray:
    """Finds which numbers stay finite in a model, which computes in float32."""
    limit = np.finfo(np.float32).max
    return (values >= -limit) & (values <= limit)


def whole_or_text(y: np.ndarray) -> np.ndarray:
    """Converts labels to whole numbers, or to texts where they are none."""
    return y.astype(np.int64 if is_numeric(y) else np.str_)


def as_column(y: np.ndarray) -> np.ndarray:
    """Takes the one label of each example out of its row."""
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y
