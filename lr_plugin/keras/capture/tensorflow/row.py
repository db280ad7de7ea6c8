"""Makes the row of one training step from the updates that were made in it."""

import keras
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.update_reading import UpdateReading
from lr_plugin.keras.capture.tensorflow import replicas
from lr_plugin.keras.capture.tensorflow.asked_rate import AskedRates
from lr_plugin.keras.capture.tensorflow.ring import Cell
from lr_plugin.keras.capture.tensorflow.step_notes import Cells
from lr_plugin.keras.capture.unseen import rate_unseen


class TensorFlowUpdateReading(UpdateReading):
    """Reads an update within the step that makes it."""

    def __init__(self, optimizer: keras.Optimizer, asked: AskedRates):
        """Reads what the update will change."""
        super().__init__(optimizer)
        self.asked = asked

    def read_gradient_norm(self, gradients: list[tf.Tensor]) -> None:
        """Reads the norm of all gradients, before clipping and without loss scaling."""
        one = tf.constant(1.0)
        scale = type(self.optimizer).scale_loss(self.optimizer, one)
        dense = [tf.convert_to_tensor(g) for g in gradients if g is not None]
        dense = [replicas.sum_over_replicas(g) for g in dense]
        norm = tf.linalg.global_norm([tf.cast(g, tf.float32) for g in dense])
        self._gradient_norm = norm / tf.cast(scale, tf.float32)

    def _asked_rate(self, optimizer: keras.Optimizer) -> tf.Tensor | None:
        return self.asked.read(optimizer)


class Row:
    """The cells of one step, in which one or several optimizers made updates.

    With several, the columns are those of the main one, and besides for each of them
    `learning_rate:<name>`, the rate of its newest update in this step, and
    `updates:<name>`, how many it made. Where one made none, it has no rate.
    """

    def __init__(self, main: keras.Optimizer, names: dict[int, str]):
        self._main = main
        self._names = names
        self._optimizers: dict[int, keras.Optimizer] = {id(main): main}
        self._cells: dict[int, Cells] = {}
        self._num_direct: dict[int, int] = {}
        # How many updates were made, and whether any, where only the step knows.
        self._num_latest: dict[int, tf.Tensor] = {}

    def has_taken(self, optimizer: keras.Optimizer) -> bool:
        """Tells whether `add_latest` was called for this optimizer."""
        return id(optimizer) in self._num_latest

    def add(self, optimizer: keras.Optimizer, cells: Cells) -> None:
        """Adds an update that was made for certain."""
        key = id(optimizer)
        self._optimizers[key] = optimizer
        self._cells[key] = cells
        self._num_direct[key] = self._num_direct.get(key, 0) + 1

    def add_latest(
        self, optimizer: keras.Optimizer, cells: Cells, num_new: tf.Tensor
    ) -> None:
        """Adds the newest of some updates, or none."""
        key = id(optimizer)
        self._optimizers[key] = optimizer
        before = self._cells.get(key, {})
        self._cells[key] = {
            name: tf.where(num_new > 0, cell, tf.cast(before[name], cell.dtype))
            if name in before
            else cell
            for name, cell in cells.items()
        }
        self._num_latest[key] = num_new

    def cells_of(self, optimizer: keras.Optimizer) -> Cells:
        """Returns the cells of one optimizer's newest update; none if it made none."""
        return self._cells.get(id(optimizer), {})

    def cells(self) -> dict[str, Cell]:
        """Returns the row."""
        key = id(self._main)
        row = {name: self._cell(key, cell) for name, cell in self._cells[key].items()}
        if self._is_uncertain(key):
            row |= self._certain_cells()
        keys = [key, *(each for each in self._optimizers if each != key)]
        is_plain = len(keys) == 1 and self._num_direct.get(key) == 1
        if is_plain and key not in self._num_latest:
            return row
        for each in keys:
            name = self._names.get(each) or str(self._optimizers[each].name)
            rate = self._cells[each].get(schema.LEARNING_RATE)
            if rate is not None and len(keys) > 1:
                row[schema.named_rate(name)] = self._cell(each, rate)
            row[f"updates:{name}"] = self._num_updates(each)
        return row

    def notes(self) -> list[str]:
        """Returns what is to be said of a rate that is not there, and of its updates.

        Those are the ones that are not one in each step.
        """
        is_seen = schema.LEARNING_RATE in self._cells[id(self._main)]
        notes = [] if is_seen else [rate_unseen()]
        for key, optimizer in self._optimizers.items():
            name = self._names.get(key) or str(optimizer.name)
            number = self._num_direct.get(key, 0)
            if key in self._num_latest:
                notes.append(
                    f"The optimizer `{name}` updates in a loop, a branch or a function "
                    "of its own. Its rate is that of its last update in each step; in "
                    "a step without one there is no rate."
                )
            elif number > 1:
                notes.append(
                    f"The optimizer `{name}` makes {number} updates in each step. Its "
                    "rate is that of the last one."
                )
        return notes

    def _certain_cells(self) -> dict[str, Cell]:
        """Makes the cells that are there also without an update of the main one."""
        key = id(self._main)
        has_update = self._num_latest[key] > 0
        cells = self._cells[key]
        applied = cells.get(schema.APPLIED, tf.ones([], tf.float64))
        position = optimizer_state.read_position(self._main)
        step = cells[schema.STEP]
        return {
            schema.STEP: tf.where(has_update, step, tf.cast(position, step.dtype)),
            schema.APPLIED: tf.where(has_update, applied, tf.zeros_like(applied)),
        }

    def _is_uncertain(self, key: int) -> bool:
        return key in self._num_latest and key not in self._num_direct

    def _cell(self, key: int, cell: tf.Tensor) -> Cell:
        return (cell, self._num_latest[key] > 0) if self._is_uncertain(key) else cell

    def _num_updates(self, key: int) -> tf.Tensor:
        direct = tf.constant(self._num_direct.get(key, 0), tf.int64)
        return direct + self._num_latest.get(key, tf.zeros([], tf.int64))
