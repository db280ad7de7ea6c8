"""Reads runs: what is known of each, and what it looks like between two steps."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from tensorboard import errors
from tensorboard.data.provider import DataProvider, TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.reader.block_finder import BlockFinder
from lr_plugin.reader.findings import findings
from lr_plugin.reader.foreign.foreign_runs import ForeignRun
from lr_plugin.reader.history import NEVER, Beginnings
from lr_plugin.reader.raw_blocks import Blocks
from lr_plugin.reader.recording import Recording, parse_json, select_valid
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_library import RunLibrary
from lr_plugin.reader.tensors import Scope, Tag, TensorStore, tags_with
from lr_plugin.reader.window.decades import join_windows, split_decades
from lr_plugin.reader.window.downsample import least_points
from lr_plugin.reader.window.window import Window, choose_from_rows, read_window
from lr_plugin.rows import WALL_TIME, Rows, count_rows, select_columns, slice_steps

# If all runs together have no more rows than these, which fit into memory, windows of
# any size are made from rows. Otherwise windows up to the second number are, and larger
# ones from the overview: hundreds of long runs are then drawn within seconds.
_MAX_ROWS_OF_ALL_RUNS = 3_000_000
_MAX_ROWS_OF_WINDOW = 131_072
_BLOCKS_PER_PIECE = 64


class LearningRateReader:
    """Answers about all runs of a log directory. Safe for several threads."""

    def __init__(
        self,
        data_provider: DataProvider,
        *,
        directories: RunDirectories,
        max_kept_blocks: int = 0,
    ):
        """Reads nothing yet.

        Args:
            directories: Where event files are; of no directory, to ask the provider.
            max_kept_blocks: How many blocks the provider keeps of a run; 0 is all.
        """
        self._store = TensorStore(data_provider)
        self._blocks = BlockFinder(
            self._store, directories=directories, max_kept_blocks=max_kept_blocks
        )
        self._library = RunLibrary(data_provider, self._store, self._blocks)

    def list_runs(self, scope: Scope) -> dict[str, Any]:
        """Describes every run, and says what could not be read."""
        runs = self._library.list_runs(scope)
        return {"runs": runs, "notices": self._store.notices}

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
                    f'Run "{run}" has no column "{name}". It has: '
                    f"{', '.join(found.columns)}."
                )
        values = [name for name in columns if name not in (schema.STEP, WALL_TIME)]
        begin, end = _bounds(start, stop)
        parts = [(begin, end)]
        if by_decades:
            parts = split_decades(begin, end, last_step=_find_last_step(found))
        points_of_part = max(max_points // len(parts), least_points(len(values)))
        window = join_windows(
            [self._read_part(scope, found, values, *p, points_of_part) for p in parts]
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
        begin, end = _bounds(start, stop)
        if isinstance(found, ForeignRun):
            return found.columns, iter([slice_steps(found.rows, begin, end)])
        blocks = self._blocks.find_in_files(found)
        if blocks is None:
            blocks = self._blocks.find_kept(scope, found)
        return found.columns, _read_pieces(found, blocks, begin, end)

    def read_events(self, scope: Scope, run: str) -> list[dict[str, Any]]:
        """Reads what happened in a run, by step."""
        found = self._library.find_run(scope, run)
        if isinstance(found, ForeignRun):
            return []
        return [
            {**dataclasses.asdict(timed.event), "wall_time": timed.wall_time}
            for timed in found.events
        ]

    def find_findings(self, scope: Scope, run: str) -> list[dict[str, Any]]:
        """Finds silent mistakes in a run, the worst first."""
        found = self._library.find_run(scope, run)
        if isinstance(found, ForeignRun):
            return []
        return [dataclasses.asdict(f) for f in findings.find_findings(found)]

    def read_range_tests(self, scope: Scope, run: str) -> list[dict[str, Any]]:
        """Reads the range tests of a run, the latest first."""
        found = self._library.find_run(scope, run)
        if isinstance(found, ForeignRun) or metadata.RANGE_TEST_TAG not in found.tags:
            return []
        tag = found.tags[metadata.RANGE_TEST_TAG]
        data = self._read_tag(scope, found.run, tag)
        # Trainings do not replace it: a test comes before the one at the same step.
        tests = select_valid(data, Beginnings())
        return [parse_json(datum) for datum in reversed(tests)]

    def read_layers(self, scope: Scope, run: str) -> dict[str, Any]:
        """Reads the samples of single layers.

        Parts of a training may have had other layers, as before some were unfrozen:
        there what a sample does not have is NaN. The latest part's layers come first.
        """
        found = self._library.find_run(scope, run)
        tags: list[Tag] = []
        if isinstance(found, Recording):
            tags = tags_with(metadata.LAYERS_PREFIX, found.tags)
        if not tags or isinstance(found, ForeignRun):
            return {"layers": [], "columns": [], "steps": [], "values": {}}
        tags.sort(key=lambda tag: tag.max_wall_time, reverse=True)
        layers = list(dict.fromkeys(name for tag in tags for name in tag.layers))
        columns = list(dict.fromkeys(name for tag in tags for name in tag.columns))
        samples = []
        for tag in tags:
            data = self._read_tag(scope, found.run, tag)
            for sample in select_valid(data, found.beginnings):
                table = np.full((len(columns), len(layers)), np.nan)
                places = np.ix_(
                    [columns.index(name) for name in tag.columns],
                    [layers.index(name) for name in tag.layers],
                )
                table[places] = sample.numpy.T
                samples.append((sample.step, table))
        samples.sort(key=lambda pair: pair[0])
        return {
            "layers": layers,
            "columns": columns,
            "steps": [step for step, _ in samples],
            "values": {
                column: [table[i].tolist() for _, table in samples]
                for i, column in enumerate(columns)
            },
        }

    def _read_tag(self, scope: Scope, run: str, tag: Tag) -> list[TensorDatum]:
        data = dict(self._store.read(scope, {run: [tag]}))[run]
        return [datum for _, datum in data]

    def _read_part(
        self,
        scope: Scope,
        run: Recording | ForeignRun,
        columns: Sequence[str],
        start: int,
        stop: int,
        max_points: int,
    ) -> Window:
        if isinstance(run, ForeignRun):
            rows = slice_steps(run.rows, start, stop)
            return choose_from_rows(rows, [*columns, WALL_TIME], max_points)
        return self._read_window(scope, run, columns, start, stop, max_points)

    def _read_window(
        self,
        scope: Scope,
        recording: Recording,
        columns: Sequence[str],
        start: int,
        stop: int,
        max_points: int,
    ) -> Window:
        is_little = self._library.count_iterations(scope) <= _MAX_ROWS_OF_ALL_RUNS
        max_rows = _MAX_ROWS_OF_ALL_RUNS if is_little else _MAX_ROWS_OF_WINDOW
        in_files: list[Blocks] = []

        def find_blocks() -> Blocks | None:
            if (blocks := self._blocks.find_in_files(recording)) is not None:
                in_files.append(blocks)
                return blocks
            return self._blocks.find_kept(scope, recording)

        def read(find: Callable[[], Blocks | None]) -> Window:
            return read_window(
                recording.overview,
                find,
                columns,
                start,
                stop,
                max_points=max_points,
                max_rows=max_rows,
            )

        try:
            window = read(find_blocks)
        except OSError:
            # The files were deleted or replaced at this very moment.
            in_files.clear()
            window = read(lambda: self._blocks.find_kept(scope, recording))
        times = recording.estimate_times(
            window.columns[schema.STEP], in_files[0] if in_files else None
        )
        return dataclasses.replace(window, columns={**window.columns, WALL_TIME: times})


def _bounds(start: int | None, stop: int | None) -> tuple[int, int]:
    return (0 if start is None else start), (NEVER if stop is None else stop)


def _find_last_step(run: Recording | ForeignRun) -> int:
    if isinstance(run, Recording):
        return run.overview.last_step
    return int(max(run.rows[schema.STEP], default=-1))


def _read_pieces(
    recording: Recording, blocks: Blocks | None, start: int, stop: int
) -> Iterator[Rows]:
    """Reads the rows of a window block by block, so that memory stays small."""
    if blocks is None:
        return
    for i in range(0, len(blocks.first_steps), _BLOCKS_PER_PIECE):
        end = min(i + _BLOCKS_PER_PIECE, len(blocks.first_steps))
        if blocks.first_steps[i] >= stop:
            return
        if end < len(blocks.first_steps) and blocks.first_steps[end] <= start:
            continue
        rows = slice_steps(blocks.read(i, end), start, stop)
        if count_rows(rows):
            times = recording.estimate_times(rows[schema.STEP], blocks)
            yield {**rows, WALL_TIME: times}
