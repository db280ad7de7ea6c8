"""Reads runs: what is known of each, and what it looks like between two steps."""

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tensorboard import errors
from tensorboard.data.provider import DataProvider

from lr_plugin import schema
from lr_plugin.reader.block_finder import BlockFinder
from lr_plugin.reader.foreign.foreign_runs import ForeignLibrary
from lr_plugin.reader.history import NEVER
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_library import RunLibrary
from lr_plugin.reader.tensors import Scope, TensorStore
from lr_plugin.reader.window.decades import join_windows, split_decades
from lr_plugin.reader.window.downsample import least_points
from lr_plugin.reader.window.window import Window
from lr_plugin.rows import WALL_TIME, Rows, count_rows, select_columns

# Where all runs together have at most this many rows, which fit into memory, a window
# of any size is made from rows. Otherwise only a window of at most the second number
# is; a larger one comes from the overview, so that hundreds of long runs are drawn
# within seconds.
_MAX_ROWS_OF_ALL_RUNS = 3_000_000
_MAX_ROWS_OF_WINDOW = 131_072
# A training has some 40 samples of 20 rates; about 2 MB of JSON hold this many.
_MAX_NUMBERS_OF_LANDSCAPE = 50_000
_LANDSCAPE = (
    "steps",
    "used_rates",
    "losses",
    "rates",
    "loss_changes",
    "critical_rates",
)


class LearningRateReader:
    """Answers about all runs of a log directory. Safe for several threads."""

    def __init__(
        self,
        data_provider: DataProvider,
        *,
        directories: RunDirectories,
        max_kept_blocks: int = 0,
        tags: Mapping[str, str] | None = None,
    ):
        """Reads nothing yet.

        Args:
            directories: Where event files are; of no directory, to ask the provider.
            max_kept_blocks: How many blocks the provider keeps of a run; 0 is all.
            tags: Of runs of other programs, the tag of a column.
        """
        self._store = TensorStore(data_provider)
        blocks = BlockFinder(
            self._store, directories=directories, max_kept_blocks=max_kept_blocks
        )
        foreign = ForeignLibrary(
            data_provider, directories=directories, tags=tags or {}
        )
        self._library = RunLibrary(self._store, blocks, foreign)

    def list_runs(self, scope: Scope, *, max_secs: float = math.inf) -> dict[str, Any]:
        """Describes every run, and says what could not be read.

        Args:
            max_secs: What is left after so many seconds is described briefly.
        """
        summaries = self._library.list_runs(scope, max_secs=max_secs)
        runs = [summary.as_json for summary in summaries]
        return {"runs": runs, "notices": self._library.describe_flaws(scope)}

    def list_tags(self, scope: Scope, run: str | None = None) -> list[dict[str, Any]]:
        """Lists the scalars of a run of another program, or of all such runs."""
        return self._library.list_tags(scope, run)

    def has_runs(self, scope: Scope) -> bool:
        """Tells whether there is anything to draw."""
        return self._library.has_runs(scope)

    def read_series(
        self,
        scope: Scope,
        run: str,
        columns: Sequence[str],
        *,
        start: int | None = None,
        stop: int | None = None,
        max_points: int,
        by_decades: bool = False,
    ) -> Window:
        """Reads columns of a run with `start <= step < stop`, as few as `max_points`.

        Args:
            by_decades: Whether every decade of steps gets the same number of points,
                for a logarithmic axis, instead of every stretch of the same length.

        Raises:
            tensorboard.errors.PublicError: There is no such run or column, or so few
                points cannot hold the extremes of so many columns.
        """
        found = self._library.find_run(scope, run)
        for name in columns:
            if name not in found.columns:
                raise errors.NotFoundError(
                    f'Run "{run}" has no column "{name[:200]}". It has: '
                    f"{', '.join(found.columns)}."
                )
        values = [name for name in columns if name not in (schema.STEP, WALL_TIME)]
        begin, end = _bounds(start, stop)
        parts = [(begin, end)]
        if by_decades:
            parts = split_decades(begin, end, last_step=found.last_step)
        points_of_part = max(max_points // len(parts), least_points(len(values)))
        max_rows = self._limit_rows(scope)
        window = join_windows(
            [
                found.read_window(
                    values, *part, max_points=points_of_part, max_rows=max_rows
                )
                for part in parts
            ]
        )
        enough_points = max(max_points, points_of_part * len(parts))
        if count_rows(window.columns) > max_points:
            raise errors.InvalidArgumentError(
                f"`max_points` must be at least {enough_points} to hold the extremes "
                f"of {len(values)} columns. Received: {max_points}."
            )
        chosen = select_columns(window.columns, columns)
        return dataclasses.replace(window, columns=chosen)

    def export_rows(
        self,
        scope: Scope,
        run: str,
        *,
        start: int | None = None,
        stop: int | None = None,
    ) -> tuple[Sequence[str], Iterator[Rows]]:
        """Gives the columns of a run and every row that can be read, in pieces.

        Raises:
            tensorboard.errors.NotFoundError: There is no such run.
        """
        found = self._library.find_run(scope, run)
        return found.columns, found.export_rows(*_bounds(start, stop))

    def read_events(self, scope: Scope, run: str) -> list[dict[str, Any]]:
        """Reads what happened in a run, by step."""
        events = self._library.find_run(scope, run).events
        return [dataclasses.asdict(event) for event in events]

    def find_findings(self, scope: Scope, run: str) -> list[dict[str, Any]]:
        """Finds silent mistakes in a run, the worst first."""
        found = self._library.find_run(scope, run).find_findings()
        return [dataclasses.asdict(finding) for finding in found]

    def read_range_tests(self, scope: Scope, run: str) -> list[dict[str, Any]]:
        """Reads the range tests of a run, the latest first."""
        return list(self._library.find_run(scope, run).read_range_tests())

    def read_layers(self, scope: Scope, run: str) -> dict[str, Any]:
        """Reads the samples of single layers of a run."""
        samples = self._library.find_run(scope, run).read_layers()
        return {
            "layers": list(samples.layers),
            "columns": list(samples.values),
            "steps": samples.steps.tolist(),
            "values": {name: v.tolist() for name, v in samples.values.items()},
        }

    def read_landscape(self, scope: Scope, run: str) -> dict[str, Any]:
        """Reads what other rates would have done in a run, from first to last.

        Of more numbers than one answer holds, evenly spread samples come.
        """
        landscape = self._library.find_run(scope, run).read_landscape()
        num_numbers = landscape.rates.size
        every = max(1, math.ceil(num_numbers / _MAX_NUMBERS_OF_LANDSCAPE))
        columns = {name: getattr(landscape, name)[::every] for name in _LANDSCAPE}
        return {
            "num_samples": len(landscape),
            **{name: values.tolist() for name, values in columns.items()},
        }

    def _limit_rows(self, scope: Scope) -> int:
        """Says how many single iterations may be read for one window."""
        if self._library.count_iterations(scope) <= _MAX_ROWS_OF_ALL_RUNS:
            return _MAX_ROWS_OF_ALL_RUNS
        return _MAX_ROWS_OF_WINDOW


def _bounds(start: int | None, stop: int | None) -> tuple[int, int]:
    # Some programs log a point at step -1, before the first update.
    return (-NEVER if start is None else start), (NEVER if stop is None else stop)
