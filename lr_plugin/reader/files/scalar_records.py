"""The scalars in a stretch of an event file, thousands of records at a time."""

import dataclasses
import struct
from collections.abc import Collection, Iterator

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.util import tensor_util

from lr_plugin.checksums import masked_checksums, masked_checksums_alike
from lr_plugin.reader.event_file import HEADER
from lr_plugin.reader.files.scalar_layout import EventLayout, find_layout
from lr_plugin.reader.files.split_records import split_records, take_bytes

_LENGTH = struct.Struct("<Q")
# Longer events are texts, pictures or histograms, or hold dozens of values; they are
# looked at one by one.
_MAX_BYTES_ALIKE = 1024
_STEP, _FIRST_STEP_BYTE = 0x10, 10
# So many events are looked at for one that is a scalar, before all are read singly.
_NUM_TRIED = 8

POINT = np.dtype(
    [
        ("place", np.int64),
        ("step", np.int64),
        ("wall_time", np.float64),
        ("value", np.float64),
    ]
)


@dataclasses.dataclass
class ScalarRecords:
    """What a stretch of an event file holds.

    Attributes:
        points: Of dtype POINT, by tag, in no order; `place` is the byte of the file at
            which a point's event begins.
        num_bytes: How many bytes the whole records take.
        is_lost: Whether there is no record behind these, but something else.
        num_damaged: How many records were left out because of their checksum.
    """

    points: dict[str, list[np.ndarray]]
    num_bytes: int
    is_lost: bool = False
    num_damaged: int = 0


def read_scalar_records(
    data: bytes, place: int, tags: Collection[str]
) -> ScalarRecords:
    """Reads the scalars of some tags.

    Args:
        data: Of a file, from `place` on, where a record begins; the last may be cut.
        tags: Of scalars, as TensorBoard has found: it looks at their metadata, which
            may stand at the first event of a tag only.
    """
    split = split_records(data)
    found = ScalarRecords({}, split.end, split.is_lost)
    array = np.frombuffer(data, np.uint8)
    for length in _list_lengths(split.lengths):
        starts = split.starts[split.lengths == length]
        is_record = _check_headers(array, starts, length)
        if not is_record.all():
            # TensorBoard ends its reading of a file there, too.
            first = int(starts[~is_record].min()) - HEADER.size
            if first < found.num_bytes:
                found.num_bytes, found.is_lost = first, True
            starts = starts[is_record]
        if length <= _MAX_BYTES_ALIKE:
            starts = _read_alike(found, array, starts, length, place, tags)
        _read_singly(found, data, starts, length, place, tags)
    if found.is_lost:
        limit = place + found.num_bytes
        for tag, parts in found.points.items():
            found.points[tag] = [part[part["place"] < limit] for part in parts]
    return found


def _list_lengths(lengths: np.ndarray) -> list[int]:
    """Lists the lengths that occur; most are short, and counted quickly."""
    is_long = lengths > _MAX_BYTES_ALIKE
    short = np.flatnonzero(np.bincount(lengths[~is_long])).tolist()
    return [*short, *sorted(set(lengths[is_long].tolist()))]


def _check_headers(array: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Tells of records of one length whether the checksum of that length is right."""
    expected = masked_crc32c(_LENGTH.pack(length))
    return take_bytes(array, starts - 4, 4).view("<u4").ravel() == expected


def _read_alike(
    found: ScalarRecords,
    array: np.ndarray,
    starts: np.ndarray,
    length: int,
    place: int,
    tags: Collection[str],
) -> np.ndarray:
    """Reads records of one length that differ in their numbers alone, all at once.

    Returns:
        The starts of the other records.
    """
    # With the checksum behind the event, and a whole number of words, for which there
    # is no room behind the last record.
    width = -(-(length + 4) // 8) * 8
    num_fitting = int(np.searchsorted(starts, len(array) - width, side="right"))
    left = [np.arange(num_fitting, len(starts))]
    rows = take_bytes(array, starts[:num_fitting], width)
    for group in _group_by_step(rows, length):
        tried = (find_layout(rows[i, :length].tobytes()) for i in group[:_NUM_TRIED])
        layout = next((one for one in tried if one is not None), None)
        if layout is None:
            left.append(group)
            continue
        is_all = len(group) == len(rows)
        alike_in_step = rows if is_all else rows.take(group, axis=0)
        for found_alike in _group_alike(alike_in_step, layout):
            kind = group[found_alike]
            same = find_layout(rows[kind[0], :length].tobytes())
            if same is None or not np.array_equal(same.varying, layout.varying):
                left.append(kind)
            elif any(one.tag in tags for one in same.places):
                alike = rows if len(kind) == len(rows) else rows.take(kind, axis=0)
                _take_points(found, alike, starts[kind] + place, same, tags)
    return starts[np.concatenate(left)]


def _group_by_step(rows: np.ndarray, length: int) -> Iterator[np.ndarray]:
    """Groups events of one length by how many bytes their steps take."""
    if length <= _FIRST_STEP_BYTE + 10:
        yield np.arange(len(rows))
        return
    # An event of step 0 says no step, and has something else here.
    sizes = (rows[:, 9] == _STEP).astype(np.int8)
    goes_on = sizes > 0
    for column in range(_FIRST_STEP_BYTE, _FIRST_STEP_BYTE + 9):
        goes_on = goes_on & (rows[:, column] >= 0x80)
        if not goes_on.any():
            break
        sizes += goes_on
    for size in np.flatnonzero(np.bincount(sizes)).tolist():
        yield np.flatnonzero(sizes == size)


def _group_alike(rows: np.ndarray, layout: EventLayout) -> Iterator[np.ndarray]:
    """Groups events by all that does not vary in a layout, most of all their tags."""
    mask = np.zeros(rows.shape[1], np.uint8)
    mask[layout.fixed] = 0xFF
    # One row for each word of the events: a few long comparisons, not many short ones.
    words = np.ascontiguousarray((rows.view(np.uint64) & mask.view(np.uint64)).T)
    is_same = (words == words[:, :1]).all(axis=0)
    yield np.flatnonzero(is_same)
    if is_same.all():
        return
    others, words = np.flatnonzero(~is_same), words.compress(~is_same, axis=1)
    order = np.lexsort(words)
    words = words.take(order, axis=1)
    differs = (words[:, 1:] != words[:, :-1]).any(axis=0)
    yield from np.split(others[order], np.flatnonzero(differs) + 1)


def _take_points(
    found: ScalarRecords,
    rows: np.ndarray,
    places: np.ndarray,
    layout: EventLayout,
    tags: Collection[str],
) -> None:
    """Takes the points of events of one layout and the same tags."""
    events, stored = rows[:, : layout.length], rows[:, layout.length :][:, :4]
    checksums = masked_checksums_alike(events, layout.varying)
    is_whole = checksums == stored.copy().view("<u4").ravel()
    if not is_whole.all():
        found.num_damaged += int((~is_whole).sum())
        events, places = events.compress(is_whole, axis=0), places[is_whole]
    points = np.empty(len(events), POINT)
    points["place"] = places
    points["wall_time"] = events[:, 1:9].copy().view("<f8").ravel()
    steps = np.zeros(len(events), np.uint64)
    for i, column in enumerate(layout.step):
        bits = events[:, column].astype(np.uint64) & np.uint64(0x7F)
        steps |= bits << np.uint64(7 * i)
    points["step"] = steps.view(np.int64)
    for one in layout.places:
        if one.tag in tags:
            end = one.offset + int(one.dtype[-1])
            filled = points.copy() if len(layout.places) > 1 else points
            filled["value"] = events[:, one.offset : end].copy().view(one.dtype).ravel()
            found.points.setdefault(one.tag, []).append(filled)


def _read_singly(
    found: ScalarRecords,
    data: bytes,
    starts: np.ndarray,
    length: int,
    place: int,
    tags: Collection[str],
) -> None:
    """Reads records of one length one by one."""
    names = [tag.encode() for tag in tags]
    for start in starts.tolist():
        end = start + length
        if not any(data.find(name, start, end) >= 0 for name in names):
            continue
        (checksum,) = struct.unpack_from("<I", data, end)
        if masked_checksums([data[start:end]])[0] != checksum:
            found.num_damaged += 1
            continue
        try:
            event = event_pb2.Event.FromString(data[start:end])
        except DecodeError:
            found.num_damaged += 1
            continue
        for value in event.summary.value:
            if value.tag in tags:
                number = _read_value(value)
                if number is not None:
                    point = (start + place, event.step, event.wall_time, number)
                    part = np.array([point], POINT)
                    found.points.setdefault(value.tag, []).append(part)


def _read_value(value: summary_pb2.Summary.Value) -> float | None:
    if value.HasField("simple_value"):
        return value.simple_value
    if not value.HasField("tensor"):
        return None
    try:
        array = tensor_util.make_ndarray(value.tensor)
    except (TypeError, ValueError):
        # A tensor of no known type, or with too few numbers for its shape.
        return None
    return (
        float(array.item()) if array.size == 1 and array.dtype.kind in "fiub" else None
    )
