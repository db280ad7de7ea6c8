"""Reads a table of numbers from a CSV file; one of its columns is to be predicted."""

import contextlib
import csv
import re

import numpy as np

from trainer.data.origin import Origin
from trainer.data.target import is_finite_float32
from trainer.errors import ConfigError, first_line
from trainer.settings.flag_types import nearest

_WHOLE = re.compile(r"[+-]?\d+")
_QUOTED = re.compile(r'"[^"]*"')
# What may separate columns, the likeliest first.
_DELIMITERS = ",;\t"


def load_csv(
    path: str, target_column: str | None, origin: Origin
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Reads x_train `[n, num_columns - 1]` and y_train `[n]`.

    A first line that is not all numbers names the columns. The target column may hold
    names of classes instead of numbers.

    Args:
        target_column: Its name, or its place counted from 1; the last column if None.

    Returns:
        The arrays, and the names of the classes where the file has names.

    Raises:
        ConfigError: The file holds something else; the message names line and column.
    """
    rows, lines = _read_rows(path, origin)
    header = None if _are_numbers(rows[0]) else rows[0]
    if header is not None and _is_data(rows, header):
        header = None
    if header is not None:
        rows, lines = rows[1:], lines[1:]
    names = header or [str(place + 1) for place in range(len(rows[0]) if rows else 0)]
    if not rows or len(names) < 2:
        raise origin.error(
            "must hold rows of two columns at least",
            f"{len(rows)} rows of {len(names)} columns",
        )
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(names):
            raise origin.error(
                "must hold rows of equal length",
                f"{len(row)} columns in line {line}, {len(names)} before",
            )
    target = _find_column(names, target_column)
    columns = [
        _parse_column([row[i] for row in rows], names[i], lines, origin)
        for i in range(len(names))
        if i != target
    ]
    texts = [row[target].strip() for row in rows]
    y, classes = _parse_target(texts, names[target], lines, origin)
    x = np.stack(columns, axis=1).astype(np.float32)
    return {"x_train": x, "y_train": y}, classes


def _read_rows(path: str, origin: Origin) -> tuple[list[list[str]], list[int]]:
    """Reads the rows that are not empty, and the numbers of their lines."""
    rows, lines = [], []
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            start = _QUOTED.sub("", file.readline())
            delimiter = max(_DELIMITERS, key=start.count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter)
            for row in reader:
                if any(cell.strip() for cell in row):
                    rows.append([cell.strip() for cell in row])
                    lines.append(reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise origin.error(
            "must be a text file in UTF-8 with commas", first_line(error)
        ) from error
    if not rows:
        raise origin.error("must hold rows of two columns at least", "an empty file")
    return rows, lines


def _are_numbers(cells: list[str]) -> bool:
    return all(_number(cell) is not None for cell in cells)


def _is_data(rows: list[list[str]], header: list[str]) -> bool:
    """Tells whether the first line is a row in which only the target is a name."""
    texts = [i for i, cell in enumerate(header) if _number(cell) is None]
    if len(texts) != 1 or len(rows) < 2 or len(rows[1]) != len(header):
        return False
    return _number(rows[1][texts[0]]) is None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _find_column(names: list[str], wanted: str | None) -> int:
    if wanted is None:
        return len(names) - 1
    if wanted in names:
        return names.index(wanted)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        return int(wanted) - 1
    shown = names if len(names) <= 20 else [*names[:20], "..."]
    raise ConfigError(
        f"`--target_column` must be one of {', '.join(shown)}{nearest(wanted, names)}, "
        f"or a place from 1 to {len(names)}. Received: --target_column={wanted}. Leave "
        "it out for the last column."
    )


def _parse_column(
    texts: list[str], name: str, lines: list[int], origin: Origin
) -> np.ndarray:
    try:
        values = np.array(texts, dtype=np.float64)
    except ValueError:
        values = np.array([_number(text) or 0.0 for text in texts])
        row = next(i for i, text in enumerate(texts) if _number(text) is None)
    else:
        is_finite = is_finite_float32(values)
        if is_finite.all():
            return values
        row = int(np.argmin(is_finite))
    raise origin.error(
        f"must hold a finite number in every row of column {name}",
        f"{texts[row] or 'nothing'} in line {lines[row]}",
        "Fill the gap, write the column as numbers, or leave the row out.",
    )


def _parse_target(
    texts: list[str], name: str, lines: list[int], origin: Origin
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Parses whole numbers as integers, others as floats, names as places in a list."""
    if "" in texts:
        raise origin.error(
            f"must hold a value in every row of column {name}",
            f"nothing in line {lines[texts.index('')]}",
            "Fill the gap or leave the row out.",
        )
    if all(_WHOLE.fullmatch(text) for text in texts):
        with contextlib.suppress(OverflowError):
            # Numbers too long for an int64 are read as floats below.
            return np.array([int(text) for text in texts], np.int64), ()
    if any(_number(text) is not None for text in texts):
        return _parse_column(texts, name, lines, origin), ()
    classes = sorted(set(texts))
    place = {text: i for i, text in enumerate(classes)}
    return np.array([place[text] for text in texts]), tuple(classes)
