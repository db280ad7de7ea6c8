"""Loads a dataset into arrays: examples scaled for training, labels as integers."""

import dataclasses
import pathlib
import zipfile
from typing import Any

import keras
import numpy as np

from trainer.config import Config, ConfigError

# One split for all runs: those with different seeds are judged by the same examples.
_SPLIT_SEED = 0


@dataclasses.dataclass(frozen=True)
class Data:
    """A classification task in memory.

    Attributes:
        x_train, y_train: Examples float32 `[n, ...]` (images `[n, height, width,
            channels]`), labels int32 `[n]`.
        x_val, y_val: Held out of the training data; None without a split.
        x_test, y_test: The dataset's own test set; None where it has none.
        num_classes: Labels are below this.
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_val: np.ndarray | None
    y_val: np.ndarray | None
    x_test: np.ndarray | None
    y_test: np.ndarray | None
    num_classes: int

    @property
    def example_shape(self) -> tuple[int, ...]:
        return self.x_train.shape[1:]


def load_data(config: Config) -> Data:
    """Loads `config.dataset` and holds out `config.validation_split` of it.

    Raises:
        ConfigError: The dataset cannot be reached, or is not what it should be.
    """
    if config.dataset == "digits":
        arrays = _load_digits()
    elif config.dataset == "mnist":
        arrays = _load_mnist()
    else:
        arrays = _load_npz(config.dataset)
    x_train, y_train, x_test, y_test = arrays
    num_classes = int(max(y.max() for y in (y_train, y_test) if y is not None)) + 1
    train, held_out = _split(len(x_train), config.validation_split)
    if len(train) == 0 or (len(held_out) == 0 and config.validation_split > 0):
        raise ConfigError(
            "`--validation_split` must leave examples on both sides. Received: "
            f"--validation_split={config.validation_split:g} of {len(x_train)} "
            "examples. Use another share, or 0 for no validation."
        )
    return Data(
        x_train=_scaled(x_train[train]),
        y_train=y_train[train].astype(np.int32),
        x_val=_scaled(x_train[held_out]) if len(held_out) else None,
        y_val=y_train[held_out].astype(np.int32) if len(held_out) else None,
        x_test=None if x_test is None else _scaled(x_test),
        y_test=None if y_test is None else y_test.astype(np.int32),
        num_classes=num_classes,
    )


_Arrays = tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]


def _load_digits() -> _Arrays:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ConfigError(
            "`--dataset=digits` needs scikit-learn, which carries the digits. "
            "Received: a Python without it. Install it with: pip install "
            "'tensorboard-plugin-lr[train]'"
        ) from error
    digits = load_digits()
    # Sixteen grey levels as floats: scaled here, bytes are scaled below.
    return (digits.images / 16.0).astype(np.float32), digits.target, None, None


def _load_mnist() -> _Arrays:
    try:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    # Keras raises a bare Exception where the download fails.
    except Exception as error:
        raise ConfigError(
            "`--dataset=mnist` must be downloaded once by Keras. Received: "
            f"{_first_line(error)}. Give a copy of the file instead: "
            "--dataset=path/mnist.npz, or use --dataset=digits, which needs no network."
        ) from error
    return x_train, y_train, x_test, y_test


def _load_npz(path: str) -> _Arrays:
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _NPZ_NAMES if name in file.files}
            found = file.files
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ConfigError(
            "`--dataset` must be an .npz file as numpy.savez writes it, without "
            f"pickled objects. Received: --dataset={path}: {_first_line(error)}. "
            "Write it again with numpy.savez."
        ) from error
    for name in ("x_train", "y_train"):
        if name not in arrays:
            raise _npz_error(path, "must hold x_train and y_train", ", ".join(found))
    if ("x_test" in arrays) != ("y_test" in arrays):
        raise _npz_error(path, "must hold x_test and y_test together", ", ".join(found))
    for part in ("train", "test"):
        if f"x_{part}" in arrays:
            arrays[f"y_{part}"] = _checked_labels(
                path, part, arrays[f"x_{part}"], arrays[f"y_{part}"]
            )
    if "x_test" in arrays and arrays["x_test"].shape[1:] != arrays["x_train"].shape[1:]:
        raise _npz_error(
            path,
            "must hold training and test examples of one shape",
            f"{arrays['x_train'].shape[1:]} and {arrays['x_test'].shape[1:]}",
        )
    return (
        arrays["x_train"],
        arrays["y_train"],
        arrays.get("x_test"),
        arrays.get("y_test"),
    )


_NPZ_NAMES = ("x_train", "y_train", "x_test", "y_test")


def _checked_labels(path: str, part: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Labels as `[n]`, one for each of the examples, whole and at least 0."""
    if x.ndim < 2 or not np.issubdtype(x.dtype, np.number) or len(x) == 0:
        raise _npz_error(
            path,
            f"must hold numbers of shape [n, ...] in x_{part}, n > 0",
            f"{x.dtype} of shape {list(x.shape)}",
        )
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1 or not np.issubdtype(y.dtype, np.integer):
        raise _npz_error(
            path,
            f"must hold one whole number per example in y_{part}",
            f"{y.dtype} of shape {list(y.shape)}",
        )
    if len(x) != len(y):
        raise _npz_error(
            path,
            f"must hold as many labels as examples: x_{part} and y_{part} differ",
            f"{len(x)} examples, {len(y)} labels",
        )
    if y.min() < 0:
        raise _npz_error(path, f"must hold labels from 0 in y_{part}", f"{y.min()}")
    return y


def _npz_error(path: str, rule: str, received: str) -> ConfigError:
    return ConfigError(
        f"`--dataset={pathlib.Path(path).name}` {rule}. Received: {received}. Write "
        "the file again with numpy.savez(path, x_train=..., y_train=...)."
    )


def _scaled(x: np.ndarray) -> np.ndarray:
    """Float32; bytes become 0 to 1, and grey images get their one channel."""
    scaled = x.astype(np.float32) / 255 if x.dtype == np.uint8 else x.astype(np.float32)
    return scaled[..., np.newaxis] if scaled.ndim == 3 else scaled


def _split(num_examples: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    order = np.random.default_rng(_SPLIT_SEED).permutation(num_examples)
    num_held_out = int(num_examples * share)
    # Sorted: the split says who belongs where, the order of training is not its task.
    return np.sort(order[num_held_out:]), np.sort(order[:num_held_out])


def _first_line(error: Any) -> str:
    return (
        str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
    )
