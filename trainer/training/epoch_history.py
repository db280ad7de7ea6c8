"""history.csv: one row per epoch, each epoch once, also where a run was resumed."""

import csv
import math
import os
import pathlib

import keras


def history_writer(path: pathlib.Path, first_epoch: int) -> keras.callbacks.CSVLogger:
    """Makes a Keras CSVLogger that goes on at `first_epoch`.

    Rows of later epochs, which a killed run may have left, are dropped, because these
    epochs are trained again.
    """
    if path.exists():
        _keep_before(path, first_epoch)
    return keras.callbacks.CSVLogger(str(path), append=True)


def read_history(path: pathlib.Path) -> dict[int, dict[str, float]]:
    """Reads history.csv by epoch, in order; what is missing is NaN."""
    with path.open(newline="") as file:
        return {
            int(row["epoch"]): {
                name: _number(text) for name, text in row.items() if name != "epoch"
            }
            for row in csv.DictReader(file)
        }


def _keep_before(path: pathlib.Path, first_epoch: int) -> None:
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    part = path.with_suffix(".part")
    with part.open("w", newline="") as file:
        kept = [row for row in rows[1:] if _epoch(row) < first_epoch]
        csv.writer(file).writerows([*rows[:1], *kept])
    os.replace(part, path)


def _epoch(row: list[str]) -> float:
    # The last row may be incomplete.
    return int(row[0]) if row and row[0].isdigit() else float("inf")


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
