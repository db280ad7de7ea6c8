"""Small models and their data, fitted while a recorder records, and compared."""

import keras
import numpy as np
import tensorflow as tf

from lr_plugin.keras import Recorder

NUM_SAMPLES, BATCH_SIZE = 100, 8
STEPS_PER_EPOCH = 13  # 12 batches of 8 and one of 4


def make_data(num_samples=NUM_SAMPLES):
    random = np.random.default_rng(7)
    x = random.normal(size=[num_samples, 6]).astype(np.float32)
    y = (x[:, :1] * x[:, 1:2] + x[:, 2:3]).astype(np.float32)
    return x, y


def batches_of(*arrays, epochs=2, batch_size=BATCH_SIZE):
    for _ in range(epochs):
        for begin in range(0, len(arrays[0]), batch_size):
            yield tuple(array[begin : begin + batch_size] for array in arrays)


def make_model(**dense):
    keras.utils.set_random_seed(3)
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(8, activation="tanh", **dense),
            layers.Dense(1),
        ]
    )


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


def record_fit(model, *, fit=None, **options):
    """Records a fit over two epochs and returns the rows by column."""
    x, y = make_data()
    arguments = {"batch_size": BATCH_SIZE, "epochs": 2, "shuffle": False}
    rows = Rows()
    with Recorder(model, on_rows=rows, **options):
        model.fit(x, y, verbose=0, **{**arguments, **(fit or {})})
    return rows.columns()


def assert_same(rows, expected, *, rtol=2e-6):
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


class Subclassed(keras.Model):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


class OwnLoss(Subclassed):
    """A train_step with a loss of its own, as in guides to custom training."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self(x, training=True) - y))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss}


class HandGradient(Subclassed):
    """A train_step that differentiates by hand: no tape, no loss."""

    def train_step(self, data):
        x, y = data
        error = tf.cast(self(x, training=True) - y, tf.float32)
        bias = self.inner.layers[-1].bias
        self.optimizer.apply([2 * tf.reduce_mean(error, axis=0)], [bias])
        return {"error": tf.reduce_mean(tf.square(error))}


class SetEveryBatch(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = 0.1 / (1 + batch)
