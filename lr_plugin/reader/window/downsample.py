"""Chooses, from a window of a run, the points worth drawing: no spike is ever lost.

Where the rows are at hand, rows are chosen. Where there are too many to look at each,
stretches of them are described by their extremes, and neighbouring stretches merged.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from tsdownsample import MinMaxDownsampler

from lr_plugin import schema
from lr_plugin.rows import Rows, count_rows, take_column


def least_points(num_columns: int) -> int:
    """Counts the rows that it takes to hold the extremes of so many columns.

    The first and the last row, and for each column its lowest and highest finite value
    and two more if it has values that are not finite.
    """
    return 2 + 4 * num_columns


def choose_rows(rows: Rows, columns: Sequence[str], max_points: int) -> np.ndarray:
    """Chooses rows such that the extremes of every stretch are among them.

    The window is cut into stretches of equal numbers of rows. Of each stretch and each
    column come the rows with the lowest and the highest finite value, and where there
    are values that are not finite, one row with each kind of them, or two of the three
    kinds. The first and the last row come always.

    Args:
        rows: More than `max_points` rows.
        columns: The columns that are looked at; `step` and times, which rise, need not
            be among them.
        max_points: At least `least_points(len(columns))`.

    Returns:
        Rising indices of rows, at most `max_points`.
    """
    num_rows = count_rows(rows)
    series = []
    for name in columns:
        finite, kinds = _split_nonfinite(rows[name])
        series.append(finite)
        if kinds is not None:
            series.append(kinds)
    chosen = [np.array([0, num_rows - 1], np.uint64)]
    if series:
        num_stretches = (max_points - 2) // (2 * len(series))
        downsampler = MinMaxDownsampler()
        for values in series:
            indices = downsampler.downsample(values, n_out=2 * num_stretches)
            chosen.append(indices[~np.isnan(values[indices])])
    return np.unique(np.concatenate(chosen)).astype(np.int64)


def _split_nonfinite(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Splits values into the finite ones and the kinds of the others.

    Returns:
        Two arrays with NaN where there is nothing to choose: the finite values, and -1,
        0 and 1 for -infinity, NaN and infinity; None if all values are finite.
    """
    values = np.ascontiguousarray(values)
    is_finite = np.isfinite(values)
    if is_finite.all():
        return values, None
    kinds = np.where(is_finite, np.nan, np.nan_to_num(np.sign(values))).astype("f4")
    return np.where(is_finite, values, np.nan), kinds


@dataclasses.dataclass(frozen=True)
class Envelope:
    """Stretches of iterations in order, described by their extremes.

    Attributes:
        columns: The names of what was measured.
        first_steps: Shape [num_stretches].
        last_steps: Shape [num_stretches].
        lows: The lowest finite value of each stretch; NaN if it has none. Shape
            [num_stretches, num_columns].
        highs: The highest. Shape [num_stretches, num_columns].
        has_nonfinite: Shape [num_stretches, num_columns].
    """

    columns: Sequence[str]
    first_steps: np.ndarray
    last_steps: np.ndarray
    lows: np.ndarray
    highs: np.ndarray
    has_nonfinite: np.ndarray

    def __len__(self) -> int:
        return len(self.first_steps)


def rows_as_envelope(rows: Rows, columns: Sequence[str]) -> Envelope:
    """Describes rows as stretches of one iteration each; what they lack is NaN."""
    steps = rows[schema.STEP].astype(np.int64)
    values = np.empty((len(steps), len(columns)))
    for i, name in enumerate(columns):
        values[:, i] = take_column(rows, name)
    has_nonfinite = ~np.isfinite(values)
    values[has_nonfinite] = np.nan
    return Envelope(tuple(columns), steps, steps, values, values, has_nonfinite)


def merge_envelopes(envelopes: Sequence[Envelope]) -> Envelope:
    """Puts stretches that do not overlap in the order of their steps."""
    first_steps = np.concatenate([e.first_steps for e in envelopes])
    order = np.argsort(first_steps, kind="stable")
    return Envelope(
        envelopes[0].columns,
        first_steps[order],
        np.concatenate([e.last_steps for e in envelopes])[order],
        np.concatenate([e.lows for e in envelopes])[order],
        np.concatenate([e.highs for e in envelopes])[order],
        np.concatenate([e.has_nonfinite for e in envelopes])[order],
    )


def draw_envelope(envelope: Envelope, max_points: int) -> Mapping[str, np.ndarray]:
    """Turns stretches into points, merging neighbours until these are few enough.

    A stretch becomes two points: its first and its last step, one with the lowest value
    of a column and one with the highest, in the order that jumps less: what falls or
    rises steadily is drawn as it was. Between them comes a third if there are values
    that are not finite: NaN in the columns that have them. A single iteration stays one
    point. The single iterations that hold the window's extremes are not merged with
    others.

    Args:
        envelope: At least one stretch.
        max_points: At least `least_points` of the number of columns.

    Returns:
        `step` and each of the envelope's columns, at most `max_points` long.
    """
    num_points = _count_points(envelope)
    if num_points.sum() > max_points:
        apart = _find_extreme_iterations(envelope)
        points_each = 3 if envelope.has_nonfinite.any() else 2
        # Each iteration that stays apart takes a point and may split a stretch.
        num_stretches = max_points // points_each - 2 * len(apart)
        if num_stretches < 1:
            apart, num_stretches = apart[:0], max_points // points_each
        # Of equal numbers of steps, because it is steps that the axis shows.
        edges = np.linspace(
            envelope.first_steps[0],
            envelope.last_steps[-1] + 1,
            num_stretches,
            endpoint=False,
        )
        even = np.searchsorted(envelope.first_steps, edges)
        bounds = np.unique(np.concatenate([[0], even, apart, apart + 1]))
        envelope = _merge(envelope, bounds[bounds < len(envelope)])
        num_points = _count_points(envelope)

    # The order of points: one extreme, not finite, the other extreme.
    is_high_first = _start_high(envelope)
    begins = np.where(is_high_first, envelope.highs, envelope.lows)
    ends = np.where(is_high_first, envelope.lows, envelope.highs)
    firsts = np.cumsum(num_points) - num_points
    lasts = firsts + num_points - 1
    steps = np.empty(int(num_points.sum()))
    values = np.empty((len(steps), len(envelope.columns)))
    steps[firsts], values[firsts] = envelope.first_steps, begins
    steps[lasts], values[lasts] = envelope.last_steps, ends
    between = np.flatnonzero(num_points == 3)
    steps[firsts[between] + 1] = envelope.last_steps[between]
    values[firsts[between] + 1] = np.where(
        envelope.has_nonfinite[between], np.nan, ends[between]
    )
    return {
        schema.STEP: steps,
        **{name: values[:, i] for i, name in enumerate(envelope.columns)},
    }


def _start_high(envelope: Envelope) -> np.ndarray:
    """Says where a stretch's highest value comes before its lowest.

    It does where it is nearer to the end of the stretch before.

    Returns:
        Shape [num_stretches, num_columns].
    """
    choices = []
    for lows, highs in zip(envelope.lows.T, envelope.highs.T, strict=True):
        # What would come before the first stretch is not known: the second, mirrored,
        # stands for it.
        later = (lows[1:2] + highs[1:2]) / 2
        last = lows[0] + highs[0] - later[0] if len(later) else lows[0]
        choice = []
        for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
            is_high = abs(high - last) < abs(low - last)
            choice.append(is_high)
            end = low if is_high else high
            last = end if end == end else last
        choices.append(choice)
    return np.array(choices, np.bool_).T.reshape(envelope.lows.shape)


def _count_points(envelope: Envelope) -> np.ndarray:
    is_single = envelope.first_steps == envelope.last_steps
    is_single &= np.all(
        (envelope.lows == envelope.highs) | np.isnan(envelope.lows), axis=1
    )
    has_nonfinite = envelope.has_nonfinite.any(axis=1)
    return np.where(is_single, 1, np.where(has_nonfinite, 3, 2))


def _find_extreme_iterations(envelope: Envelope) -> np.ndarray:
    """Finds the single iterations that hold a lowest or highest value of the window."""
    candidates = []
    for values, argument in ((envelope.lows, np.argmin), (envelope.highs, np.argmax)):
        for column in values.T:
            known = np.flatnonzero(~np.isnan(column))
            if len(known):
                candidates.append(known[argument(column[known])])
    found = np.unique(np.array(candidates, np.int64))
    return found[_count_points(envelope)[found] == 1]


def _merge(envelope: Envelope, bounds: np.ndarray) -> Envelope:
    ends = np.append(bounds[1:], len(envelope)) - 1
    return Envelope(
        envelope.columns,
        envelope.first_steps[bounds],
        envelope.last_steps[ends],
        np.fmin.reduceat(envelope.lows, bounds, axis=0),
        np.fmax.reduceat(envelope.highs, bounds, axis=0),
        np.logical_or.reduceat(envelope.has_nonfinite, bounds, axis=0),
    )
