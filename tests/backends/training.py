"""The network of `numpy_loop` in Keras, and what records a training of it."""

import functools

import keras
import numpy_loop
from small_fits import (
    BATCH_SIZE,
    Rows,
    assert_same_rows,
    batches_of,
    falling,
    make_data,
)

from lr_plugin.keras import Recorder

BACKEND = keras.backend.backend()

assert_same = functools.partial(assert_same_rows, rtol=2e-5)


def make_model(model_class=None):
    keras.utils.set_random_seed(3)
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(8, activation="tanh")(inputs)
    outputs = keras.layers.Dense(1)(hidden)
    return (model_class or keras.Model)(inputs, outputs)


def falling_schedule():
    return keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5)


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


def expected_rows(**options):
    """Makes the rows of two epochs by the loop in NumPy."""
    weights = make_model().get_weights()
    return numpy_loop.train(weights, batches_of(*make_data()), falling, **options)[0]
