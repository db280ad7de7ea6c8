"""The events of a run straight from its event files, all but its iterations.

`event_file` finds the blocks of iterations; the rest, which is small, is read here.
"""

import dataclasses
import os
import struct
from collections.abc import Iterator

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.data.provider import TensorDatum
from tensorboard.util import tensor_util

from lr_plugin import metadata
from lr_plugin.reader.event_file import HEAD_BYTES, HEADER, LEAST_BYTES, parse_head
from lr_plugin.reader.fence.event_check import find_flaw
from lr_plugin.reader.fence.flaws import Note, describe_failure
from lr_plugin.reader.places.listing import list_event_files
from lr_plugin.reader.tensors import Tag

_CHECKSUM = struct.Struct("<I")
_PLUGIN_NAMES = (metadata.PLUGIN_NAME, metadata.RAW_PLUGIN_NAME)


def read_file_events(directory: str, *, note: Note) -> list[tuple[Tag, TensorDatum]]:
    """Reads this plugin's events but the blocks of iterations, each with its tag.

    What comes after a record that is not whole is left out, and so is a record with a
    wrong checksum: TensorBoard reads a file so, too.

    Args:
        note: Takes a sentence about each event that is left out for what it holds.

    Raises:
        OSError: A file cannot be read.
        ValueError: A later version of this package wrote an event.
    """
    tags: dict[str, Tag] = {}
    events: list[tuple[str, TensorDatum]] = []
    for path in list_event_files(directory):
        for event in _read_events(path):
            for value in event.summary.value:
                if value.metadata.plugin_data.plugin_name in _PLUGIN_NAMES:
                    tag = _describe(event, value, tags.get(value.tag))
                    array = _make_valid_array(event, value, tag, note)
                    if array is not None:
                        tags[value.tag] = tag
                        datum = TensorDatum(event.step, event.wall_time, array)
                        events.append((value.tag, datum))
    return [(tags[name], datum) for name, datum in events]


def _make_valid_array(
    event: event_pb2.Event, value: summary_pb2.Summary.Value, tag: Tag, note: Note
) -> np.ndarray | None:
    try:
        array = tensor_util.make_ndarray(value.tensor)
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        note(describe_failure(error))
        return None
    flaw = find_flaw(
        tag.name,
        event.step,
        event.wall_time,
        array,
        columns=tag.columns,
        layers=tag.layers,
    )
    if flaw is not None:
        note(flaw)
        return None
    return array


def _describe(
    event: event_pb2.Event, value: summary_pb2.Summary.Value, known: Tag | None
) -> Tag:
    if known is not None:
        return dataclasses.replace(
            known,
            max_step=max(known.max_step, event.step),
            max_wall_time=max(known.max_wall_time, event.wall_time),
        )
    plugin_data = value.metadata.plugin_data
    content = metadata.parse_plugin_content(plugin_data.content)
    return Tag(
        value.tag,
        plugin_data.plugin_name,
        event.step,
        event.wall_time,
        content["columns"],
        content["layers"],
    )


def _read_events(path: str) -> Iterator[event_pb2.Event]:
    """Reads a file's events but blocks, up to the first that is not whole."""
    with open(path, "rb") as file:
        num_bytes = os.fstat(file.fileno()).st_size
        while len(header := file.read(HEADER.size)) == HEADER.size:
            length, checksum = HEADER.unpack(header)
            end = file.tell() + length + _CHECKSUM.size
            if end > num_bytes or masked_crc32c(header[:8]) != checksum:
                return
            data = file.read(length)
            (checksum,) = _CHECKSUM.unpack(file.read(_CHECKSUM.size))
            # Stock scalars are by far the most, and blocks by far the largest.
            if length < LEAST_BYTES or _is_block(data):
                continue
            if masked_crc32c(data) == checksum:
                yield event_pb2.Event.FromString(data)


def _is_block(event: bytes) -> bool:
    if (found := parse_head(event[:HEAD_BYTES])) is None:
        return False
    _, _, is_block = found
    return is_block
