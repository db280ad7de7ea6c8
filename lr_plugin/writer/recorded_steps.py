"""Looks up which iterations are recorded in a folder, without loading the record.

A writer must know before it adds to a folder: whether there are iterations, the first
and the last of them, and when the last event was written.
"""

import dataclasses
import os
import struct
from collections.abc import Iterator

from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2
from tensorboard.util import tensor_util

from lr_plugin import fields, folders, metadata, schema

# A record's length and its checksum; a checksum of the event follows the event.
_HEADER = struct.Struct("<QI")
# An event's time, step and tag are within its first bytes.
_HEAD_BYTES = 128
# A remote file is fetched in pieces of so many bytes while it is walked through.
_AHEAD_BYTES = 4 << 20
_WALL_TIME = struct.Struct("<xd")  # After the byte that names the field.

# Of an event: its file, where it begins there, and its bytes.
_Place = tuple[str, int, int]


@dataclasses.dataclass(frozen=True)
class RecordedSteps:
    """The iteration that was written first, and the one that was written last."""

    first: int
    last: int


def find_recorded_steps(directory: str) -> RecordedSteps | None:
    """Finds which iterations the event files of a directory hold; None without any.

    Raises:
        OSError: The directory is there and cannot be read.
    """
    blocks = list(_find_events(directory, metadata.ITERATIONS_PREFIX))
    steps = _read_steps(blocks[:1]) + _read_steps(blocks[-1:])
    return RecordedSteps(steps[0], steps[-1]) if steps else None


def holds_iterations(directory: str) -> bool:
    """Tells whether there are iterations; stops reading at the first."""
    return any(True for _ in _find_events(directory, metadata.ITERATIONS_PREFIX))


def find_last_run_info(directory: str) -> schema.RunInfo | None:
    """Finds what is known of the latest training; None if nothing, or unreadable.

    Raises:
        OSError: The directory is there and cannot be read.
    """
    places = list(_find_events(directory, metadata.RUN_INFO_TAG))
    if not places:
        return None
    try:
        (value,) = _read_event(places[-1]).summary.value
        text = tensor_util.make_ndarray(value.tensor).item()
        return schema.from_json(schema.RunInfo, text, on_flaw=lambda flaw: None)
    except (DecodeError, ValueError):
        return None


def find_last_wall_time(path: str) -> float:
    """Finds when the latest event of a file was written; 0 without any."""
    times = [
        _WALL_TIME.unpack_from(head)[0]
        for _, _, head in _walk(path)
        # Not the first event of a file, which names the file's format.
        if head[:1] == b"\x09" and b"brain.Event:" not in head
        if len(head) >= _WALL_TIME.size
    ]
    # Damage may have made any number of it.
    return max((t for t in times if abs(t) <= fields.MAX_TIME), default=0.0)


def list_event_files(directory: str) -> list[str]:
    """Lists event files in the order in which they were begun; none if no directory."""
    if folders.is_remote(directory):
        return [
            path
            for path in folders.list_remote_files(directory)
            if "tfevents" in path.rpartition("/")[2]
        ]
    try:
        names = os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [
        os.path.join(directory, name)
        for name in sorted(names)
        if "tfevents" in name and os.path.isfile(os.path.join(directory, name))
    ]


def _find_events(directory: str, tag: str) -> Iterator[_Place]:
    """Finds the events whose tag begins so, in the order in which they were written."""
    for path in list_event_files(directory):
        for offset, length, head in _walk(path):
            if tag.encode() in head:
                yield path, offset, length


def _walk(path: str) -> Iterator[tuple[int, int, bytes]]:
    """Yields offset, length and first bytes of each whole event of a file."""
    with folders.open_file(path, ahead_bytes=_AHEAD_BYTES) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        offset = _HEADER.size
        while offset < size:
            length, _ = _HEADER.unpack(file.read(_HEADER.size))
            end = offset + length + 4
            # The file was cut, or this is not the length of an event.
            if end > size:
                return
            yield offset, length, file.read(min(length, _HEAD_BYTES))
            file.seek(end)
            offset = end + _HEADER.size


def _read_steps(places: list[_Place]) -> list[int]:
    """Reads the steps of the rows of blocks; blocks that cannot be read have none."""
    steps: list[int] = []
    for place in places:
        try:
            event = _read_event(place)
            (value,) = event.summary.value
            content = metadata.parse_plugin_content(value.metadata.plugin_data.content)
            tensor = tensor_util.make_ndarray(value.tensor)
            rows = schema.unpack_block(event.step, tensor, content["columns"])
        except (DecodeError, ValueError):
            continue
        steps += rows[schema.STEP].tolist()
    return steps


def _read_event(place: _Place) -> event_pb2.Event:
    path, offset, length = place
    with folders.open_file(path) as file:
        file.seek(offset)
        return event_pb2.Event.FromString(file.read(length))
