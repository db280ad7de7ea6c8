"""Rows that are still on the device, until somebody takes them."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from lr_plugin import schema
from lr_plugin.keras.capture.drain import Rows

# Brings rows with these columns to the host: [num_rows, num_columns].
Fetch = Callable[[list[Any], tuple[str, ...]], np.ndarray]


class PendingRows:
    """Rows in the backend's own form, in order; can be drained like a ring.

    The backend computes them whenever it does. To fetch one waits for that.
    """

    def __init__(self, fetch: Fetch, is_ready: Callable[[Any], bool]):
        """Begins without a row.

        Args:
            fetch: Waits for rows, and brings them to the host.
            is_ready: Tells whether a row can be fetched without waiting.
        """
        self._fetch = fetch
        self._is_ready = is_ready
        self._lock = threading.Lock()
        self._rows: list[tuple[tuple[str, ...], Any]] = []
        self._num_forgotten = 0

    def append(self, columns: tuple[str, ...], row: Any) -> None:
        """Adds one row, without waiting for it."""
        with self._lock:
            self._rows.append((columns, row))

    def count(self) -> int:
        """Returns the number of rows so far."""
        with self._lock:
            return self._num_forgotten + len(self._rows)

    def read(self, begin: int) -> tuple[Rows, int]:
        """Reads the rows from number `begin` on, and forgets those before.

        Returns:
            The rows, and the number of the row that comes next. A cell that there is
            not is NaN.
        """
        return self._read(begin, lambda row: True)

    def read_ready(self, begin: int) -> tuple[Rows, int]:
        """Reads the rows from number `begin` on that there is no need to wait for."""
        return self._read(begin, self._is_ready)

    def _read(self, begin: int, may_take: Callable[[Any], bool]) -> tuple[Rows, int]:
        with self._lock:
            del self._rows[: begin - self._num_forgotten]
            self._num_forgotten = max(begin, self._num_forgotten)
            taken = list(self._rows)
        # They are ready in their order: looking at the last ones is enough.
        while taken and not may_take(taken[-1][1]):
            taken.pop()
        end = self._num_forgotten + len(taken)
        names = dict.fromkeys(name for columns, _ in taken for name in columns)
        always = (schema.STEP, schema.LEARNING_RATE)
        rows = {name: np.full(len(taken), np.nan) for name in (*always, *names)}
        for columns in dict.fromkeys(columns for columns, _ in taken):
            numbers = [i for i, (each, _) in enumerate(taken) if each == columns]
            table = self._fetch([taken[i][1] for i in numbers], columns)
            for name, values in zip(columns, table.T, strict=True):
                rows[name][numbers] = values
        rows[schema.STEP] = rows[schema.STEP].astype(np.int64)
        return rows, end
