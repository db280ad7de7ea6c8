"""The rows of a run, as far as they can be had: all of a short one, some of a long one.

What is said of a step is the row of that step. Of hundreds of runs of a million rows,
not every row can be read to find which one to speak of: the overview tells where to
look, and the rows there are read.
"""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.outcome.smoothed_loss import SmoothedLoss, choose_width
from lr_plugin.reader.overview import Overview, describe_rows
from lr_plugin.rows import Rows, count_rows, slice_rows, slice_steps

# All rows of a run of up to so many are read: 300 such runs take three seconds. In a
# longer one a bucket of the overview is shorter than a hundredth of the run, so that
# its mean serves to find the place.
MAX_ROWS_TO_READ = 32_768

_ReadSteps = Callable[[int, int], Rows]


@dataclasses.dataclass(frozen=True, eq=False)
class KnownRows:
    """The rows of a run.

    Attributes:
        overview: The whole run; where all rows are known, each is a bucket.
        rows: All of them, or None if there are too many, or they are not at hand.
        read_steps: Reads the rows with `start <= step < stop`, as far as possible.
    """

    overview: Overview
    rows: Rows | None
    read_steps: _ReadSteps

    # A run is asked for the same few buckets by all who look at it.
    @functools.cached_property
    def _read(self) -> dict[tuple[int, int], Rows]:
        return {}

    @functools.cached_property
    def smoothed(self) -> SmoothedLoss:
        """The smoothed loss of a run whose rows are all known, at least one."""
        assert self.rows is not None
        return SmoothedLoss(take_losses(self.rows), choose_width(self.num_rows))

    @functools.cached_property
    def _last_steps(self) -> np.ndarray:
        return self.overview.last_steps

    @functools.cached_property
    def num_rows(self) -> int:
        """How many rows the run has."""
        return int(self.overview.num_rows.sum())

    def read_buckets(self, first: int, last: int) -> Rows:
        """Reads every row of some neighbouring buckets, the last included.

        Returns:
            No columns where some of the rows are not at hand.
        """
        first, last = max(first, 0), min(last, len(self.overview) - 1)
        if self.rows is not None:
            return slice_rows(self.rows, first, last + 1)
        if (first, last) not in self._read:
            start = int(self.overview.steps[first])
            stop = int(self._last_steps[last]) + 1
            rows = self.read_steps(start, stop)
            expected = int(self.overview.num_rows[first : last + 1].sum())
            self._read[first, last] = rows if count_rows(rows) >= expected else {}
        return self._read[first, last]

    def average_losses(self, begin: int, end: int) -> tuple[float, bool]:
        """Averages the finite losses of the rows from number `begin` up to `end`.

        Returns:
            The mean, NaN if there is none; and whether it is that of the very rows, or
            a bucket of which only a part belongs to them counts with its mean.
        """
        num_rows = self.overview.num_rows
        ends = np.cumsum(num_rows)
        first = int(np.searchsorted(ends, begin, side="right"))
        last = min(int(np.searchsorted(ends, end)), len(ends) - 1)
        statistics = self.overview.statistics[schema.LOSS][first : last + 1]
        means = statistics[:, 2].astype(np.float64)
        weights = (num_rows[first : last + 1] - statistics[:, 3]).astype(np.float64)
        weights[np.isnan(means)] = 0
        totals = np.where(weights > 0, means * weights, 0)
        is_exact = True
        for i in {first, last}:
            low = max(begin - int(ends[i] - num_rows[i]), 0)
            high = min(end - int(ends[i] - num_rows[i]), int(num_rows[i]))
            if (low, high) == (0, num_rows[i]):
                continue
            rows = self.read_buckets(i, i)
            if rows:
                surplus = count_rows(rows) - int(num_rows[i])
                kept = take_losses(rows)[surplus + low : surplus + high]
                kept = kept[np.isfinite(kept)]
                totals[i - first], weights[i - first] = kept.sum(), len(kept)
            else:
                is_exact = False
                share = (high - low) / int(num_rows[i])
                totals[i - first] *= share
                weights[i - first] *= share
        total = weights.sum()
        return float(totals.sum() / total) if total else float("nan"), is_exact

    def read_row(self, step: int) -> Rows:
        """Reads the last row of a step; no columns if it is not at hand."""
        if self.rows is not None:
            rows: Rows = slice_steps(self.rows, step, step + 1)
        else:
            rows = self.read_steps(step, step + 1)
        num_rows = count_rows(rows)
        return slice_rows(rows, num_rows - 1, num_rows) if num_rows else {}


def read_known_rows(overview: Overview, read_steps: _ReadSteps) -> KnownRows:
    """Reads all rows of a run that is short enough."""
    num_rows = int(overview.num_rows.sum())
    if 0 < num_rows <= MAX_ROWS_TO_READ:
        rows = read_steps(int(overview.steps[0]), overview.last_step + 1)
        has_all_columns = set(overview.columns) <= set(rows)
        if count_rows(rows) == num_rows and has_all_columns:
            return know_all(rows)
    return KnownRows(overview, None, read_steps)


def know_all(rows: Rows) -> KnownRows:
    """Takes rows that are all there are, at least one."""
    return KnownRows(
        describe_rows(rows), rows, lambda start, stop: slice_steps(rows, start, stop)
    )


def take_losses(rows: Rows) -> np.ndarray:
    """Takes the losses as float64, NaN where there is none."""
    losses = rows.get(schema.LOSS, np.full(count_rows(rows), np.nan))
    return np.asarray(losses, np.float64)
