"""The rows of single iterations, from TensorBoard's memory or from the event files.

TensorBoard keeps a bounded number of a run's blocks. Where the event files can be read,
the few blocks that a window needs come straight from them, and every iteration of every
run can be seen; what TensorBoard kept is the fallback.
"""

import dataclasses
import functools
import itertools
from collections.abc import Callable, Sequence

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, tensor_pb2, types_pb2
from tensorboard.util import tensor_util

from lr_plugin import metadata, schema
from lr_plugin.folders import is_remote
from lr_plugin.reader import event_file, history
from lr_plugin.reader.cache.byte_cache import ByteCache
from lr_plugin.reader.files.damage import Damage, DamageList
from lr_plugin.reader.files.seek import is_whole_to_end, seek_steps
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.overview import TensorEvent
from lr_plugin.reader.places.listing import list_event_files
from lr_plugin.rows import Rows, count_bytes, join_rows, slice_steps

# Blocks are read and kept in memory in groups. For a window of few blocks, a group is
# one block, so that nothing is read in vain; for a window of many, it is many, so that
# few look-ups find them all.
_GROUP_SIZES = (1, 64, 1024)
# The first block is looked for in the first 128 kB of a file, then in 8 times as much,
# and so on: the fastest trainings write a thousand stock scalars before it.
_BYTES_OF_FIRST_LOOK = 1 << 17
_GROWTH_OF_LOOK = 8
# To walk through a larger file takes more than to look at its end.
_BYTES_TO_WALK = 1 << 20
# Of the blocks that TensorBoard does not know of, yet or for their damage.
_NUM_BLOCKS_TO_CHECK = 8


@dataclasses.dataclass(frozen=True)
class Blocks:
    """A run's blocks of iterations, in order.

    Attributes:
        first_steps: Shape [num_blocks].
        wall_times: When each block was written. Shape [num_blocks].
        read: Gives the rows of the blocks from one number up to another.
    """

    first_steps: np.ndarray
    wall_times: np.ndarray
    read: Callable[[int, int], Rows]

    def read_steps(self, start: int, stop: int) -> Rows:
        """Reads the rows with `start <= step < stop`."""
        begin = int(np.searchsorted(self.first_steps, start, side="right")) - 1
        end = int(np.searchsorted(self.first_steps, stop))
        rows = self.read(max(begin, 0), end)
        return slice_steps(rows, start, stop)


class EventFiles:
    """Reads blocks from the event files of runs. Safe for several threads."""

    def __init__(
        self,
        max_bytes: int,
        list_files: Callable[[str], dict[str, int]] = list_event_files,
    ):
        """Reads nothing yet.

        Args:
            list_files: Lists the event files of a directory, with their sizes.
        """
        self._list_files = list_files
        self._rows: ByteCache[Rows] = ByteCache(max_bytes)
        self._indices: ByteCache[event_file.FileIndex] = ByteCache(max_bytes // 4)
        self._damages = DamageList()

    def find_blocks(self, directory: str) -> Blocks | None:
        """Finds the blocks in a directory's event files, as these are now.

        Returns:
            None if there is nothing that can be read. The blocks' `read` raises OSError
            if that has changed since.
        """
        try:
            sizes = self._list_files(directory)
            files = [self._index(path, sizes[path]) for path in sizes]
        except OSError:
            return None
        if not files:
            return None
        records = np.concatenate([file.records for file in files])
        numbers = np.repeat(np.arange(len(files)), [len(f.records) for f in files])
        order = np.argsort(records["wall_time"], kind="stable")
        records, numbers = records[order], numbers[order]
        ends = history.find_ends(records["step"], records["wall_time"], Beginnings())
        is_valid = records["is_block"] & (records["step"] < ends)
        if not is_valid.any():  # a training that has begun anew has no row yet
            return None
        blocks, numbers, ends = records[is_valid], numbers[is_valid], ends[is_valid]

        def read(begin: int, end: int) -> Rows:
            groups = []
            size = next((s for s in _GROUP_SIZES if end - begin <= 4 * s), 1024)
            for i in range(begin // size, -(-end // size)):
                group = slice(i * size, (i + 1) * size)
                found = [files[number] for number in numbers[group]]
                groups.append(self._read_group(found, blocks[group], ends[group]))
            rows = join_rows(groups)
            if end < len(blocks):
                return slice_steps(rows, blocks["step"][begin], blocks["step"][end])
            return slice_steps(rows, blocks["step"][begin], history.NEVER)

        return Blocks(blocks["step"], blocks["wall_time"], read)

    def read_first_block(self, directory: str) -> Rows:
        """Reads the first block of a directory in which no training began anew.

        Looks at the first file only, and no further than needed, which is cheap for
        many runs. Whether this is where the run begins is for the caller to know: an
        earlier file may have been deleted.

        Raises:
            OSError: The file cannot be read.
        """
        for path, num_bytes in list(self._list_files(directory).items())[:1]:
            index, max_bytes = None, _BYTES_OF_FIRST_LOOK
            while True:
                index = event_file.index_file(path, index, max_bytes=max_bytes)
                found = index.records[index.records["is_block"]][:1]
                if len(found):
                    ends = np.array([history.NEVER])
                    return join_rows(self._read_blocks(index, found, ends))
                if max_bytes >= num_bytes or index.is_damaged:
                    break
                max_bytes *= _GROWTH_OF_LOOK
        return {}

    def read_steps(
        self, directory: str, start: int, stop: int, steps: tuple[int, int]
    ) -> Rows:
        """Reads a few rows of a directory in which no training began anew.

        Args:
            steps: The first and the last step of the run.

        Returns:
            The rows with `start <= step < stop` that were found; all of them, or some,
            or none.

        Raises:
            OSError: The file cannot be read.
        """
        paths = self._list_files(directory)
        if len(paths) != 1:
            return {}
        index = seek_steps(next(iter(paths)), start, stop, steps)
        found = index.records[np.argsort(index.records["wall_time"], kind="stable")]
        ends = history.find_ends(found["step"], found["wall_time"], Beginnings())
        is_valid = (found["step"] < np.minimum(ends, stop)) & (ends > start)
        rows = join_rows(self._read_blocks(index, found[is_valid], ends[is_valid]))
        return slice_steps(rows, start, stop)

    def _index(self, path: str, num_bytes: int) -> event_file.FileIndex:
        # Any version will do: an index grows as its file does.
        known = self._indices.peek_any(path)
        if known is not None and is_remote(path) and known.num_bytes == num_bytes:
            # Elsewhere, opening it would cost a request.
            return known
        index = event_file.index_file(path, known)
        version = (index.identity, index.num_bytes)
        self._indices.put(path, version, index, index.records.nbytes + 1000)
        self._damages.note_index(index)
        return index

    def check_files(self, directory: str, last_block_time: float) -> None:
        """Looks for damage: whether a directory's files can be read to their ends.

        Of a large file, only the end is looked at: TensorBoard stops where a file is
        damaged, so that all is well where it knows of the last block.

        Args:
            last_block_time: When the last block was written that TensorBoard knows of.

        Raises:
            OSError: A file cannot be read.
        """
        for path, num_bytes in self._list_files(directory).items():
            is_small = num_bytes <= _BYTES_TO_WALK
            if is_small or not is_whole_to_end(path, last_block_time):
                index = self._index(path, num_bytes)
                is_new = index.records["wall_time"] > last_block_time
                unknown = index.records[index.records["is_block"] & is_new]
                unknown = unknown[:_NUM_BLOCKS_TO_CHECK]
                ends = np.full(len(unknown), history.NEVER)
                self._read_blocks(index, unknown, ends)

    def list_damages(self, directory: str) -> list[Damage]:
        """Lists what was found to be damaged so far.

        Raises:
            OSError: The directory cannot be read.
        """
        return self._damages.list_damages(list(self._list_files(directory)))

    def _read_blocks(
        self, file: event_file.FileIndex, blocks: np.ndarray, ends: np.ndarray
    ) -> list[Rows]:
        """Reads the rows of blocks of one file, each up to its end.

        Those of a damaged one are left out.

        Raises:
            OSError: The file cannot be read, or holds something else by now.
        """
        places = zip(blocks["offset"].tolist(), blocks["length"].tolist(), strict=True)
        try:
            events = event_file.read_events(file.path, places)
            parts: list[Rows] = []
            for event, block, end in zip(events, blocks, ends, strict=True):
                rows = None if event is None else _unpack_event(event, block["step"])
                if rows is None:
                    place, step = int(block["offset"]), int(block["step"])
                    self._damages.note_record(file, place, step)
                else:
                    parts.append(slice_steps(rows, 0, end))
            return parts
        except DecodeError as error:
            raise OSError(
                f"The event file {file.path} cannot be read: {error}"
            ) from error

    def _read_group(
        self,
        files: Sequence[event_file.FileIndex],
        blocks: np.ndarray,
        ends: np.ndarray,
    ) -> Rows:
        paths = tuple(dict.fromkeys(file.path for file in files))
        identities = tuple(dict.fromkeys(file.identity for file in files))
        key, version = (paths, blocks.tobytes()), (identities, ends.tobytes())

        def load() -> Rows:
            parts: list[Rows] = []
            for _, group in itertools.groupby(
                range(len(files)), key=lambda i: files[i].path
            ):
                i, *rest = group
                span = slice(i, i + len(rest) + 1)
                parts += self._read_blocks(files[i], blocks[span], ends[span])
            return join_rows(parts)

        def size(rows: Rows) -> int:
            return count_bytes(rows) + 2 * blocks.nbytes

        return self._rows.get(key, version, load, size)


def find_kept_blocks(events: Sequence[TensorEvent], beginnings: Beginnings) -> Blocks:
    """Finds the blocks among the events that TensorBoard kept.

    Args:
        events: Of all tags that hold blocks.
        beginnings: Of all trainings of the run.
    """
    events = sorted(events, key=lambda event: event.wall_time)
    first_steps = np.array([event.step for event in events], np.int64)
    times = np.array([event.wall_time for event in events], np.float64)
    ends = history.find_ends(first_steps, times, beginnings)
    is_valid = np.flatnonzero(first_steps < ends)

    def read(begin: int, end: int) -> Rows:
        return join_rows(
            [
                slice_steps(
                    schema.unpack_block(
                        events[i].step, events[i].tensor, events[i].columns
                    ),
                    0,
                    ends[i],
                )
                for i in is_valid[begin:end]
            ]
        )

    return Blocks(first_steps[is_valid], times[is_valid], read)


def _unpack_event(event: event_pb2.Event, first_step: int) -> Rows | None:
    """Unpacks a block; gives None for one that is none, for all that its tag says.

    Raises:
        OSError: It is another than was indexed.
    """
    if event.step != first_step or len(event.summary.value) != 1:
        raise OSError("An event file was changed since it was indexed.")
    (value,) = event.summary.value
    try:
        content = _parse_content(value.metadata.plugin_data.content)
        tensor = _make_array(value.tensor)
        return schema.unpack_block(event.step, tensor, content["columns"])
    except (ValueError, TypeError, OverflowError, MemoryError):
        return None


def _make_array(tensor: tensor_pb2.TensorProto) -> np.ndarray:
    if not tensor.tensor_content or tensor.dtype != types_pb2.DT_FLOAT:
        return tensor_util.make_ndarray(tensor)
    # Takes half the time of the general way; a tensor that we wrote allows it.
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    return np.frombuffer(tensor.tensor_content, np.float32).reshape(shape)


_parse_content = functools.lru_cache(maxsize=64)(metadata.parse_plugin_content)
