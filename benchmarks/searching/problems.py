"""Small trainings whose accuracy depends on the learning rate."""

import dataclasses
import os

import keras
import numpy as np

# Five rates in a decade, from far too low to far too high.
RATES = np.logspace(-5, 1, 31)


@dataclasses.dataclass
class Problem:
    """A dataset and an optimizer, with a model that is trained again and again.

    Half of the examples are held out; a search maximizes their accuracy.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    x_held_out: np.ndarray
    y_held_out: np.ndarray
    optimizer: str
    batch_size: int
    epochs: int

    def __post_init__(self) -> None:
        keras.utils.set_random_seed(0)
        self.model = keras.Sequential(
            [
                keras.Input(self.x.shape[1:]),
                keras.layers.Flatten(),
                keras.layers.Dense(128, activation="relu"),
                keras.layers.Dense(10),
            ]
        )
        self.model.compile(
            keras.optimizers.get(self.optimizer),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
            # For speed; the steps are the same.
            steps_per_execution=10,
        )
        self.model.optimizer.build(self.model.trainable_variables)
        self._start = [v.numpy() for v in self._variables()]

    @property
    def num_steps(self) -> int:
        """The updates of one training."""
        return -(-len(self.x) // self.batch_size) * self.epochs

    def begin_again(self) -> None:
        """Gives model and optimizer their initial values."""
        for variable, value in zip(self._variables(), self._start, strict=True):
            variable.assign(value)

    def train(self, learning_rate: float, seed: int) -> float:
        """Trains and returns the held-out accuracy at the end."""
        self.begin_again()
        keras.utils.set_random_seed(seed)
        self.model.optimizer.learning_rate = learning_rate
        self.model.fit(
            self.x, self.y, batch_size=self.batch_size, epochs=self.epochs, verbose=0
        )
        scores = self.model.evaluate(
            self.x_held_out, self.y_held_out, batch_size=500, verbose=0
        )
        return float(scores[1])

    def _variables(self) -> list[keras.Variable]:
        return [*self.model.variables, *self.model.optimizer.variables]


def load_problems() -> list[Problem]:
    """Loads the digits and a slice of MNIST, each with two optimizers."""
    problems = []
    for name, (x, y), batch_size, epochs in (
        ("digits", _load_digits(), 32, 8),
        ("MNIST, 5000 images", _load_mnist(), 64, 3),
    ):
        middle = len(x) // 2
        parts = (x[:middle], y[:middle], x[middle:], y[middle:])
        for optimizer in ("adam", "sgd"):
            problems.append(Problem(name, *parts, optimizer, batch_size, epochs))
    return problems


def _load_digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    return (digits.images[order] / 16).astype(np.float32), digits.target[order]


def _load_mnist() -> tuple[np.ndarray, np.ndarray]:
    path = os.environ.get("MNIST_NPZ")
    if path:
        with np.load(path) as file:
            x, y = file["x_train"], file["y_train"]
    else:
        (x, y), _ = keras.datasets.mnist.load_data()
    return (x[:10_000] / 255).astype(np.float32), y[:10_000]
