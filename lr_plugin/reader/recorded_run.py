"""A run of this package, as one request asks it."""

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tensorboard.data.provider import TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.reader.block_finder import BlockFinder
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.findings.findings import find_findings
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.landscape.headroom import summarize_landscape
from lr_plugin.reader.landscape.landscape import Landscape, join_landscape
from lr_plugin.reader.layer_samples import LayerSamples, join_layer_samples
from lr_plugin.reader.outcome.known_rows import KnownRows, read_known_rows
from lr_plugin.reader.raw_blocks import Blocks
from lr_plugin.reader.recording import (
    Recording,
    TimedEvent,
    parse_records,
    select_valid,
)
from lr_plugin.reader.recording_summary import summarize_recording
from lr_plugin.reader.run import Run
from lr_plugin.reader.run_summary import RunSummary
from lr_plugin.reader.tensors import Scope, Tag, TensorStore, tags_with
from lr_plugin.reader.window.window import Window, read_window
from lr_plugin.rows import WALL_TIME, Rows, count_rows, slice_rows, slice_steps

# Of an export: so many blocks are read together, and given one by one.
_BLOCKS_PER_READING = 8


@dataclasses.dataclass(frozen=True, eq=False)
class RecordedRun(Run):
    """A recording, and where to ask for what is not kept of it.

    Attributes:
        recording: All that is small.
        scope: Whose request this is.
        store: Gives range tests, samples of layers and of the landscape.
        blocks: Finds single iterations.
    """

    recording: Recording
    scope: Scope
    store: TensorStore
    blocks: BlockFinder

    @property
    def columns(self) -> Sequence[str]:
        """The columns that can be asked for, `step` and `wall_time` among them."""
        return self.recording.columns

    @property
    def last_step(self) -> int:
        """The last iteration that is known; -1 if there is none."""
        return self.recording.overview.last_step

    @property
    def events(self) -> Sequence[TimedEvent]:
        """What happened, by step."""
        return self.recording.events

    def summarize(self, *, is_brief: bool = False) -> RunSummary:
        """Sums up the whole run, under TensorBoard's name for it.

        Args:
            is_brief: Whether to read no row, and to look for no finding.
        """
        summarize = functools.partial(
            summarize_recording,
            self.recording,
            max_kept_blocks=self.blocks.max_kept_blocks,
            in_files=self.blocks.measure_files(self.recording.run) > 0,
        )
        if is_brief:
            unread = KnownRows(self.recording.overview, None, lambda start, stop: {})
            return dataclasses.replace(summarize(unread), is_brief=True)
        return summarize(
            self._known_rows,
            first_row=slice_rows(self._first_rows, 0, 1),
            findings=self.find_findings(),
            landscape=summarize_landscape(self._landscape),
        )

    def read_window(
        self,
        columns: Sequence[str],
        start: int,
        stop: int,
        *,
        max_points: int,
        max_rows: int,
    ) -> Window:
        """Reads a window from the event files, or else from TensorBoard's memory."""
        in_files: list[Blocks] = []

        def find_blocks() -> Blocks | None:
            if (blocks := self.blocks.find_in_files(self.recording)) is not None:
                in_files.append(blocks)
                return blocks
            return self._find_kept_blocks()

        def read(find: Callable[[], Blocks | None]) -> Window:
            return read_window(
                self.recording.overview,
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
            window = read(self._find_kept_blocks)
        times = self.recording.estimate_times(
            window.columns[schema.STEP], in_files[0] if in_files else None
        )
        return dataclasses.replace(window, columns={**window.columns, WALL_TIME: times})

    def export_rows(self, start: int, stop: int) -> Iterator[Rows]:
        """Reads every row with `start <= step < stop`, in pieces."""
        blocks = self.blocks.find_in_files(self.recording)
        if blocks is None:
            blocks = self._find_kept_blocks()
        return _read_pieces(self.recording, blocks, start, stop)

    def find_findings(self) -> Sequence[Finding]:
        """Finds silent mistakes, the worst first."""
        # They look into configurations, which may hold anything.
        keep = functools.partial(
            self.store.flaws.keep,
            self.recording.run,
            "Some mistakes cannot be looked for",
        )
        return find_findings(
            self.recording, self._known_rows, keep, landscape=self._landscape
        )

    def read_range_tests(self) -> Sequence[dict[str, Any]]:
        """Reads the fields of every `RangeTestRecord`, the latest first."""
        tag = self.recording.tags.get(metadata.RANGE_TEST_TAG)
        data = [datum for _, datum in self._read([tag] if tag else [])]
        # Trainings do not replace it: a test comes before the one at the same step.
        tests = select_valid(data, Beginnings())
        note = functools.partial(self.store.flaws.note, self.recording.run)
        records = parse_records(schema.RangeTestRecord, "range test", tests, note)
        return [dataclasses.asdict(record) for record in reversed(records)]

    def read_layers(self) -> LayerSamples:
        """Reads the samples of single layers."""
        tags = tags_with(metadata.LAYERS_PREFIX, self.recording.tags)
        return join_layer_samples(self._read(tags), self.recording.beginnings)

    def read_landscape(self) -> Landscape:
        """Reads what other rates would have done."""
        return self._landscape

    def _read(self, tags: Sequence[Tag]) -> list[tuple[Tag, TensorDatum]]:
        run = self.recording.run
        return dict(self.store.read(self.scope, {run: tags}))[run] if tags else []

    @functools.cached_property
    def _landscape(self) -> Landscape:
        tag = self.recording.tags.get(metadata.LANDSCAPE_TAG)
        data = [datum for _, datum in self._read([tag] if tag else [])]
        note = functools.partial(self.store.flaws.note, self.recording.run)
        optimizer = self.recording.run_info.optimizer
        return join_landscape(
            data, self.recording.beginnings, note, optimizer=optimizer
        )

    @functools.cached_property
    def _known_rows(self) -> KnownRows:
        return read_known_rows(self.recording.overview, self._read_rows)

    @functools.cached_property
    def _first_rows(self) -> Rows:
        return self.blocks.read_first_rows(self.scope, self.recording)

    def _read_rows(self, start: int, stop: int) -> Rows:
        first_rows = self._first_rows
        is_first = bool(first_rows) and first_rows[schema.STEP][-1] >= stop
        # A later training may have replaced the end of the first block.
        if is_first and self.recording.count_beginnings(stop) <= 1:
            return slice_steps(first_rows, start, stop)
        return self.blocks.read_rows(self.scope, self.recording, start, stop)

    def _find_kept_blocks(self) -> Blocks | None:
        return self.blocks.find_kept(self.scope, self.recording)


def _read_pieces(
    recording: Recording, blocks: Blocks | None, start: int, stop: int
) -> Iterator[Rows]:
    """Reads the rows of a window some blocks at a time, so that memory stays small."""
    if blocks is None:
        return
    for i in range(0, len(blocks.first_steps), _BLOCKS_PER_READING):
        end = min(i + _BLOCKS_PER_READING, len(blocks.first_steps))
        if blocks.first_steps[i] >= stop:
            return
        if end < len(blocks.first_steps) and blocks.first_steps[end] <= start:
            continue
        rows = slice_steps(blocks.read(i, end), start, stop)
        if count_rows(rows):
            rows[WALL_TIME] = recording.estimate_times(rows[schema.STEP], blocks)
            for begin in range(0, count_rows(rows), schema.ROWS_PER_BLOCK):
                yield slice_rows(rows, begin, begin + schema.ROWS_PER_BLOCK)
