"""A ring buffer on the device: the compiled step appends rows, the host takes them."""

import threading
import time
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from lr_plugin import schema

Rows = dict[str, np.ndarray]


class Ring:
    """The newest rows of a training, in variables that the compiled step writes.

    float64, which holds steps up to 2^53 and every float32 exactly.
    """

    def __init__(self, columns: tuple[str, ...], capacity: int):
        self._columns = columns
        self._capacity = capacity
        self._rows = tf.Variable(
            tf.zeros([capacity, len(columns)], tf.float64), trainable=False
        )
        self._num_appended = tf.Variable(0, dtype=tf.int64, trainable=False)

    def append(self, cells: Mapping[str, tf.Tensor]) -> None:
        """Adds the operations that append one row.

        Args:
            cells: Tensors of shape [] by column; a column without one gets NaN.
        """
        nothing = tf.constant(np.nan, tf.float64)
        row = tf.stack(
            [tf.cast(cells.get(name, nothing), tf.float64) for name in self._columns]
        )
        index = self._num_appended % self._capacity
        written = self._rows.scatter_nd_update([[index]], [row])
        # TensorFlow orders what is done to one variable, but not to two.
        with tf.control_dependencies([written]):
            self._num_appended.assign_add(1)

    def read(self, begin: int) -> tuple[Rows, int]:
        """Reads the rows from number `begin` on that were not overwritten yet.

        Returns:
            The rows, and the number of the row that will be appended next.
        """
        # In this order: a row that is counted is complete.
        end = int(self._num_appended.numpy())
        if end == begin:
            table = np.empty([0, len(self._columns)])
        else:
            numbers = np.arange(max(begin, end - self._capacity), end)
            table = self._rows.numpy()[numbers % self._capacity]
        rows = dict(zip(self._columns, table.T, strict=True))
        rows[schema.STEP] = rows[schema.STEP].astype(np.int64)
        return rows, end


class Drain:
    """Takes new rows from a ring to whoever wants them; any thread may ask for that.

    Knows the ring but not the model, so that it can still take the last rows when
    nobody holds the model any more.
    """

    def __init__(self, on_rows: Callable[[Rows], None]):
        self._on_rows = on_rows
        self._lock = threading.Lock()
        self._num_taken = 0
        self._last_time = time.monotonic()
        self.ring: Ring | None = None
        self.num_rows = 0

    @property
    def num_lost_rows(self) -> int:
        """How many rows were overwritten before anybody took them."""
        return self._num_taken - self.num_rows

    def is_due(self, every_secs: float) -> bool:
        """Tells whether `every_secs` have passed since rows were taken."""
        return time.monotonic() - self._last_time > every_secs

    def __call__(self) -> None:
        """Takes what is new."""
        with self._lock:
            self._last_time = time.monotonic()
            if self.ring is None:
                return
            rows, end = self.ring.read(self._num_taken)
            num_rows = len(rows[schema.STEP])
            if num_rows:
                # Counted only then: a Ctrl-C in between takes them twice, not never.
                self._on_rows(rows)
                self._num_taken, self.num_rows = end, self.num_rows + num_rows
