"""Rows that are still on the device, until somebody takes them."""

import threading
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lr_plugin import schema
from lr_plugin.keras.capture.drain import Rows

# Brings rows with these columns, or what was packed of such, to the host:
# [num_rows, num_columns].
Fetch = Callable[[list[Any], tuple[str, ...]], np.ndarray]

_NUM_PACKED = 16


class _Piece(NamedTuple):
    """One row, or several that were packed."""

    columns: tuple[str, ...]
    num_rows: int
    data: Any


class PendingRows:
    """Rows in the backend's own form, in order; can be drained like a ring.

    The backend computes them whenever it does. To fetch one waits for that.
    """

    def __init__(
        self,
        fetch: Fetch,
        is_ready: Callable[[Any], bool],
        pack: Callable[[list[Any]], Any] | None,
    ):
        """Begins without a row.

        Args:
            fetch: Waits for rows, and brings them to the host.
            is_ready: Tells whether a row can be fetched without waiting.
            pack: Makes few objects of many rows, without waiting for them. Python looks
                for garbage among all objects whenever enough of them have lived for
                some time, which takes a third of a second.
        """
        self._fetch = fetch
        self._is_ready = is_ready
        self._pack = pack
        self._lock = threading.Lock()
        self._pieces: list[_Piece] = []
        self._num_unpacked = 0
        self._num_forgotten = 0

    def append(self, columns: tuple[str, ...], row: Any) -> None:
        """Adds one row, without waiting for it."""
        # One operation of the list, which others see done or not done.
        self._pieces.append(_Piece(columns, 1, row))
        self._num_unpacked += 1
        if self._num_unpacked == _NUM_PACKED:
            self._num_unpacked = 0
            self._pack_newest()

    def _pack_newest(self) -> None:
        if self._pack is None:
            return
        with self._lock:
            # Fewer, or none, where somebody has taken them meanwhile.
            newest = self._pieces[-_NUM_PACKED:]
            columns = {piece.columns for piece in newest}
            if len(columns) == 1 and all(piece.num_rows == 1 for piece in newest):
                packed = self._pack([piece.data for piece in newest])
                piece = _Piece(columns.pop(), len(newest), packed)
                self._pieces[-len(newest) :] = [piece]

    def count(self) -> int:
        """Returns the number of rows so far."""
        with self._lock:
            return self._num_forgotten + sum(piece.num_rows for piece in self._pieces)

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
            self._forget(begin)
            num_known = begin - self._num_forgotten
            taken = list(self._pieces)
        # They are ready in their order: looking at the last ones is enough.
        while taken and not may_take(taken[-1].data):
            taken.pop()
        owners = np.repeat(np.arange(len(taken)), [piece.num_rows for piece in taken])
        names = dict.fromkeys(name for piece in taken for name in piece.columns)
        always = (schema.STEP, schema.LEARNING_RATE)
        rows = {name: np.full(len(owners), np.nan) for name in (*always, *names)}
        for columns in dict.fromkeys(piece.columns for piece in taken):
            numbers = [i for i, piece in enumerate(taken) if piece.columns == columns]
            table = self._fetch([taken[i].data for i in numbers], columns)
            places = np.isin(owners, numbers)
            for name, values in zip(columns, table.T, strict=True):
                rows[name][places] = values
        rows = {name: values[num_known:] for name, values in rows.items()}
        rows[schema.STEP] = rows[schema.STEP].astype(np.int64)
        return rows, begin + len(rows[schema.STEP])

    def _forget(self, begin: int) -> None:
        """Drops the pieces whose rows are all before number `begin`."""
        num_pieces = 0
        for piece in self._pieces:
            if self._num_forgotten + piece.num_rows > begin:
                break
            self._num_forgotten += piece.num_rows
            num_pieces += 1
        del self._pieces[:num_pieces]
