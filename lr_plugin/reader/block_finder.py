"""Finds the single iterations of a run: all in its files, or some in memory."""

import os

import numpy as np

from lr_plugin import metadata, schema
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.overview import TensorEvent
from lr_plugin.reader.raw_blocks import (
    Blocks,
    EventFiles,
    find_kept_blocks,
    list_event_files,
)
from lr_plugin.reader.recording import Recording
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.tensors import Scope, TensorStore, as_tensor_event, tags_with
from lr_plugin.rows import Rows

_MAX_BYTES = 96 << 20
# Below the limit of 256 MB of one answer of the fast loader.
_MAX_BYTES_OF_ANSWER = 200 << 20


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
        self._files = EventFiles(_MAX_BYTES)
        self._kept: ByteCache[Blocks] = ByteCache(_MAX_BYTES // 2)

    def find_in_files(self, recording: Recording) -> Blocks | None:
        """Finds every block of a run; None if its files cannot be read.

        Reading the blocks raises OSError if the files have changed since.
        """
        directory = self._directories.find(recording.run)
        return self._files.find_blocks(directory) if directory else None

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

    def read_first_rows(self, recording: Recording) -> Rows:
        """Reads the first rows of a run if they are cheap to find."""
        overview, last_rows = recording.overview, recording.last_rows
        if not len(overview):
            return {}
        first_step = int(overview.steps[0])
        if last_rows and last_rows[schema.STEP][0] == first_step:
            return last_rows
        directory = self._directories.find(recording.run)
        if directory is None:
            return {}
        beginnings = recording.beginnings
        num_begins = len(np.unique(beginnings.times[beginnings.steps <= first_step]))
        try:
            if num_begins <= 1:
                return self._files.read_first_rows(directory)
            blocks = self._files.find_blocks(directory)
            return blocks.read(0, 1) if blocks else {}
        except OSError:
            return {}

    def measure_files(self, run: str) -> int:
        """Measures a run's event files in bytes; 0 if these cannot be read."""
        directory = self._directories.find(run)
        try:
            paths = list_event_files(directory) if directory else []
            return sum(os.path.getsize(path) for path in paths)
        except OSError:
            return 0
