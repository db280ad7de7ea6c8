"""Small models and their data, fitted while a recorder records, and compared."""

import functools

import keras
import tensorflow as tf
from small_fits import BATCH_SIZE, Rows, assert_same_rows, make_data

from lr_plugin.keras import Recorder

assert_same = functools.partial(assert_same_rows, rtol=2e-6)


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


def falling_schedule():
    return keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5)


def record_fit(model, *, fit=None, **options):
    """Records a fit over two epochs and returns the rows by column."""
    x, y = make_data()
    arguments = {"batch_size": BATCH_SIZE, "epochs": 2, "shuffle": False}
    rows = Rows()
    with Recorder(model, on_rows=rows, **options):
        model.fit(x, y, verbose=0, **{**arguments, **(fit or {})})
    return rows.columns()


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
