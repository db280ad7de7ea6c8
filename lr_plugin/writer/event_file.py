"""One event file, of which only whole events are ever seen."""

import bisect
import collections
import contextlib
import itertools
import os
import struct
from collections.abc import Iterable
from typing import Protocol

from tensorboard.compat import tf
from tensorboard.summary.writer.record_writer import RecordWriter

from lr_plugin.checksums import masked_checksums
from lr_plugin.full_disk import is_full_disk

_BYTES_OF_WRITE = 1 << 16


class EventFile(Protocol):
    """A file that events are written to.

    Attributes:
        path: Of the file.
        can_go_on: Whether more may be appended to the file after an error.
    """

    path: str
    can_go_on: bool

    def append(self, events: collections.deque[bytes]) -> None:
        """Writes events, and takes those that are on disk off the queue.

        Raises:
            OSError: It could not write all of them; for a remote file, what its client
                raises.
        """

    def close(self) -> None:
        """Closes the file; one in which nothing is whole is removed."""


def open_event_file(path: str) -> EventFile:
    """Begins a file in a directory that exists, local or not."""
    return RemoteEventFile(path) if is_remote(path) else LocalEventFile(path)


def is_remote(path: str) -> bool:
    """Tells whether a file or a directory is on another machine."""
    return "://" in path


class LocalEventFile:
    """A file of this machine: where there is no room, what is torn is cut off.

    So a full disk is not filled with torn copies, and the file goes on where it was
    once there is room again.
    """

    def __init__(self, path: str):
        self.path = path
        self.can_go_on = True
        self._file = open(path, "xb", buffering=0)  # noqa: SIM115 - has a lifetime
        self._num_bytes = 0

    def append(self, events: collections.deque[bytes]) -> None:
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


class RemoteEventFile:
    """A file of another machine, which is begun anew after an error."""

    def __init__(self, path: str):
        self.path = path
        self.can_go_on = False
        self._records = RecordWriter(tf.io.gfile.GFile(path, "wb"))
        self._is_begun = False

    def append(self, events: collections.deque[bytes]) -> None:
        if self._is_begun:
            self._check_exists()
        for event in events:
            self._records.write(event)
        self._records.flush()
        self._is_begun = True
        self._check_exists()
        events.clear()

    def close(self) -> None:
        self._records.close()

    def _check_exists(self) -> None:
        # Some file systems create the file again without its beginning.
        if not tf.io.gfile.exists(self.path):
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
