"""Reads ranges of a file, of this machine or elsewhere."""

import contextlib
import dataclasses
import functools
import os
from collections.abc import Callable, Iterator, Sequence

from lr_plugin import folders

# What lies between two ranges of a remote file is fetched with them where it is less:
# a request takes as long as so many bytes.
_GAP_BYTES = 1 << 18
_MAX_BYTES = 4 << 20

# Where it begins, and how many bytes it has.
Range = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Ranges:
    """A file of which ranges are read.

    Attributes:
        identity: Tells this file from another that took its name later.
        read: Gives the bytes of a range, fewer at the end of the file.
        read_all: Gives those of several ranges.
    """

    identity: tuple[int, int]
    read: Callable[[int, int], bytes]
    read_all: Callable[[Sequence[Range]], list[bytes]]
    _measure: Callable[[], int]

    @functools.cached_property
    def num_bytes(self) -> int:
        """How long the file is now."""
        return self._measure()


@contextlib.contextmanager
def open_ranges(path: str) -> Iterator[Ranges]:
    """Opens a file to read ranges of it.

    Raises:
        OSError: It cannot be read; of a remote file, whatever its client raises.
    """
    if not folders.is_remote(path):
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())

            def read(place: int, num_bytes: int) -> bytes:
                file.seek(place)
                return file.read(num_bytes)

            yield Ranges(
                (status.st_dev, status.st_ino),
                read,
                lambda ranges: [read(*each) for each in ranges],
                lambda: status.st_size,
            )
        return
    # No two files that are written elsewhere have the same name.
    yield Ranges(
        (0, 0),
        lambda place, num_bytes: folders.read_remote(path, place, place + num_bytes),
        functools.partial(_read_remote, path),
        functools.partial(folders.measure_remote, path),
    )


def _read_remote(path: str, ranges: Sequence[Range]) -> list[bytes]:
    """Reads ranges with few requests: those near each other with one."""
    found: dict[Range, bytes] = {}
    group: list[Range] = []
    for each in sorted(ranges):
        if group and not _is_near(group, each):
            found |= _read_group(path, group)
            group = []
        group.append(each)
    if group:
        found |= _read_group(path, group)
    return [found[each] for each in ranges]


def _is_near(group: Sequence[Range], each: Range) -> bool:
    begin, end = group[0][0], sum(group[-1])
    return each[0] - end < _GAP_BYTES and sum(each) - begin <= _MAX_BYTES


def _read_group(path: str, group: Sequence[Range]) -> dict[Range, bytes]:
    begin = group[0][0]
    data = folders.read_remote(path, begin, max(map(sum, group)))
    return {
        (place, num_bytes): data[place - begin : place - begin + num_bytes]
        for place, num_bytes in group
    }
