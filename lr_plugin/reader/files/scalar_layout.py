"""Where in the bytes of one event the numbers stand, if it holds nothing but scalars.

Of hundreds of thousands of records of a scalar, all but the time, the step and the
value is the same. So one of them is taken apart by hand, and the others are read at
once, at the same places. `EventLayout` says which places these are.

The fields are those of TensorBoard's protocol buffers: event.proto, summary.proto and
tensor.proto in https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
"""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np

from lr_plugin.reader.event_file import parse_varint

_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A
_VALUE = 0x0A
_TAG, _SIMPLE_VALUE, _TENSOR, _METADATA = 0x0A, 0x15, 0x42, 0x4A
_DTYPE, _SHAPE, _CONTENT = 0x08, 0x12, 0x22
# Of a tensor's type: where its packed values stand, and as what; by DataType.
_PACKED = {1: (0x2A, "<f4"), 2: (0x32, "<f8")}


@dataclasses.dataclass(frozen=True)
class ScalarPlace:
    """Where an event holds the value of a tag.

    Attributes:
        offset: From the beginning of the event.
        dtype: "<f4" or "<f8".
    """

    tag: str
    offset: int
    dtype: str


@dataclasses.dataclass(frozen=True)
class EventLayout:
    """Where an event holds its time, its step, and its values.

    Attributes:
        step: The bytes of the step, a variable-length integer.
    """

    length: int
    step: range
    places: Sequence[ScalarPlace]

    @functools.cached_property
    def varying(self) -> np.ndarray:
        """The places of all bytes that differ from one such event to another."""
        values = [
            place.offset + i
            for place in self.places
            for i in range(int(place.dtype[-1]))
        ]
        return np.array([*range(1, 9), *self.step, *values])

    @functools.cached_property
    def fixed(self) -> np.ndarray:
        """The places of all other bytes."""
        is_fixed = np.ones(self.length, np.bool_)
        is_fixed[self.varying] = False
        return np.flatnonzero(is_fixed)


def find_layout(event: bytes) -> EventLayout | None:
    """Finds where the numbers of an event stand; None if there is something else."""
    try:
        return _parse_event(event)
    except (IndexError, ValueError):
        return None


def _parse_event(event: bytes) -> EventLayout | None:
    if event[0] != _WALL_TIME:
        return None
    i, step = 9, range(9, 9)
    if event[i] == _STEP:
        _, end = parse_varint(event, i + 1)
        step, i = range(i + 1, end), end
    if event[i] != _SUMMARY:
        return None
    size, i = parse_varint(event, i + 1)
    if i + size != len(event):
        return None
    places = []
    while i < len(event):
        if event[i] != _VALUE:
            return None
        size, i = parse_varint(event, i + 1)
        place = _parse_value(event, i, i + size)
        if place is None:
            return None
        places.append(place)
        i += size
    return EventLayout(len(event), step, places) if places else None


def _parse_value(event: bytes, i: int, end: int) -> ScalarPlace | None:
    if event[i] != _TAG:
        return None
    size, i = parse_varint(event, i + 1)
    tag, i = event[i : i + size].decode(), i + size
    offset, dtype = -1, "<f4"
    while i < end:
        key = event[i]
        if key == _SIMPLE_VALUE:
            offset, i = i + 1, i + 5
            continue
        if key not in (_TENSOR, _METADATA):
            return None
        size, i = parse_varint(event, i + 1)
        if key == _TENSOR:
            found = _parse_tensor(event, i, i + size)
            if found is None:
                return None
            offset, dtype = found
        i += size
    if offset < 0 or i != end:
        return None
    return ScalarPlace(tag, offset, dtype)


def _parse_tensor(event: bytes, i: int, end: int) -> tuple[int, str] | None:
    """Finds the one number of a tensor: its place, and as what it is stored."""
    if event[i] != _DTYPE or event[i + 1] not in _PACKED:
        return None
    packed, dtype = _PACKED[event[i + 1]]
    num_bytes = int(dtype[-1])
    i += 2
    if event[i] == _SHAPE:
        # A scalar has no dimensions.
        if event[i + 1] != 0:
            return None
        i += 2
    is_value = event[i] in (packed, _CONTENT) and event[i + 1] == num_bytes
    return (i + 2, dtype) if is_value and i + 2 + num_bytes == end else None
