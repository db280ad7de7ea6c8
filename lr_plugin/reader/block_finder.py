"""Finds the single iterations of a run: all in its files, or some in memory."""

import dataclasses

from lr_plugin import metadata, schema
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.overview import TensorEvent, summarize_rows
from lr_plugin.reader.raw_blocks import (
    Blocks,
    EventFiles,
    find_kept_blocks,
)
from lr_plugin.reader.recording import Recording
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.tensors import Scope, TensorStore, as_tensor_event, tags_with
from lr_plugin.rows import Rows, count_rows, slice_rows, slice_steps

_MAX_BYTES = 96 << 20
# Below the limit of 256 MB of one answer of the fast loader.
_MAX_BYTES_OF_ANSWER = 200 << 20
# To walk through the file of a longer run takes more than to seek some blocks in it.
_MAX_ROWS_TO_WALK = 100_000
# All blocks of a run are one question to TensorBoard, for a few rows of it: 1 MB.
_MAX_ROWS_TO_ASK_FOR = 65_536
# A million rows, which are read within a second.
_MAX_BLOCKS_TO_REBUILD = 1024


class BlockFinder:
    """Finds blocks in event files, or else among those that TensorBoard kept."""

    def __init__(
        self,
        store: TensorStore,
        *,
        directories: RunDirectories,
        max_kept_blocks: int,
    ):
        """Reads nothing yet.

        Args:
            directories: Where event files are; of no directory, to ask TensorBoard.
            max_kept_blocks: How many blocks TensorBoard keeps of a run; 0 is all.
        """
        self._store = store
        self._directories = directories
        self.max_kept_blocks = max_kept_blocks
        self._files = EventFiles(_MAX_BYTES, directories.list_files)
        self._kept: ByteCache[Blocks] = ByteCache(_MAX_BYTES // 2)

    def find_in_files(self, recording: Recording) -> Blocks | None:
        """Finds every block of a run; None if its files cannot be read.

        Reading the blocks raises OSError if the files have changed since.
        """
        directory = self._directories.find(recording.run)
        return self._files.find_blocks(directory) if directory else None

    def holds_blocks(self, run: str) -> bool:
        """Tells whether the event files of a run, loaded or not, hold a block."""
        directory = self._directories.find(run)
        return bool(directory and self._files.find_blocks(directory) is not None)

    def find_kept(self, scope: Scope, recording: Recording) -> Blocks | None:
        """Finds the blocks that TensorBoard kept; None if these are too many."""
        tags = tags_with(metadata.ITERATIONS_PREFIX, recording.tags)
        num_rows = recording.num_iterations
        if self.max_kept_blocks:
            num_rows = min(num_rows, self.max_kept_blocks * schema.ROWS_PER_BLOCK)
        num_bytes = 4 * num_rows * max((len(tag.columns) for tag in tags), default=0)
        if not tags or num_bytes > _MAX_BYTES_OF_ANSWER:
            return None
        events: list[TensorEvent] = []

        def load() -> Blocks:
            data = dict(self._store.read(scope, {recording.run: tags}))[recording.run]
            events.extend(as_tensor_event(tag, datum) for tag, datum in data)
            return find_kept_blocks(events, recording.beginnings)

        def size(_: Blocks) -> int:
            return sum(event.tensor.nbytes for event in events)

        key = (scope.experiment_id, recording.run)
        return self._kept.get(key, recording.version, load, size)

    def read_rows(
        self, scope: Scope, recording: Recording, start: int, stop: int
    ) -> Rows:
        """Reads the few rows with `start <= step < stop`, as far as these are at hand.

        Of a long run of one training, its file is not walked through. Where files
        cannot be read, the rows come from TensorBoard's memory if the run is so short
        that all of it is kept there.
        """
        overview, last_rows = recording.overview, recording.last_rows
        if not len(overview):
            return {}
        if last_rows and last_rows[schema.STEP][0] <= start:
            return slice_steps(last_rows, start, stop)
        directory = self._directories.find(recording.run)
        try:
            if directory is not None:
                is_long = recording.num_iterations > _MAX_ROWS_TO_WALK
                steps = (int(overview.steps[0]), overview.last_step)
                if is_long and recording.count_beginnings(steps[1]) <= 1:
                    rows = self._files.read_steps(directory, start, stop, steps)
                    if count_rows(rows):
                        return rows
                blocks = self._files.find_blocks(directory)
                rows = blocks.read_steps(start, stop) if blocks else {}
                if count_rows(rows):
                    return rows
        except OSError:
            pass
        if recording.num_iterations > _MAX_ROWS_TO_ASK_FOR:
            return {}
        kept = self.find_kept(scope, recording)
        return kept.read_steps(start, stop) if kept else {}

    def read_first_rows(self, scope: Scope, recording: Recording) -> Rows:
        """Reads rows from the run's first step on, all of the first block or just one.

        Returns:
            No columns if the first row is not at hand.
        """
        if not len(recording.overview):
            return {}
        first_step = int(recording.overview.steps[0])
        directory = self._directories.find(recording.run)
        rows: Rows = {}
        if directory is not None and recording.count_beginnings(first_step) <= 1:
            try:
                rows = self._files.read_first_block(directory)
            except OSError:
                rows = {}
        if not count_rows(rows) or rows[schema.STEP][0] != first_step:
            # A training began anew, or the first file was deleted.
            rows = self.read_rows(scope, recording, first_step, first_step + 1)
        return rows if count_rows(rows) else {}

    def look_for_damage(self, recording: Recording) -> Recording:
        """Looks whether the run's event files are damaged, and completes the recording.

        At a damaged record TensorBoard's Python loader gives up a file, so that it
        lacks blocks behind it, and the overview: that is made of the blocks then.
        """
        directory = self._directories.find(recording.run)
        if directory is None:
            return recording
        tags = tags_with(metadata.ITERATIONS_PREFIX, recording.tags)
        last_time = max((tag.max_wall_time for tag in tags), default=0.0)
        try:
            self._files.check_files(directory, last_time)
            if recording.num_iterations and not self._files.list_damages(directory):
                return recording
            blocks = self._files.find_blocks(directory)
            if blocks is None or len(blocks.first_steps) > _MAX_BLOCKS_TO_REBUILD:
                return recording
            if blocks.first_steps[-1] <= recording.overview.last_step:
                return recording
            rows = blocks.read(0, len(blocks.first_steps))
        except OSError:
            # Files that cannot be read at all are told elsewhere.
            return recording
        columns = schema.value_columns(rows)
        if not columns or not count_rows(rows):
            return recording
        last_rows = slice_rows(rows, count_rows(rows) - 1)
        overview = summarize_rows(rows, columns)
        return dataclasses.replace(recording, overview=overview, last_rows=last_rows)

    def describe_damages(self, run: str, name: str) -> list[str]:
        """Says what cannot be read of a run, as far as it was looked at.

        Args:
            name: What the user calls it.
        """
        directory = self._directories.find(run)
        try:
            damages = self._files.list_damages(directory) if directory else []
        except OSError:
            return []
        return [damage.describe(name) for damage in damages]

    def measure_files(self, run: str) -> int:
        """Measures a run's event files in bytes; 0 if these cannot be read."""
        directory = self._directories.find(run)
        try:
            sizes = self._directories.list_files(directory) if directory else {}
            return sum(sizes.values())
        except OSError:
            return 0
