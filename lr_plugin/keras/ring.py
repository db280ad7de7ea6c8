"""A ring buffer on the device: the compiled step appends rows, the host reads them."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from lr_plugin import schema


class Ring:
    """The newest rows of a training, in variables that the compiled step writes.

    float64, which holds steps up to 2^53 and every float32 exactly.
    """

    def __init__(self, columns: tuple[str, ...], capacity: int):
        self._columns = columns
        self._capacity = capacity
        self._num_read = 0
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
        self._rows.scatter_nd_update([[index]], [row])
        self._num_appended.assign_add(1)

    def read_new(self) -> tuple[dict[str, np.ndarray], int]:
        """Reads the rows that are new, and counts those that were overwritten."""
        # In this order: a row that is counted is complete.
        num_appended = int(self._num_appended.numpy())
        num_new = num_appended - self._num_read
        if num_new:
            num_kept = min(num_new, self._capacity)
            order = np.arange(num_appended - num_kept, num_appended) % self._capacity
            table = self._rows.numpy()[order]
        else:
            num_kept = 0
            table = np.empty([0, len(self._columns)])
        self._num_read = num_appended
        rows = dict(zip(self._columns, table.T, strict=True))
        rows[schema.STEP] = rows[schema.STEP].astype(np.int64)
        return rows, num_new - num_kept
