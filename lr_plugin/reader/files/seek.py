"""Finds the few blocks of some steps in a long file, without walking through all of it.

To walk from record to record reads a file as a whole. Where one training wrote it, its
steps rise with the place in the file, and a block is found as a word in a dictionary:
open it somewhere, see where that is, and look on before or behind.
"""

import numpy as np
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from lr_plugin import metadata, schema
from lr_plugin.reader.event_file import HEADER, RECORD, FileIndex, Walk
from lr_plugin.reader.places.ranges import Ranges, open_ranges

# Holds some blocks of a few columns, or one of dozens. Where a thousand stock scalars
# stand, the second is needed.
_WINDOW_BYTES = 1 << 17
_LARGER_WINDOW_BYTES = 1 << 20
# Steps rise evenly, so that two are the rule.
_MAX_LOOKS = 8
# So near, the blocks between are read rather than looked over.
_NEAR_STEPS = 4 * schema.ROWS_PER_BLOCK
_TAG = metadata.ITERATIONS_PREFIX.encode()
# An event's time, step and sizes stand between its beginning and its tag.
_BYTES_BEFORE_TAG = range(16, 48)


def seek_steps(path: str, start: int, stop: int, steps: tuple[int, int]) -> FileIndex:
    """Indexes the blocks of one training that hold the rows of `start <= step < stop`.

    Args:
        steps: The first and the last step of the file.

    Returns:
        Without records where the blocks were not found: then the file has to be walked
        through. `num_bytes` means nothing.

    Raises:
        OSError: The file cannot be read.
    """
    with open_ranges(path) as file:
        records = _seek(file, start, stop, steps)
        return FileIndex(path, file.identity, 0, records)


def is_whole_to_end(path: str, last_block_time: float) -> bool:
    """Tells whether a file ends in whole records, none of them after a moment.

    Args:
        last_block_time: When the last known block was written.

    Returns:
        False also where the end could not be made out.

    Raises:
        OSError: The file cannot be read.
    """
    with open_ranges(path) as file:
        place = max(file.num_bytes - _WINDOW_BYTES, 0)
        blocks, end = _read_blocks(file, place)
        if not len(blocks):
            return False
        return end == file.num_bytes and bool(
            blocks["wall_time"].max() <= last_block_time
        )


def _seek(file: Ranges, start: int, stop: int, steps: tuple[int, int]) -> np.ndarray:
    low, high = 0, file.num_bytes
    low_step, high_step = steps[0], steps[1] + 1
    for _ in range(_MAX_LOOKS):
        share = min(max((start - low_step) / max(high_step - low_step, 1), 0), 1)
        # A little before the guess: what follows is read anyway.
        place = max(int(low + share * (high - low)) - _WINDOW_BYTES // 2, low)
        blocks, next_place = _read_blocks(file, place)
        if not len(blocks):
            break
        if blocks["step"][0] > start and place > low:
            high, high_step = place, int(blocks["step"][0])
        elif start - blocks["step"][-1] > _NEAR_STEPS:
            low, low_step = next_place, int(blocks["step"][-1])
        else:
            return _read_until(file, blocks, next_place, stop)
    return np.empty(0, RECORD)


def _read_until(file: Ranges, blocks: np.ndarray, place: int, stop: int) -> np.ndarray:
    """Reads on until a block begins at `stop` or later."""
    parts = [blocks]
    while parts[-1]["step"][-1] < stop:
        more, next_place = _read_blocks(file, place, is_record=True)
        if not len(more):
            break
        parts.append(more)
        place = next_place
    return np.concatenate(parts)


def _read_blocks(
    file: Ranges, place: int, *, is_record: bool = False
) -> tuple[np.ndarray, int]:
    """Reads which blocks are in a window of the file, and where the next record begins.

    Args:
        is_record: Whether a record begins at the place.
    """
    for num_bytes in (_WINDOW_BYTES, _LARGER_WINDOW_BYTES):
        data = file.read(place, num_bytes)
        begin = 0 if is_record or place == 0 else _find_block(data)
        if begin >= 0:
            walk = Walk(place + begin)
            records = np.array(list(walk.read_chunk(data[begin:])), RECORD)
            if records["is_block"].any():
                return records[records["is_block"]], walk.position
    return np.empty(0, RECORD), place


def _find_block(data: bytes) -> int:
    """Finds where the first block begins in bytes from anywhere; -1 if none does."""
    tag = data.find(_TAG)
    while tag >= 0:
        for distance in _BYTES_BEFORE_TAG:
            begin = tag - distance - HEADER.size
            # An event begins with its time.
            if begin >= 0 and data[begin + HEADER.size] == 0x09:
                _, checksum = HEADER.unpack_from(data, begin)
                if masked_crc32c(data[begin : begin + 8]) == checksum:
                    return begin
        tag = data.find(_TAG, tag + 1)
    return -1
