"""Where the records of a stretch of an event file begin, without looking into them.

One length leads to the next, so that they have to be walked one by one: two
microseconds for each on a busy machine, twelve seconds for three hundred runs. But a
program logs the same tags again and again, and the lengths repeat. So it is guessed
where the next thousand records begin, and looked whether the lengths there are the
expected ones: then every one of them is where the walk would have come to.
"""

import dataclasses
import struct

import numpy as np
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from lr_plugin.reader.event_file import HEADER

_LENGTH = struct.Struct("<Q")
# Before an event its length and a checksum; behind it another.
FRAME_BYTES = HEADER.size + 4
# How many records are walked before a guess; after a wrong one, more.
_NUM_WALKED, _MAX_WALKED = 64, 4096
# So many tags may be logged in turn.
_MAX_PERIOD = 24
# How many rounds of them are guessed first, and how many after right guesses.
_NUM_GUESSED, _MAX_GUESSED = 64, 1 << 16


@dataclasses.dataclass(frozen=True, eq=False)
class Split:
    """The whole records of a stretch.

    Attributes:
        starts: Where their events begin, rising. Shape [num_records].
        lengths: Of the events, in bytes. Shape [num_records].
        end: Where the last whole record ends.
        is_lost: Whether no record begins there, but something else.
    """

    starts: np.ndarray
    lengths: np.ndarray
    end: int
    is_lost: bool


def split_records(data: bytes) -> Split:
    """Finds the records in bytes that begin with one; the last may be cut."""
    parts: list[tuple[np.ndarray, np.ndarray]] = []
    end, is_lost, num_walked = 0, False, _NUM_WALKED
    while True:
        starts, lengths, end, is_over = _walk(data, end, num_walked)
        parts.append((np.array(starts, np.int64), np.array(lengths, np.int64)))
        if is_over:
            is_lost = _is_lost(data, end)
            break
        period = _find_period(lengths)
        num_right = 0
        num_guessed = _NUM_GUESSED
        while period:
            right = _guess(data, end, period, num_guessed)
            parts.append(right)
            num_right += len(right[0])
            if len(right[0]):
                end = int(right[0][-1] + right[1][-1]) + 4
            if len(right[0]) < num_guessed * len(period):
                break
            num_guessed = min(4 * num_guessed, _MAX_GUESSED)
        num_walked = _NUM_WALKED if num_right else min(2 * num_walked, _MAX_WALKED)
    all_starts, all_lengths = zip(*parts, strict=True)
    return Split(np.concatenate(all_starts), np.concatenate(all_lengths), end, is_lost)


def _walk(data: bytes, i: int, count: int) -> tuple[list[int], list[int], int, bool]:
    """Walks over some records: their starts and lengths, the end, and if it is over."""
    starts: list[int] = []
    lengths: list[int] = []
    limit = len(data) - FRAME_BYTES
    for _ in range(count):
        if i > limit:
            return starts, lengths, i, True
        (length,) = _LENGTH.unpack_from(data, i)
        if not length or length > limit - i:
            return starts, lengths, i, True
        starts.append(i + HEADER.size)
        lengths.append(length)
        i += length + FRAME_BYTES
    return starts, lengths, i, False


def _is_lost(data: bytes, end: int) -> bool:
    """Tells whether what follows the last whole record is no beginning of one."""
    header = data[end : end + HEADER.size]
    if len(header) < HEADER.size:
        return False
    length, checksum = HEADER.unpack(header)
    return not length or masked_crc32c(header[:8]) != checksum


def _find_period(lengths: list[int]) -> list[int]:
    """Finds the lengths that repeat at the end of a list; none if they do not."""
    for period in range(1, min(_MAX_PERIOD, len(lengths) // 2) + 1):
        if lengths[-period:] == lengths[-2 * period : -period]:
            return lengths[-period:]
    return []


def _guess(
    data: bytes, end: int, period: list[int], num_rounds: int
) -> tuple[np.ndarray, np.ndarray]:
    """Gives the starts and lengths of records that are where a guess has them."""
    sizes = np.array(period, np.int64) + FRAME_BYTES
    round_bytes = int(sizes.sum())
    num_rounds = min(num_rounds, (len(data) - end) // round_bytes)
    begins = end + np.cumsum(sizes) - sizes
    begins = (begins + round_bytes * np.arange(num_rounds)[:, None]).ravel()
    expected = np.tile(np.array(period, np.int64), num_rounds)
    array = np.frombuffer(data, np.uint8)
    is_right = take_bytes(array, begins, 8).view(np.int64).ravel() == expected
    num_right = len(begins) if is_right.all() else int(np.argmin(is_right))
    return begins[:num_right] + HEADER.size, expected[:num_right]


def take_bytes(array: np.ndarray, starts: np.ndarray, num_bytes: int) -> np.ndarray:
    """Takes so many bytes from each start. Shape [num_starts, num_bytes]."""
    if not len(starts):
        return np.empty((0, num_bytes), np.uint8)
    # As items of so many bytes, which are copied three times as fast as rows of bytes.
    num_items = len(array) - num_bytes + 1
    items = np.ndarray((num_items,), f"V{num_bytes}", array, strides=(1,))
    return items[starts].view(np.uint8).reshape(len(starts), num_bytes)
