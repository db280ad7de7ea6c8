"""A ring buffer on the device: the compiled step appends rows, the host takes them."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture.drain import Rows

# A value of shape [], or one with a boolean of shape []: whether there is one.
Cell: TypeAlias = Any


class Ring:
    """The newest rows of a training, in variables that the compiled step writes.

    float64, which holds steps up to 2^53 and every float32 exactly. Which cells of a
    row there are is told by one number, a bit for each column: a NaN for those that
    there are not would be found by whoever looks for NaN in the step.

    Attributes:
        capacity: How many rows there is room for.
        others: Rings of other replicas, whose losses are parts of those here.
    """

    def __init__(self, columns: tuple[str, ...], capacity: int, *, num_spare: int = 0):
        """Creates the variables.

        Args:
            columns: Names of the columns; with `num_spare` more to come.
        """
        self._columns = list(columns)
        self._num_columns = len(columns) + num_spare
        self.capacity = capacity
        self.others: list[Ring] = []
        self._rows = tf.Variable(
            tf.zeros([capacity, self._num_columns + 1], tf.float64), trainable=False
        )
        self._num_appended = tf.Variable(0, dtype=tf.int64, trainable=False)

    def append(self, cells: Mapping[str, Cell]) -> None:
        """Adds the operations that append one row.

        Args:
            cells: By column; a column may have none. One that is new takes the place
                of a spare one, and is left out where there is none.
        """
        for name in cells:
            if name not in self._columns and len(self._columns) < self._num_columns:
                self._columns.append(name)
        always = 0
        sometimes: list[tf.Tensor] = []
        values: dict[int, tf.Tensor] = {}
        for i, name in enumerate(self._columns):
            cell = cells.get(name)
            if isinstance(cell, tuple):
                cell, is_present = cell
                sometimes.append(tf.cast(is_present, tf.float64) * 2.0**i)
            elif cell is not None:
                always |= 1 << i
            if cell is not None:
                values[i] = tf.cast(cell, tf.float64)
        is_there = tf.constant(always, tf.float64)
        # What stands where there is no cell does not matter: one constant for all.
        row = [values.get(i, is_there) for i in range(self._num_columns)]
        row.append(tf.add_n([is_there, *sometimes]) if sometimes else is_there)
        one = tf.constant(1, tf.int64)
        index = self._num_appended % self.capacity
        # Each operation costs time in every step: this takes a plain number as place.
        written = self._rows.scatter_update(tf.IndexedSlices(tf.stack(row), index))
        # TensorFlow orders what is done to one variable, but not to two.
        with tf.control_dependencies([written]):
            self._num_appended.assign_add(one)

    def read_newest(self) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
        """Reads the newest row, also inside a step.

        Returns:
            Tensors by column, all of them, and the number of rows appended so far.
        """
        num_appended = self.read_count()
        row = self._rows.sparse_read([(num_appended - 1) % self.capacity])[0]
        return {name: row[i] for i, name in enumerate(self._columns)}, num_appended

    def read_count(self) -> tf.Tensor:
        """Reads the number of rows appended so far, also inside a step."""
        return self._num_appended.read_value()

    def count(self) -> int:
        """Returns the number of rows appended so far."""
        return int(self._num_appended.numpy())

    def row(self, number: int) -> dict[str, float]:
        """Returns one row that is still there: the cells that it has, by column."""
        values = self._rows[number % self.capacity].numpy()
        is_there = int(values[-1])
        return {
            name: float(values[i])
            for i, name in enumerate(self._columns)
            if is_there >> i & 1
        }

    def read(self, begin: int) -> tuple[Rows, int]:
        """Reads the rows from number `begin` on that were not overwritten yet.

        Returns:
            The rows, and the number of the row that will be appended next. A cell that
            there is not is NaN.
        """
        # In this order: a row that is counted is complete.
        end = min(ring.count() for ring in (self, *self.others))
        if end == begin:
            numbers = np.empty([0], np.int64)
            table = np.empty([0, self._num_columns + 1])
        else:
            numbers = np.arange(max(begin, end - self.capacity), end)
            table = self._rows.numpy()[numbers % self.capacity]
        is_there = table[:, -1].astype(np.int64)
        rows = {}
        for i, name in enumerate(self._columns):
            has_cell = (is_there >> i) & 1 == 1
            rows[name] = np.where(has_cell, table[:, i], np.nan)
        rows[schema.STEP] = rows[schema.STEP].astype(np.int64)
        for ring in self.others if len(numbers) else ():
            rows[schema.LOSS] += ring._rows.numpy()[numbers % self.capacity, 0]
        return rows, end
