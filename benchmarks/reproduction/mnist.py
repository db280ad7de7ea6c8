"""Loads the real MNIST: the file that MNIST_NPZ names, else what Keras downloads."""

import os

import keras
import numpy as np

Images = tuple[np.ndarray, np.ndarray]


def load_mnist() -> tuple[Images, Images]:
    """Loads training and test set: float32 `[n, 28, 28, 1]` from 0 to 1, and labels."""
    path = os.environ.get("MNIST_NPZ")
    if path:
        with np.load(path) as file:
            train = file["x_train"], file["y_train"]
            test = file["x_test"], file["y_test"]
    else:
        train, test = keras.datasets.mnist.load_data()
    return _scaled(*train), _scaled(*test)


def _scaled(x: np.ndarray, y: np.ndarray) -> Images:
    return x[..., np.newaxis].astype(np.float32) / 255, y.astype(np.int32)


def first_half() -> tuple[Images, Images]:
    """Loads the digits 0 to 4, with these labels."""
    return _only(range(5))


def second_half() -> tuple[Images, Images]:
    """Loads the digits 5 to 9, with the labels 0 to 4."""
    return _only(range(5, 10))


def _only(digits: range) -> tuple[Images, Images]:
    train, test = load_mnist()
    return _chosen(*train, digits), _chosen(*test, digits)


def _chosen(x: np.ndarray, y: np.ndarray, digits: range) -> Images:
    kept = (y >= digits.start) & (y < digits.stop)
    return x[kept], y[kept] - digits.start
