"""Rows that wait on the device, hundreds of them in a few tensors."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import torch

from lr_plugin.keras.capture.optimizers.update_reading import Cells

_NUM_ROWS = 256
_NOT_IN_NUMPY = (torch.bfloat16,)


class Later(NamedTuple):
    """A cell that is computed once its row is fetched, of many rows at once.

    An operation takes PyTorch as long for one number as for a thousand.

    Attributes:
        rule: Takes tensors of shape [num_rows]; equal ones do the same.
        columns: The cells of the row that it takes, which come before this one.
        value: What it takes besides, a tensor of shape [], which is kept until then.
    """

    rule: Any
    columns: tuple[str, ...]
    value: torch.Tensor | None = None


class RowSlice(NamedTuple):
    """The rows of a block from `begin` on, and before `end`."""

    block: "RowBlock"
    begin: int
    end: int

    def table(self) -> np.ndarray:
        """Brings the rows to the host: [num_rows, num_columns]."""
        return self.block.table(self.begin, self.end)


class RowBlock:
    """Room for some hundred rows with the same columns.

    Tensors of their own for each row would stay among those of the training, whose
    large ones then begin elsewhere in the memory in each step, which takes them longer.
    """

    def __init__(self, cells: Cells):
        """Begins without a row, for rows of these columns: of shape [], or `Later`."""
        self._names = tuple(cells)
        self._kinds = _kinds(cells)
        self._columns = [
            None
            if value is None
            else torch.empty([_NUM_ROWS], dtype=value.dtype, device=value.device)
            for value in _values(cells)
        ]
        self._rooms = [_room(column) for column in self._columns]
        self._num_rows = 0

    def has_room(self, cells: Cells) -> bool:
        """Tells whether one more row can be added that is like this."""
        return (
            self._num_rows < _NUM_ROWS
            and self._names == tuple(cells)
            and self._kinds == _kinds(cells)
        )

    def add(self, cells: Cells) -> RowSlice:
        """Copies what a row holds, without waiting for it."""
        row = self._num_rows
        for room, value in zip(self._rooms, _values(cells), strict=True):
            if room is not None and value is not None:
                # To pick an element of a tensor takes longer than to copy a number.
                room[row] = value.item() if isinstance(room, np.ndarray) else value
        self._num_rows = row + 1
        return RowSlice(self, row, row + 1)

    def table(self, begin: int, end: int) -> np.ndarray:
        """Brings some rows to the host: [num_rows, num_columns]."""
        found: dict[str, torch.Tensor] = {}
        columns = zip(self._names, self._kinds, self._columns, strict=True)
        with torch.no_grad():
            for name, kind, column in columns:
                kept = [] if column is None else [column[begin:end]]
                if isinstance(kind, torch.dtype):
                    found[name] = kept[0]
                else:
                    rule, others = kind
                    found[name] = rule(*(found[other] for other in others), *kept)
            table = [cells.to("cpu", torch.float64).numpy() for cells in found.values()]
        return np.stack(table, axis=1)


def _room(column: torch.Tensor | None) -> Any:
    """Returns what writes into a column: where NumPy can, its view of that memory."""
    if column is None or column.device.type != "cpu" or column.dtype in _NOT_IN_NUMPY:
        return column
    return column.numpy()


def _kinds(cells: Cells) -> list[Any]:
    """Returns of each cell its data type, or how it is computed."""
    return [
        (cell.rule, cell.columns) if isinstance(cell, Later) else cell.dtype
        for cell in cells.values()
    ]


def _values(cells: Cells) -> list[torch.Tensor | None]:
    """Returns of each cell what is kept of it."""
    return [cell.value if isinstance(cell, Later) else cell for cell in cells.values()]


class RowBlocks:
    """Adds rows to the newest block, and begins another one where it must."""

    def __init__(self) -> None:
        self._newest: RowBlock | None = None

    def add(self, cells: Cells) -> RowSlice:
        """Copies a row: tensors of shape [] or `Later`, by column."""
        block = self._newest
        if block is None or not block.has_room(cells):
            block = self._newest = RowBlock(cells)
        return block.add(cells)


def joined(slices: Iterable[RowSlice]) -> list[RowSlice]:
    """Makes one slice of those that follow each other in a block."""
    found: list[RowSlice] = []
    for each in slices:
        if found and found[-1].block is each.block and found[-1].end == each.begin:
            found[-1] = RowSlice(each.block, found[-1].begin, each.end)
        else:
            found.append(each)
    return found
