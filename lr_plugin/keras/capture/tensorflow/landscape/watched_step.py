"""Knows the loss of the training step that was traced last."""

import weakref
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture.tensorflow.landscape.step_loss import StepLoss
from lr_plugin.keras.capture.tensorflow.step_notes import Update

_NOT = "The loss landscape was not measured"
EAGER = f"{_NOT}: the model runs eagerly, and a compiled step is needed."
STRATEGY = f"{_NOT}: a distribution strategy hands out the batches."
OTHER_UPDATES = (
    f"{_NOT}: the training step does not make one update, of a loss that it computes."
)
OTHER_BATCHES = f"{_NOT}: the batches hold something else than plain tensors."
OTHER_FUNCTION = f"{_NOT}: this model's train function is not the one that Keras makes."
LEAVES_TRACE = (
    f"{_NOT}: computing the loss once more would run {{}}, which may leave a trace."
)


class WatchedStep:
    """Notes where a training step computes the loss of its one update.

    Holds no graph: as long as the step may run, its function does.

    Attributes:
        reason: Why the loss cannot be computed anew; empty as long as it can.
    """

    def __init__(self) -> None:
        self._graph: weakref.ref[Any] | None = None
        self._loss_name = ""
        self._loss: StepLoss | None = None
        self.reason = ""

    def note_updates(self, updates: Sequence[Update]) -> None:
        """Notes the updates of a step while it is traced, or runs eagerly."""
        self._graph = self._loss = None
        if tf.executing_eagerly():
            self.reason = EAGER
        elif len(updates) != 1 or schema.LOSS not in (updates[0].cells or {}):
            self.reason = OTHER_UPDATES
        else:
            loss = (updates[0].cells or {})[schema.LOSS]
            self._graph, self._loss_name = weakref.ref(loss.graph), loss.name
            self.reason = ""

    def find_loss(self, model: keras.Model) -> StepLoss | None:
        """Returns the loss of the step; None with a `reason`, or before it is traced.

        Args:
            model: Whose trainable variables it is a function of.
        """
        graph = None if self._graph is None else self._graph()
        if self._loss is None and graph is not None and not self.reason:
            loss = graph.get_tensor_by_name(self._loss_name)
            weights = [variable.value for variable in model.trainable_variables]
            try:
                self._loss = StepLoss(loss, weights, has_xla=bool(model.jit_compile))
            except ValueError as error:
                self.reason = LEAVES_TRACE.format(error)
        return self._loss
