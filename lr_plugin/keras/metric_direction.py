"""Which of two values of a metric is better, as Keras itself decides it."""

import re
import sys
import types
from collections.abc import Mapping
from typing import Any

import keras

# An element of an array, see `number_metrics`, goes the way the whole goes.
_INDEX = re.compile(r"\[[0-9,]+\]$")


def ask_keras(model: keras.Model, name: str) -> bool | None:
    """Asks the ReduceLROnPlateau of the installed Keras, by showing it two values.

    Args:
        model: Must have trained a batch; before, Keras does not know all metrics.
        name: As in the logs of an epoch: "val_loss".

    Returns:
        Whether higher is better; None where Keras does not know.
    """
    asked = keras.callbacks.ReduceLROnPlateau(name, patience=sys.maxsize)
    # It also changes a rate, which must not be that of the model.
    optimizer = types.SimpleNamespace(learning_rate=1.0)
    asked.set_model(types.SimpleNamespace(metrics=model.metrics, optimizer=optimizer))
    asked.on_train_begin()
    try:
        for value in (0.0, 1.0):
            asked.on_epoch_end(0, {name: value})
    except ValueError:
        return None
    return asked.best == 1.0


class MetricDirections:
    """The directions of a model's metrics; Keras is asked once for each."""

    def __init__(self) -> None:
        """Asks nothing yet, because Keras does not know all metrics yet."""
        self._known: dict[str, bool | None] = {}

    def find(self, model: keras.Model, metrics: Mapping[str, Any]) -> dict[str, bool]:
        """Finds which metrics are to rise; those that Keras does not know are left out.

        Args:
            model: The same each time; must have trained a batch.
            metrics: By name, as an epoch reports them.
        """
        found = {}
        for name in metrics:
            whole = _INDEX.sub("", name)
            if whole not in self._known:
                self._known[whole] = ask_keras(model, whole)
            direction = self._known[whole]
            if direction is not None:
                found[name] = direction
        return found
