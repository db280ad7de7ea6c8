"""Rows as comma-separated values."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from lr_plugin import schema
from lr_plugin.rows import Rows, take_column

# Whole numbers, however they are stored.
_INTEGERS = (schema.STEP, schema.APPLIED)


def format_rows(columns: Sequence[str], pieces: Iterable[Rows]) -> Iterator[str]:
    """Writes a header and a line for each row, piece by piece.

    Every number is the shortest that reads back to the same value, of the same
    precision: 0.001 for the float32 that is nearest to it. What is not finite is `nan`,
    `inf` or `-inf`; a column that a piece lacks is `nan`.
    """
    header = io.StringIO()
    # The name of an optimizer, in that of a column, may hold commas and line breaks.
    csv.writer(header, lineterminator="\n").writerow(columns)
    yield header.getvalue()
    for rows in pieces:
        texts = [_format_column(name, rows) for name in columns]
        yield "".join(",".join(line) + "\n" for line in zip(*texts, strict=True))


def _format_column(name: str, rows: Rows) -> list[str]:
    values = take_column(rows, name)
    if name in _INTEGERS and np.isfinite(values).all():
        values = values.astype(np.int64)
    return values.astype(str).tolist()
