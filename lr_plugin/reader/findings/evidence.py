"""What the findings look at: a run's overview, its rows, and what was said of it."""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.finding import Place
from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.outcome.known_rows import MAX_ROWS_TO_READ, KnownRows
from lr_plugin.reader.outcome.moment import make_moment
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.recording import Recording
from lr_plugin.rows import Rows, count_rows, slice_rows

NUM_PARTS = 100


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence:
    """A run as the findings see it.

    Attributes:
        recording: What is known of the run as a whole.
        known: Its rows; of a short run each row is a bucket of the overview.
        landscape: What other rates would have done; None where it is not known.
    """

    recording: Recording
    known: KnownRows
    landscape: Landscape | None = None

    @property
    def overview(self) -> Overview:
        """The whole run."""
        return self.known.overview

    @property
    def num_rows(self) -> int:
        """How many iterations the run has."""
        return self.known.num_rows

    def statistics(self, column: str) -> np.ndarray:
        """Gives minimum, maximum, mean and number of non-finite values by bucket."""
        return self.overview.statistics[column]

    def read_first(self, num_rows: int) -> Rows:
        """Reads the first rows; no columns if these are too many."""
        if num_rows > MAX_ROWS_TO_READ:
            return {}
        last = int(np.searchsorted(np.cumsum(self.overview.num_rows), num_rows))
        rows = self.known.read_buckets(0, last)
        return slice_rows(rows, 0, min(num_rows, count_rows(rows))) if rows else {}

    def place_in(self, bucket: int, choose: Callable[[Rows], int | None]) -> Place:
        """Finds a place in a bucket.

        Args:
            choose: Takes the bucket's rows and gives the number of the one that is
                meant; None if there is none after all.
        """
        rows = self.known.read_buckets(bucket, bucket)
        i = choose(rows) if count_rows(rows) else None
        moment = None if i is None else make_moment(rows, i, self.recording.epochs)
        first_step = int(self.overview.steps[bucket])
        return Place(moment, first_step, int(self.overview.last_steps[bucket]))

    def place_of_step(self, step: int) -> Place:
        """Finds the row of a step; the last, if there are several."""
        row = self.known.read_row(step)
        moment = make_moment(row, 0, self.recording.epochs) if row else None
        return Place(moment, step, step)

    def place_of_row(self, number: int) -> Place:
        """Finds row number `number` of the run."""
        ends = np.cumsum(self.overview.num_rows)
        bucket = min(int(np.searchsorted(ends, number, side="right")), len(ends) - 1)
        after = int(ends[bucket]) - number
        # Counted from the bucket's end: rows of the one before may have the same step
        # as its first.
        return self.place_in(bucket, lambda rows: count_rows(rows) - after)

    @functools.cached_property
    def parts(self) -> np.ndarray:
        """The buckets at which each hundredth of the run begins, and its end.

        Shape [101].
        """
        ends = np.cumsum(self.overview.num_rows)
        targets = np.linspace(0, ends[-1], NUM_PARTS + 1)
        return np.concatenate([[0], np.searchsorted(ends, targets[1:]) + 1])

    @functools.cached_property
    def part_losses(self) -> np.ndarray | None:
        """The mean loss of each hundredth of the run, or nearly so. Shape [100].

        None if the run is too short, or a hundredth has no finite loss.
        """
        starts = self.parts[:-1]
        if len(self.overview) < NUM_PARTS or np.any(np.diff(self.parts) <= 0):
            return None
        statistics = self.statistics(schema.LOSS).astype(np.float64)
        weights = np.maximum(self.overview.num_rows - statistics[:, 3], 0)
        totals = np.add.reduceat(np.nan_to_num(statistics[:, 2]) * weights, starts)
        counts = np.add.reduceat(weights, starts)
        return totals / counts if counts.all() else None

    def part_begin(self, part: int) -> int:
        """Gives the number of the row with which a hundredth of the run begins."""
        return int(self.overview.num_rows[: self.parts[part]].sum())

    def part_rates(self, function: np.ufunc, statistic: int) -> np.ndarray:
        """Takes the least or the greatest rate of each hundredth. Shape [100]."""
        rates = self.statistics(schema.LEARNING_RATE)[:, statistic]
        return function.reduceat(rates, self.parts[:-1])

    def error_of(self, begin: int, end: int) -> float:
        """Estimates the standard error of the mean loss over hundredths of the run.

        From how much neighbouring hundredths differ, so that a trend counts little.
        """
        assert self.part_losses is not None
        differences = np.abs(np.diff(self.part_losses[begin:end]))
        # The median difference of two normal values is 0.954 deviations of one.
        return float(np.median(differences) / 0.954 / np.sqrt(end - begin))
