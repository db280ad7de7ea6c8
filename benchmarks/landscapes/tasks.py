"""What is learned: small data sets and networks, each a training of a few seconds."""

import dataclasses
import functools
import os
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import sklearn.datasets
from keras import layers

_TEXT_LENGTH = 24
_VOCABULARY = 128


@dataclasses.dataclass(frozen=True)
class Task:
    """A network, its data, and how long it trains.

    Attributes:
        load: Gives inputs and targets to train on, and others to validate.
    """

    build: Callable[[], keras.Model]
    load: Callable[[], tuple[np.ndarray, ...]]
    batch_size: int
    num_steps: int


@functools.cache
def load_digits() -> tuple[np.ndarray, ...]:
    """Splits the 1797 digits of scikit-learn."""
    x, y = sklearn.datasets.load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order].reshape(-1, 8, 8, 1) / 16).astype("float32"), y[order]
    return x[:1200], y[:1200], x[1200:], y[1200:]


@functools.cache
def load_mnist() -> tuple[np.ndarray, ...]:
    """Takes some of MNIST, from the file that `MNIST_NPZ` names."""
    with np.load(os.environ["MNIST_NPZ"]) as arrays:
        x, y = arrays["x_train"][:8000], arrays["y_train"][:8000].astype(int)
    x = (x[..., None] / 255).astype("float32")
    return x[:6000], y[:6000], x[6000:], y[6000:]


@functools.cache
def load_text() -> tuple[np.ndarray, ...]:
    """Cuts scikit-learn's descriptions of its data sets; the target is the next letter.

    The last quarter of each description is there to validate.
    """
    folder = Path(sklearn.datasets.__file__).parent / "descr"
    train, validation = [], []
    for path in sorted(folder.glob("*.rst")):
        codes = np.frombuffer(path.read_bytes(), np.uint8) % _VOCABULARY
        num_pieces = (len(codes) - 1) // _TEXT_LENGTH
        pieces = [
            codes[i * _TEXT_LENGTH : (i + 1) * _TEXT_LENGTH + 1]
            for i in range(num_pieces)
        ]
        begin = num_pieces * 3 // 4
        train += pieces[:begin]
        validation += pieces[begin:]
    known, others = (np.array(rows, int) for rows in (train, validation))
    return known[:, :-1], known[:, 1:], others[:, :-1], others[:, 1:]


def build_mlp(shape: tuple[int, ...], width: int) -> keras.Model:
    """Builds a network of one hidden layer."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dense(width, activation="relu"),
            layers.Dense(10),
        ]
    )


def build_digits_cnn() -> keras.Model:
    """Builds a convolution with batch normalization and dropout."""
    return keras.Sequential(
        [
            keras.Input([8, 8, 1]),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10),
        ]
    )


def build_mnist_cnn() -> keras.Model:
    """Builds two strided convolutions, of images of half the size."""
    return keras.Sequential(
        [
            keras.Input([28, 28, 1]),
            layers.AveragePooling2D(2),
            layers.Conv2D(8, 3, activation="relu"),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(10),
        ]
    )


class Positions(layers.Layer):
    """Adds to each letter what is learned of its position."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="uniform")

    def call(self, x):
        return x + self.table


def build_transformer() -> keras.Model:
    """Builds one block of a transformer that predicts the next letter."""
    width = 24
    letters = keras.Input([_TEXT_LENGTH], dtype="int32")
    x = Positions()(layers.Embedding(_VOCABULARY, width)(letters))
    attended = layers.MultiHeadAttention(2, width // 2)
    normal = layers.LayerNormalization()(x)
    x = layers.Add()([x, attended(normal, normal, use_causal_mask=True)])
    hidden = layers.Dense(2 * width, activation="gelu")(layers.LayerNormalization()(x))
    x = layers.Add()([x, layers.Dense(width)(hidden)])
    return keras.Model(letters, layers.Dense(_VOCABULARY)(x))


TASKS = {
    "digits-mlp": Task(lambda: build_mlp((8, 8, 1), 64), load_digits, 32, 400),
    "digits-cnn": Task(build_digits_cnn, load_digits, 32, 400),
    "mnist-mlp": Task(lambda: build_mlp((28, 28, 1), 64), load_mnist, 64, 400),
    "mnist-cnn": Task(build_mnist_cnn, load_mnist, 32, 400),
    "text-transformer": Task(build_transformer, load_text, 16, 400),
}
