"""history.csv: one row per epoch, each epoch once, also where a run was resumed."""

import csv
import io
import itertools
import math
import os
import pathlib
import sys
from typing import Any

import keras

from lr_plugin.whole_file import replace_file
from trainer.training.lost_files import LostFiles

HISTORY = "history.csv"


def history_writer(
    path: pathlib.Path, first_epoch: int, lost: LostFiles | None = None
) -> keras.callbacks.CSVLogger:
    """Makes a Keras CSVLogger that goes on at `first_epoch`.

    Rows of later epochs, which a killed run may have left, are dropped, because these
    epochs are trained again.

    Args:
        lost: Keeps rows that cannot be written from ending the training; they are
            written with the next row for which there is room.
    """
    lost = LostFiles() if lost is None else lost
    if path.exists():
        with lost.keep(HISTORY):
            _keep_before(path, first_epoch)
    return _EpochHistory(path, lost)


class _EpochHistory(keras.callbacks.CSVLogger):
    def __init__(self, path: pathlib.Path, lost: LostFiles):
        super().__init__(str(path), append=True)
        self._path, self._lost = path, lost

    def on_train_begin(self, logs: Any = None) -> None:
        with self._lost.keep(HISTORY):
            self._path.touch()
        self.append_header = not (self._path.exists() and self._path.stat().st_size)
        self.csv_file = _PatientFile(self._path, self._lost)
        self.writer = self.keys = None


class _PatientFile(io.StringIO):
    """A text that is appended to a file as soon as that is possible."""

    def __init__(self, path: pathlib.Path, lost: LostFiles):
        super().__init__()
        self._path, self._lost = path, lost

    def flush(self) -> None:
        with self._lost.keep(HISTORY):
            _append(self._path, self.getvalue().encode())
            self.seek(0)
            self.truncate()

    def close(self) -> None:
        if not self.closed:
            self.flush()
        super().close()


def _append(path: pathlib.Path, data: bytes) -> None:
    """Appends all of the bytes, or none."""
    with path.open("ab", buffering=0) as file:
        begin = file.seek(0, os.SEEK_END)
        try:
            num_written = 0
            while num_written < len(data):
                num_written += file.write(data[num_written:])
        except OSError:
            file.truncate(begin)
            if not begin:
                path.unlink()
            raise


def read_history(path: pathlib.Path) -> dict[int, dict[str, float]]:
    """Reads history.csv by epoch, in order; what is missing is NaN.

    A file that is missing, or holds something else, has no epoch.
    """
    rows = _read_rows(path) if path.exists() else None
    header, *others = rows or [[]]
    return {
        int(row[0]): dict(zip(header[1:], map(_number, row[1:]), strict=True))
        for row in others
    }


def _keep_before(path: pathlib.Path, first_epoch: int) -> None:
    rows = _read_rows(path)
    if rows is None:
        aside = path.with_name(f"damaged-{path.name}")
        os.replace(path, aside)
        print(
            f"warning: {path.name} holds something else than a row for each epoch. It "
            f"is now {aside.name}; a new one begins with epoch {first_epoch + 1}.",
            file=sys.stderr,
        )
        return
    kept = [row for row in rows[1:] if _epoch(row) < first_epoch]

    def write(part: pathlib.Path) -> None:
        with part.open("w", newline="") as file:
            csv.writer(file).writerows([*rows[:1], *kept])

    replace_file(path, write)


def _read_rows(path: pathlib.Path) -> list[list[str]] | None:
    """Reads header and rows; None if these are not what was written."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except (csv.Error, UnicodeDecodeError):
        return None
    if not rows:
        return rows
    header, *others = rows
    # The last row may be incomplete.
    whole = others[:-1] if others and len(others[-1]) < len(header) else others
    epochs = [_epoch(row) for row in whole]
    is_good = (
        header[:1] == ["epoch"]
        and all(len(row) == len(header) for row in whole)
        and all(math.isfinite(epoch) for epoch in epochs)
        and all(before < after for before, after in itertools.pairwise(epochs))
    )
    return [header, *whole] if is_good else None


def _epoch(row: list[str]) -> float:
    return int(row[0]) if row and row[0].isdecimal() else math.inf


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
