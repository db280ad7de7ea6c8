"""Rows: what is known of iterations, as arrays by column; to slice, join and split.

Rows are a mapping from column name to an array of shape [num_rows]. Every mapping has
at least `step`, which rises unless a function says otherwise; a mapping without columns
has no rows. No function here changes the arrays that it is given; slices share memory
with them.
"""

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

Rows = Mapping[str, np.ndarray]

STEP = "step"
# Not stored: readers estimate when each iteration happened, in seconds since the epoch.
WALL_TIME = "wall_time"


def count_rows(rows: Rows) -> int:
    """Counts rows; a mapping without columns has none."""
    return len(rows[STEP]) if rows else 0


def count_bytes(rows: Rows) -> int:
    """Counts the bytes of all columns."""
    return sum(values.nbytes for values in rows.values())


def slice_rows(rows: Rows, begin: int, end: int | None = None) -> dict[str, np.ndarray]:
    """Takes the rows from number `begin` up to `end`, without copying."""
    return {name: values[begin:end] for name, values in rows.items()}


def slice_steps(rows: Rows, start: int, stop: int) -> dict[str, np.ndarray]:
    """Takes the rows with `start <= step < stop`, without copying."""
    if not rows:
        return {}
    begin, end = np.searchsorted(rows[STEP], [start, stop])
    return slice_rows(rows, begin, end)


def select_rows(rows: Rows, chosen: np.ndarray) -> dict[str, np.ndarray]:
    """Takes some rows.

    Args:
        chosen: The numbers of these rows, or a boolean for every row.
    """
    return {name: values[chosen] for name, values in rows.items()}


def remove_stretches(
    rows: Rows, first_steps: np.ndarray, last_steps: np.ndarray
) -> dict[str, np.ndarray]:
    """Removes the rows that lie in one of some stretches of steps.

    Args:
        first_steps: The first step of each stretch, rising. Shape [num_stretches].
        last_steps: The last step of each stretch. Shape [num_stretches].

    Returns:
        The other rows; no columns where there are none.
    """
    if not rows:
        return {}
    steps = rows[STEP]
    nearest = np.searchsorted(first_steps, steps, side="right") - 1
    is_inside = (nearest >= 0) & (steps <= last_steps[np.maximum(nearest, 0)])
    return {} if is_inside.all() else select_rows(rows, ~is_inside)


def take_column(rows: Rows, name: str) -> np.ndarray:
    """Takes one column; one that the rows lack is NaN throughout."""
    if name in rows:
        return rows[name]
    if name == STEP:
        return np.empty(0, np.int64)
    return np.full(count_rows(rows), np.nan, np.float32)


def select_columns(rows: Rows, names: Collection[str]) -> dict[str, np.ndarray]:
    """Takes some columns, in this order; one that the rows lack is NaN throughout."""
    return {name: take_column(rows, name) for name in names}


def join_rows(parts: Sequence[Rows]) -> dict[str, np.ndarray]:
    """Joins rows that follow each other; a column that a part lacks is NaN there.

    Columns come in the order in which the parts first have them.
    """
    parts = [part for part in parts if part]
    names = dict.fromkeys(name for part in parts for name in part)
    if len(parts) == 1:
        return dict(parts[0])
    return {
        name: np.concatenate([take_column(part, name) for part in parts])
        for name in names
    }


def split_where_steps_fall(rows: Rows) -> Iterator[dict[str, np.ndarray]]:
    """Splits rows where a step is lower than the one before it."""
    falls = np.flatnonzero(np.diff(rows[STEP]) < 0) + 1
    bounds = [0, *falls.tolist(), count_rows(rows)]
    for begin, end in itertools.pairwise(bounds):
        yield slice_rows(rows, begin, end)
