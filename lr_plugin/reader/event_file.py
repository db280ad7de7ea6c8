"""Where in an event file the blocks of iterations are, to read few of them quickly.

An event file is a sequence of records: length (uint64), its checksum (uint32), an
`Event` protocol buffer, its checksum (uint32), all little-endian. The index is made by
walking from length to length, without parsing what is not ours, and grows as the file
does.
"""

import dataclasses
import math
import struct
from collections.abc import Iterable, Iterator

import numpy as np
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from lr_plugin import fields, metadata
from lr_plugin.checksums import masked_checksums
from lr_plugin.reader.places.ranges import open_ranges

# 12 bytes before an event; 4 bytes, a checksum, follow it.
HEADER = struct.Struct("<QI")
CHECKSUM = struct.Struct("<I")
_CHUNK_BYTES = 4 << 20
# An event begins with its time and step, the sizes of what follows, and the tag.
HEAD_BYTES = 128
# What an event of ours has at least: the names of its tag, its plugin and its columns
# alone take 90. Stock scalars, by far the most events of a file, have less.
LEAST_BYTES = 120
# A variable-length integer has at most ten bytes of seven bits.
_LAST_SHIFT = 63
_TAG_STARTS = (metadata.ITERATIONS_PREFIX.encode(), metadata.RUN_INFO_TAG.encode())

RECORD = np.dtype(
    [
        ("wall_time", np.float64),
        ("step", np.int64),
        ("offset", np.int64),
        ("length", np.int64),
        ("is_block", np.bool_),
    ]
)


@dataclasses.dataclass(frozen=True)
class FileIndex:
    """What was found in the first `num_bytes` of a file.

    Attributes:
        identity: Tells this file from another that took its name later.
        num_bytes: Where the first record starts that was not whole yet.
        records: Of dtype RECORD, one for each block of iterations and for each
            beginning of a training; `offset` and `length` are those of the event.
        is_damaged: Whether there is no record at `num_bytes`, but something else, so
            that nothing behind it can be found.
    """

    path: str
    identity: tuple[int, int]
    num_bytes: int
    records: np.ndarray
    is_damaged: bool = False


def index_file(
    path: str, known: FileIndex | None = None, *, max_bytes: int | None = None
) -> FileIndex:
    """Indexes a file, from where `known` ends if that is of the same file.

    Args:
        max_bytes: Where to stop; the end of the file if None.

    Raises:
        OSError: The file cannot be read.
    """
    with open_ranges(path) as file:
        identity = file.identity
        if known is None or (known.path, known.identity) != (path, identity):
            known = FileIndex(path, identity, 0, np.empty(0, RECORD))
        if file.num_bytes < known.num_bytes:
            known = FileIndex(path, identity, 0, np.empty(0, RECORD))
        end = file.num_bytes if max_bytes is None else min(max_bytes, file.num_bytes)
        if end <= known.num_bytes:
            return known
        place = known.num_bytes
        walk = Walk(place)
        found: list[tuple] = []
        while not walk.is_lost and place < end:
            chunk = file.read(place, min(_CHUNK_BYTES, end - place))
            if not chunk:
                break
            place += len(chunk)
            found.extend(walk.read_chunk(chunk))
    records = np.concatenate([known.records, np.array(found, RECORD)])
    return FileIndex(path, identity, walk.position, records, walk.is_lost)


def read_events(
    path: str, places: Iterable[tuple[int, int]]
) -> list[event_pb2.Event | None]:
    """Reads the events at pairs of offset and length that an index has found.

    Returns:
        None for an event with a wrong checksum, which TensorBoard leaves out, too.

    Raises:
        OSError: The file cannot be read, or holds no record there by now.
    """
    places = list(places)
    records, expected = [], []
    with open_ranges(path) as file:
        parts = file.read_all([(i, n + CHECKSUM.size) for i, n in places])
        for (_, length), data in zip(places, parts, strict=True):
            if len(data) < length + CHECKSUM.size:
                raise OSError(f"The event file {path} is shorter than it was.")
            records.append(data[:length])
            expected.append(CHECKSUM.unpack_from(data, length)[0])
        is_whole = masked_checksums(records) == np.array(expected, np.uint32)
        for i in np.flatnonzero(~is_whole):
            offset, length = places[i]
            header = file.read(offset - HEADER.size, HEADER.size)
            if len(header) < HEADER.size or HEADER.unpack(header) != (
                length,
                masked_crc32c(header[:8]),
            ):
                raise OSError(f"The event file {path} was changed.")
    return [
        event_pb2.Event.FromString(record) if whole else None
        for record, whole in zip(records, is_whole, strict=True)
    ]


class Walk:
    """Walks from record to record through chunks of a file that follow each other.

    Attributes:
        position: Where in the file the first record starts that was not whole yet.
        is_lost: Whether there is no length at `position`, so that nothing behind it
            can be found. TensorBoard ends its reading of a file there too.
    """

    def __init__(self, position: int):
        self.position = position
        self.is_lost = False
        self._rest = b""

    def read_chunk(self, chunk: bytes) -> Iterator[tuple]:
        """Yields the fields of RECORD for every event of ours."""
        data = self._rest + chunk
        begin = self.position
        # Most records are not ours: each should cost less than a microsecond.
        find, unpack, size = data.find, HEADER.unpack_from, len(data)
        tag, other_tag = _TAG_STARTS
        i = 0
        while i + HEADER.size <= size:
            length, checksum = unpack(data, i)
            start = i + 12
            if not length or start + length + 4 > size:
                # This is rare, so that the slow checksum does no harm. A wrong length
                # would have the rest of the file read into memory; 0 is always wrong.
                self.is_lost = not length or masked_crc32c(data[i : i + 8]) != checksum
                break
            if length >= LEAST_BYTES and (
                find(tag, start, start + HEAD_BYTES) >= 0
                or find(other_tag, start, start + HEAD_BYTES) >= 0
            ):
                parsed = parse_head(data[start : start + min(length, HEAD_BYTES)])
                if parsed is not None:
                    wall_time, step, is_block = parsed
                    yield wall_time, step, begin + start, length, is_block
            i = start + length + 4
        self._rest = data[i:]
        self.position = begin + i


def parse_head(head: bytes) -> tuple[float, int, bool] | None:
    """Reads time, step and kind from the first bytes of an event.

    The whole event is not parsed: its tensor is a hundred times as long.

    Returns:
        None if this is no event of ours.
    """
    wall_time, step, i = 0.0, 0, 0
    try:
        while True:
            key = head[i]
            i += 1
            if key == 0x09:  # Event.wall_time, a double
                (wall_time,) = struct.unpack_from("<d", head, i)
                i += 8
            elif key == 0x10:  # Event.step, a varint
                step, i = parse_varint(head, i)
            elif key == 0x2A:  # Event.summary, a message
                _, i = parse_varint(head, i)
            elif key == 0x0A:  # Summary.value, a message whose first field is the tag
                _, i = parse_varint(head, i)
                if head[i] != 0x0A:
                    return None
                length, i = parse_varint(head, i + 1)
                tag = head[i : i + length]
                break
            else:
                return None
    except (IndexError, struct.error):
        return None
    is_block = tag.startswith(_TAG_STARTS[0])
    if not is_block and tag != _TAG_STARTS[1]:
        return None
    # What no writer gives, the fence around the run's events tells of.
    if not (0 <= step <= fields.MAX_STEP and math.isfinite(wall_time)):
        return None
    return wall_time, step, is_block


def parse_varint(data: bytes, i: int) -> tuple[int, int]:
    """Reads a protocol buffer's variable-length integer, one below 0 as above 2^63.

    Returns:
        The number, and where it ends.

    Raises:
        IndexError: It does not end in time.
    """
    value = shift = 0
    while True:
        if shift > _LAST_SHIFT:
            raise IndexError
        byte = data[i]
        i += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value & ((1 << 64) - 1), i
