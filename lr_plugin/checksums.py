"""Checksums of many records at once.

TensorBoard's own function takes 2 ms for the block of one record, byte by byte in
Python; a window may need a thousand, and a training writes some. Here the bytes of many
are looked up at once, which can be done because a checksum is linear: it is the sum of
what each byte adds.
"""

import functools
from collections.abc import Sequence

import numpy as np

# CRC-32C: Castagnoli, Brauer & Herrmann, "Optimization of cyclic redundancy-check codes
# with 24 and 32 parity bits", IEEE Transactions on Communications 41, 1993.
_POLYNOMIAL = 0x82F63B78
# Records are cut into pieces of this many bytes, whose checksums are joined: at most so
# many at once, for which tables of 4 kB each are kept, and more of them in pairs first.
_PIECE_BYTES = 128
_MAX_PIECES = 256
# So many are looked at together: the bytes take 12 times their size meanwhile.
_NUM_TOGETHER = 64
# A checksum is stored turned and with a constant added: that of data which holds its
# own checksum would tell little.
_MASK_DELTA = 0xA282EAD8


def masked_checksums(records: Sequence[bytes]) -> np.ndarray:
    """Computes the checksums that follow records in an event file.

    Returns:
        uint32 of shape [num_records].
    """
    sums = np.empty(len(records), np.uint32)
    # Those that are looked at together should be of one length, or nearly so.
    by_length = sorted(range(len(records)), key=lambda i: len(records[i]))
    for begin in range(0, len(records), _NUM_TOGETHER):
        together = by_length[begin : begin + _NUM_TOGETHER]
        sums[together] = _compute([records[i] for i in together])
    return sums


def masked_checksums_alike(records: np.ndarray, varying: np.ndarray) -> np.ndarray:
    """Computes the checksums of records that differ at a few of their bytes alone.

    What the other bytes add is the same for all, and taken from the first.

    Args:
        records: uint8 of shape [num_records, num_bytes].
        varying: The bytes at which they differ. Shape [num_varying].

    Returns:
        uint32 of shape [num_records].
    """
    num_bytes = records.shape[1]
    tables = _tables_to_end(num_bytes)
    is_same = np.ones(num_bytes, np.bool_)
    is_same[varying] = False
    same = np.flatnonzero(is_same)
    of_same = np.bitwise_xor.reduce(tables[same, records[0, same]])
    sums = np.full(len(records), _shift_start(num_bytes) ^ of_same)
    for i in varying.tolist():
        sums ^= tables[i].take(records[:, i])
    return _mask(~sums)


def _compute(records: Sequence[bytes]) -> np.ndarray:
    longest = max(map(len, records))
    # A power of two of pieces, so that they can be joined in pairs.
    num_pieces = 1 << max(0, (-(-longest // _PIECE_BYTES) - 1).bit_length())
    width = num_pieces * _PIECE_BYTES
    # Zeros before a record change nothing as long as the sum is 0.
    data = np.zeros((len(records), width), np.uint8)
    starts = np.zeros(len(records), np.uint32)
    for i, record in enumerate(records):
        data[i, width - len(record) :] = np.frombuffer(record, np.uint8)
        starts[i] = _shift_start(len(record))
    places = data.reshape(-1, _PIECE_BYTES) + _PIECE_OFFSETS
    sums = np.bitwise_xor.reduce(_PIECE_TABLES.take(places), axis=1)
    sums = sums.reshape(len(records), num_pieces)
    num_bytes = _PIECE_BYTES
    while sums.shape[1] > _MAX_PIECES:
        sums = _shift(sums[:, ::2], num_bytes) ^ sums[:, 1::2]
        num_bytes *= 2
    return _mask(~(_join(sums, num_bytes) ^ starts))


def _mask(checksums: np.ndarray) -> np.ndarray:
    return ((checksums >> 15) | (checksums << 17)) + np.uint32(_MASK_DELTA)


def _make_table() -> np.ndarray:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1)
    return table


@functools.lru_cache(maxsize=64)
def _tables_to_end(num_bytes: int) -> np.ndarray:
    """Computes what each byte of so many adds to their sum. Shape [num_bytes, 256]."""
    tables = [_TABLE]
    while len(tables) < num_bytes:
        last = tables[-1]
        # As if one more zero followed.
        tables.append(_TABLE[last & 0xFF] ^ (last >> 8))
    return np.stack(tables[::-1])


_TABLE = _make_table()
_PIECE_TABLES = _tables_to_end(_PIECE_BYTES).ravel()
_PIECE_OFFSETS = 256 * np.arange(_PIECE_BYTES, dtype=np.intp)
# By a power of two of bytes: what each of the four bytes of a sum becomes where so many
# zeros follow. Shape [4, 256].
_SHIFTS: dict[int, np.ndarray] = {}
_STARTS: dict[int, np.uint32] = {}
_PLACES_OF_BYTES = np.arange(0, 32, 8, dtype=np.uint32)


def _shift(sums: np.ndarray, num_bytes: int) -> np.ndarray:
    """Computes what sums become where `num_bytes` zeros follow; a power of two."""
    tables = _shift_tables(num_bytes)
    parts = [tables[i][(sums >> (8 * i)) & 0xFF] for i in range(4)]
    return parts[0] ^ parts[1] ^ parts[2] ^ parts[3]


def _join(sums: np.ndarray, num_bytes: int) -> np.ndarray:
    """Joins the sums of pieces of `num_bytes` that follow each other.

    Args:
        sums: Shape [num_records, num_pieces].

    Returns:
        Shape [num_records].
    """
    num_pieces = sums.shape[1]
    tables, offsets = _join_tables(num_pieces, num_bytes)
    places = offsets + ((sums[:, :, None] >> _PLACES_OF_BYTES) & 0xFF)
    return np.bitwise_xor.reduce(tables.take(places), axis=(1, 2))


@functools.lru_cache(maxsize=32)
def _join_tables(num_pieces: int, num_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Computes what each byte of a sum becomes where other pieces follow.

    Returns:
        The tables one after the other, and where those of each piece begin. Shapes
        [num_pieces * 4 * 256] and [num_pieces, 4].
    """
    tables = [np.arange(256, dtype=np.uint32) << _PLACES_OF_BYTES[:, None]]
    while len(tables) < num_pieces:
        tables.append(_shift(tables[-1], num_bytes))
    offsets = 256 * np.arange(4 * num_pieces).reshape(num_pieces, 4)
    return np.concatenate(tables[::-1]).reshape(-1), offsets


def _shift_tables(num_bytes: int) -> np.ndarray:
    if num_bytes not in _SHIFTS:
        places = 8 * np.arange(4, dtype=np.uint32)[:, None]
        sums = np.arange(256, dtype=np.uint32)[None] << places
        if num_bytes == 1:
            sums = _TABLE[sums & 0xFF] ^ (sums >> 8)
        else:
            half = num_bytes // 2
            sums = _shift(_shift(sums, half), half)
        _SHIFTS[num_bytes] = sums
    return _SHIFTS[num_bytes]


def _shift_start(num_bytes: int) -> np.uint32:
    """Computes what the sum that every record begins with becomes in `num_bytes`."""
    if num_bytes not in _STARTS:
        start = np.array([0xFFFFFFFF], np.uint32)
        for bit in range(num_bytes.bit_length()):
            if num_bytes >> bit & 1:
                start = _shift(start, 1 << bit)
        if len(_STARTS) > 10_000:
            _STARTS.clear()
        _STARTS[num_bytes] = start[0]
    return _STARTS[num_bytes]
