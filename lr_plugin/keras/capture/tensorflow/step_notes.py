"""What is noted in one training step, until its row is written at its end."""

import dataclasses
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from lr_plugin.keras.capture.tensorflow import replicas
from lr_plugin.keras.capture.tensorflow.gradient_targets import GradientTargets
from lr_plugin.keras.capture.tensorflow.graph_reach import current_graph, is_reachable
from lr_plugin.keras.capture.tensorflow.ring import Ring

Cells = dict[str, tf.Tensor]

LOSS_IS_TARGET = (
    "The loss is the value whose gradient the training step takes: this model's "
    "`train_step` does not use what `self.compute_loss` returns as it is."
)
LOSS_IS_MEAN = (
    "The training step takes the gradient of a loss that is not one number, which is "
    "the gradient of its sum; the recorded loss is its mean."
)


# Losses that no update has asked for are forgotten, oldest first.
_MAX_LOSSES = 32


class Losses:
    """The losses that a step computes, and which of them an update is for."""

    def __init__(self) -> None:
        self._targets = GradientTargets()
        # By the identity of a tensor, and with the tensor, so that it stays its own.
        self._unscaled: dict[int, tuple[Any, Any]] = {}
        self._computed: dict[int, Any] = {}

    def add_computed(self, loss: Any) -> None:
        """Notes what `model.compute_loss` returned."""
        self._computed[id(loss)] = loss
        _forget_oldest(self._computed)

    def add_scaled(self, loss: Any, scaled: Any) -> None:
        """Notes what `optimizer.scale_loss` made of a loss."""
        self._unscaled[id(scaled)] = scaled, loss
        _forget_oldest(self._unscaled)

    def add_gradient(self, target: Any, sources: Any, gradients: Any) -> None:
        """Notes what was differentiated."""
        self._targets.add(target, sources, gradients)

    def find(
        self, gradients: Sequence[Any], variables: Sequence[Any]
    ) -> tuple[tf.Tensor | None, list[str]]:
        """Returns the loss that an update is for, before loss scaling.

        Keras has divided the losses of replicas by their number; each writes its own,
        and the ring sums them. None where it cannot be seen.

        Returns:
            The loss, float64 of shape [], and what is to be said of it.
        """
        targets, notes = self._targets.find(gradients, variables), []
        if any(not self._is_usual(target) for target in targets):
            notes.append(LOSS_IS_TARGET)
        if not targets:
            # Differentiated by other means than a tape.
            scaled = [loss for _, loss in self._unscaled.values()]
            targets = [*self._computed.values(), *scaled][-1:]
        losses = []
        for target in targets:
            _, loss = self._unscaled.get(id(target), (None, target))
            if not is_reachable(loss):
                return None, []
            loss = tf.cast(tf.convert_to_tensor(loss), tf.float64)
            if loss.shape.rank != 0 and loss.shape.num_elements() != 1:
                notes.append(LOSS_IS_MEAN)
            losses.append(tf.reduce_mean(loss))
        if not losses:
            return None, []
        return replicas.sum_over_workers(tf.add_n(losses)), notes

    def _is_usual(self, target: Any) -> bool:
        return id(target) in self._unscaled or id(target) in self._computed


def _forget_oldest(losses: dict[int, Any]) -> None:
    while len(losses) > _MAX_LOSSES:
        del losses[next(iter(losses))]


@dataclasses.dataclass(frozen=True)
class Update:
    """One update of an optimizer: its cells, or None if `Latest` holds them."""

    optimizer: keras.Optimizer
    cells: Cells | None


class StepNotes:
    """What is noted while one step is traced, or runs eagerly."""

    def __init__(self, inputs: Any):
        self.losses = Losses()
        self.updates: list[Update] = []
        self._graph = current_graph()
        # A row that does not wait for the data would be written also where there are
        # no more: Keras runs the step once to see that.
        self.inputs = [
            each
            for each in tf.nest.flatten(inputs, expand_composites=True)
            if isinstance(each, tf.Tensor)
        ]

    @property
    def is_in_its_graph(self) -> bool:
        """Whether what is computed here can be used at the step's end."""
        return current_graph() is self._graph


class Latest:
    """An optimizer's newest update, in variables: for updates in other graphs.

    A function that is traced once and called later, a loop or a branch cannot hand a
    tensor to the end of the step.
    """

    def __init__(self, columns: Sequence[str]):
        self._ring = Ring(tuple(columns), 1)
        self._num_seen = tf.Variable(0, dtype=tf.int64, trainable=False)

    def store(self, cells: Mapping[str, tf.Tensor]) -> None:
        """Stores an update."""
        self._ring.append(cells)

    def take(self) -> tuple[Cells, tf.Tensor]:
        """Returns the newest update and how many there were since the last time."""
        cells, num_stored = self._ring.read_newest()
        num_new = num_stored - self._num_seen.read_value()
        with tf.control_dependencies([num_new]):
            self._num_seen.assign(num_stored)
        return cells, num_new


class NotesOfThread(threading.local):
    """What one thread has noted: each replica has a thread of its own.

    Attributes:
        steps: The steps that are under way, the innermost last.
        outside: What was noted outside of any step.
    """

    def __init__(self) -> None:
        self.steps: list[StepNotes] = []
        self.outside = Losses()
