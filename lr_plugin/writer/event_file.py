"""One event file, of which only whole events are ever seen."""

import bisect
import collections
import contextlib
import itertools
import os
import struct
from collections.abc import Iterable

from lr_plugin.checksums import masked_checksums
from lr_plugin.full_disk import is_full_disk

_BYTES_OF_WRITE = 1 << 16


class EventFile:
    """A file of events: where there is no room for more, what is torn is cut off.

    So a full disk is not filled with torn copies, and the file goes on where it was
    once there is room again.

    Attributes:
        path: Of the file.
        can_go_on: Whether more may be appended to the file after an error.
    """

    def __init__(self, path: str):
        """Begins the file in a directory that exists."""
        self.path = path
        self.can_go_on = True
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115 - has a lifetime
        self._num_bytes = 0

    def append(self, events: collections.deque[bytes]) -> None:
        """Writes events, and takes those that are on disk off the queue.

        Raises:
            OSError: It could not write all of them.
        """
        self._check_exists()
        while events:
            records = _frame_some(events)
            num_whole, error = self._write(records)
            for _ in range(num_whole):
                events.popleft()
            if error is not None:
                raise error
        self._check_exists()

    def close(self) -> None:
        """Closes the file; one in which nothing is whole is removed."""
        self._file.close()
        if not self._num_bytes:
            with contextlib.suppress(OSError):
                os.remove(self.path)

    def _write(self, records: list[bytes]) -> tuple[int, OSError | None]:
        """Writes records; gives how many are whole on disk, and what went wrong."""
        data, num_written, failure = b"".join(records), 0, None
        try:
            while num_written < len(data):
                # On a nearly full disk a part may be written, and then an error comes.
                num_written += self._file.write(data[num_written:])
        except OSError as error:
            failure = error
            self.can_go_on = is_full_disk(error)
        ends = list(itertools.accumulate(map(len, records)))
        num_whole = bisect.bisect_right(ends, num_written)
        self._num_bytes += ends[num_whole - 1] if num_whole else 0
        if failure is not None:
            with contextlib.suppress(OSError):
                self._file.truncate(self._num_bytes)
                self._file.seek(self._num_bytes)
        return num_whole, failure

    def _check_exists(self) -> None:
        # Writes to a deleted file succeed as long as it is open.
        if not os.path.exists(self.path):
            self.can_go_on = False
            raise _deleted_error(self.path)


def _frame_some(events: Iterable[bytes]) -> list[bytes]:
    """Gives the first events as records: with their lengths and checksums.

    These are the bytes that TensorBoard's `RecordWriter` writes, which takes most of
    the time that a short run is written in, event by event.
    """
    framed: list[bytes] = []
    num_bytes = 0
    for event in events:
        framed.append(event)
        num_bytes += len(event)
        if num_bytes >= _BYTES_OF_WRITE:
            break
    lengths = [struct.pack("<Q", len(event)) for event in framed]
    sums = zip(masked_checksums(lengths), masked_checksums(framed), strict=True)
    return [
        length + struct.pack("<I", of_length) + event + struct.pack("<I", of_event)
        for length, event, (of_length, of_event) in zip(
            lengths, framed, sums, strict=True
        )
    ]


def _deleted_error(path: str) -> FileNotFoundError:
    return FileNotFoundError(f"The event file {path} was deleted.")
