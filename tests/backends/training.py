"""The network of `numpy_loop` in Keras, and what records a training of it."""

import keras
import numpy as np
from numpy_loop import BATCH_SIZE, make_data

from lr_plugin.keras import Recorder

BACKEND = keras.backend.backend()


def make_model(model_class=None):
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(8, activation="tanh")(inputs)
    outputs = keras.layers.Dense(1)(hidden)
    return (model_class or keras.Model)(inputs, outputs)


def falling(step):
    return 0.1 / (1 + 0.5 * step)


def falling_schedule():
    return keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5)


class Rows:
    """Gathers what a recorder hands over."""

    def __init__(self):
        self.parts = []

    def __call__(self, rows):
        self.parts.append(rows)

    def columns(self):
        return {
            name: np.concatenate([part[name] for part in self.parts])
            for name in self.parts[0]
        }


def fit(model, epochs=2, **arguments):
    x, y = make_data()
    arguments = {"batch_size": BATCH_SIZE, "shuffle": False, "verbose": 0, **arguments}
    return model.fit(x, y, epochs=epochs, **arguments)


def record_fit(model, *, epochs=2, **options):
    """Records a fit and returns the rows by column."""
    rows = Rows()
    with Recorder(model, on_rows=rows, **options):
        fit(model, epochs)
    return rows.columns()


def assert_same(rows, expected, *, rtol=2e-5):
    """Compares all rows, and prints the largest relative differences."""
    assert rows["step"].tolist() == expected["step"].tolist()
    applied = rows.get("applied", np.ones(len(rows["step"])))
    assert applied.tolist() == expected["applied"].tolist()
    for name in ("learning_rate", "loss"):
        difference = np.abs(rows[name] / expected[name] - 1).max()
        print(f"largest relative difference of {name}: {difference:.1e}")
    np.testing.assert_allclose(
        rows["learning_rate"], expected["learning_rate"], rtol=3e-7
    )
    np.testing.assert_allclose(rows["loss"], expected["loss"], rtol=rtol)
