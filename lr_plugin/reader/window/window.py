"""Answers what a run looks like between two steps, as exactly as it can be known."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.raw_blocks import Blocks
from lr_plugin.reader.window.downsample import (
    Envelope,
    choose_rows,
    draw_envelope,
    merge_envelopes,
    rows_as_envelope,
)
from lr_plugin.rows import (
    Rows,
    count_rows,
    join_rows,
    remove_stretches,
    select_columns,
    select_rows,
)


@dataclasses.dataclass(frozen=True)
class Window:
    """Points to draw.

    Attributes:
        columns: `step` and what was asked for, of equal length.
        num_rows: How many iterations there are between the two steps.
        exactness: "rows" if these are all iterations there are; "sampled" if they are
            some of them; "envelope" if some points stand for many iterations.
    """

    columns: Mapping[str, np.ndarray]
    num_rows: int
    exactness: str


def read_window(
    overview: Overview,
    find_blocks: Callable[[], Blocks | None],
    columns: Sequence[str],
    start: int,
    stop: int,
    *,
    max_points: int,
    max_rows: int,
) -> Window:
    """Reads a window of a run.

    Args:
        overview: The whole run.
        find_blocks: Finds its single iterations, all or some of them; called only if
            these are needed.
        columns: Of measurements, and `applied`.
        start: The first step of the window.
        stop: The step after the last.
        max_points: How many points the answer may have.
        max_rows: How many rows may be read. Of a larger window they are read only
            where its edges cut a bucket of the overview and where its extremes lie.

    Raises:
        OSError: The blocks are not there any more.
    """
    if start >= stop:
        return choose_from_rows({}, columns, max_points)
    window = overview.find_window(start, stop)
    buckets = np.arange(window.start, window.stop)
    if overview.num_rows[window].sum() <= max_rows:
        blocks = find_blocks()
        rows = blocks.read_steps(start, stop) if blocks else {}
    else:
        buckets_to_open = _choose_buckets(overview, buckets, columns, start, stop)
        blocks = find_blocks() if len(buckets_to_open) else None
        rows = _read_buckets(overview, blocks, buckets_to_open, start, stop)
    unknown = buckets[~_are_covered(rows, overview, buckets, start, stop)]
    if not len(unknown):
        return choose_from_rows(rows, columns, max_points)

    stretches = _clip(_describe(overview, columns), unknown, start, stop)
    rows = remove_stretches(rows, stretches.first_steps, stretches.last_steps)
    num_rows = int(overview.num_rows[unknown].sum())
    envelopes = [stretches]
    if rows:
        num_rows += count_rows(rows)
        envelopes.append(rows_as_envelope(rows, columns))
    points = draw_envelope(merge_envelopes(envelopes), max_points)
    return Window(points, num_rows, "envelope")


def choose_from_rows(rows: Rows, columns: Sequence[str], max_points: int) -> Window:
    """Chooses points from rows that are all there are."""
    rows = select_columns(rows, [schema.STEP, *columns])
    num_rows = count_rows(rows)
    if num_rows <= max_points:
        return Window(rows, num_rows, "rows")
    chosen = choose_rows(rows, columns, max_points)
    return Window(select_rows(rows, chosen), num_rows, "sampled")


def _choose_buckets(
    overview: Overview,
    buckets: np.ndarray,
    columns: Sequence[str],
    start: int,
    stop: int,
) -> np.ndarray:
    """Chooses the buckets that a window cuts, and those with its extremes.

    None where the window is the whole run: of hundreds of runs at once, each would
    have to open its files for a detail too small to see.
    """
    first, last = buckets[0], buckets[-1]
    chosen = []
    if overview.steps[first] < start:
        chosen.append(first)
    if overview.last_steps[last] >= stop:
        chosen.append(last)
    if not chosen:
        return np.empty(0, np.int64)
    described = _describe(overview, columns)
    for values, argument in ((described.lows, np.argmin), (described.highs, np.argmax)):
        for column in values[buckets].T:
            known = np.flatnonzero(~np.isnan(column))
            if len(known):
                chosen.append(buckets[known[argument(column[known])]])
    return np.unique(chosen)


def _read_buckets(
    overview: Overview,
    blocks: Blocks | None,
    buckets: np.ndarray,
    start: int,
    stop: int,
) -> Rows:
    if blocks is None:
        return {}
    ends = overview.last_steps + 1
    return join_rows(
        [
            blocks.read_steps(
                max(int(overview.steps[i]), start), min(int(ends[i]), stop)
            )
            for i in buckets
        ]
    )


def _are_covered(
    rows: Rows, overview: Overview, buckets: np.ndarray, start: int, stop: int
) -> np.ndarray:
    """Says of which buckets the rows hold all that is in the window."""
    if not count_rows(rows):
        return np.zeros(len(buckets), np.bool_)
    steps = rows[schema.STEP]
    begins = np.searchsorted(steps, overview.steps[buckets])
    ends = np.searchsorted(steps, overview.last_steps[buckets], side="right")
    are_covered = ends - begins >= overview.num_rows[buckets]
    # Of a bucket that the window cuts, the overview does not say how many rows it has
    # within; their steps must follow each other without a gap.
    for i in {0, len(buckets) - 1} if len(buckets) else ():
        first = max(overview.steps[buckets[i]], start)
        last = min(overview.last_steps[buckets[i]], stop - 1)
        found = steps[begins[i] : ends[i]]
        are_covered[i] |= (
            len(found) > 0
            and found[0] == first
            and found[-1] == last
            and not np.any(np.diff(found) > 1)
        )
    return are_covered


def _describe(overview: Overview, columns: Sequence[str]) -> Envelope:
    """Describes a run by the extremes of its buckets."""
    shape = (len(overview), len(columns))
    lows, highs = np.empty(shape), np.empty(shape)
    has_nonfinite = np.zeros(shape, np.bool_)
    for i, name in enumerate(columns):
        if name == schema.APPLIED:
            lows[:, i] = overview.num_applied >= overview.num_rows
            highs[:, i] = overview.num_applied > 0
        else:
            lows[:, i] = overview.statistics[name][:, 0]
            highs[:, i] = overview.statistics[name][:, 1]
            has_nonfinite[:, i] = overview.statistics[name][:, 3] > 0
    return Envelope(
        tuple(columns), overview.steps, overview.last_steps, lows, highs, has_nonfinite
    )


def _clip(described: Envelope, buckets: np.ndarray, start: int, stop: int) -> Envelope:
    return Envelope(
        described.columns,
        np.maximum(described.first_steps[buckets], start),
        np.minimum(described.last_steps[buckets], stop - 1),
        described.lows[buckets],
        described.highs[buckets],
        described.has_nonfinite[buckets],
    )
