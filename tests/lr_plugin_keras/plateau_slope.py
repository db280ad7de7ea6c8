"""A training in which every loss and every gradient is known beforehand."""

import keras
import numpy as np
from keras import ops


def labels_with_slope(y, p):
    """Returns a loss whose value is the label and whose gradient is 1."""
    return y + p - ops.stop_gradient(p)


def make_slope(optimizer, **compile_arguments):
    """Makes a model of one weight, from 0 on, with gradient 1 and labels as losses.

    So at any time the weight is minus the sum of the rates so far.
    """
    model = keras.Sequential(
        [
            keras.Input((1,)),
            keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros"),
        ]
    )
    model.compile(optimizer, loss=labels_with_slope, **compile_arguments)
    return model


def fit_slope(model, losses, *callbacks, epochs, **fit_arguments):
    """Trains on batches of one example, each with the next of the losses."""
    losses = np.array(losses, np.float32)[:, np.newaxis]
    arguments = {"batch_size": 1, "shuffle": False, "verbose": 0, **fit_arguments}
    return model.fit(
        np.ones_like(losses),
        losses,
        epochs=epochs,
        callbacks=list(callbacks),
        **arguments,
    )


def sum_of_rates(model):
    """Returns the sum of the rates of all updates so far."""
    return -float(model.trainable_weights[0].numpy().item())


class Report(keras.callbacks.Callback):
    """Reports given values of a metric, epoch by epoch, to callbacks after it."""

    def __init__(self, values, name="score"):
        super().__init__()
        self._values = values
        self._name = name

    def on_epoch_end(self, epoch, logs=None):
        logs[self._name] = self._values[epoch]


class SumsOfRates(keras.callbacks.Callback):
    """Remembers the sum of the rates at the end of each epoch."""

    def __init__(self):
        super().__init__()
        self.sums = []

    def on_epoch_end(self, epoch, logs=None):
        self.sums.append(sum_of_rates(self.model))
