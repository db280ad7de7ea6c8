"""Ends a training whose weights are no longer finite: it cannot succeed any more."""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

# Reading the loss makes the program wait for the device.
_EVERY_BATCHES = 50


class StopAtNan(keras.callbacks.Callback):
    """Stops where the loss and the weights are not finite; looks every 50 batches.

    A loss alone that is not finite is no reason: loss scaling skips such an update, and
    the next batch may be better. From weights that are not finite nothing comes back.
    """

    def __init__(self) -> None:
        super().__init__()
        self._num_waited = 0
        self._last_batch = 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._last_batch = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._num_waited += batch + 1 - self._last_batch
        self._last_batch = batch + 1
        if self._num_waited >= _EVERY_BATCHES:
            self._num_waited = 0
            self._look(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._look(logs)

    def _look(self, logs: Any) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if self.model.stop_training or math.isfinite(float(np.asarray(loss))):
            return
        weights = self.model.trainable_variables
        if all(bool(ops.all(ops.isfinite(weight))) for weight in weights):
            return
        self.model.stop_training = True
        print(
            "\nThe weights are no longer finite, and nothing that follows can make "
            "them so: the training ends here. (--nostop_at_nan goes on.)"
        )
