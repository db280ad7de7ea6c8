"""Writes events into one directory of TensorBoard event files.

TensorBoard's `EventFileWriter` writes on another thread; if a write fails there, the
events in its queue are lost and the traceback goes to the terminal. A record has to
survive a full disk. Therefore this module uses TensorBoard's `RecordWriter`, and keeps
the events of a failed write in memory for the next attempt.
"""

import collections
import contextlib
import itertools
import os
import re
import socket
import time

import numpy as np
from tensorboard.compat import tf
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

from lr_plugin import fields
from lr_plugin.writer import recorded_steps

_NAME_TIME = re.compile(r"tfevents\.(\d+\.\d+)\.")
_FLUSH_BYTES = 1 << 20
_MAX_PENDING_BYTES = 64 << 20

_file_numbers = itertools.count()


class EventLog:
    """Gathers events in memory and writes them to an event file.

    The first `flush` creates the file. Where writing fails, or the file was deleted,
    the next `flush` begins a new file with what is not on disk yet.

    The directory may be any that TensorBoard can read, also `gs://...` if TensorFlow or
    fsspec is installed. Where TensorFlow is installed, errors of files are
    `tf.errors.OpError`, elsewhere `OSError`. Not thread-safe.
    """

    def __init__(self, directory: str):
        self._directory = directory
        self._path = ""
        self._records: RecordWriter | None = None
        self._pending: collections.deque[bytes] = collections.deque()
        self._num_pending_bytes = 0
        self._header: bytes | None = None
        # Of the latest event in the directory; read from its files by the first `add`.
        self._last_wall_time: float | None = None

    def add(
        self,
        tag: str,
        step: int,
        value: np.ndarray | float | str,
        summary_metadata: summary_pb2.SummaryMetadata,
        *,
        wall_time: float | None = None,
        heads_file: bool = False,
    ) -> None:
        """Adds an event; it is on disk after the next `flush`.

        Args:
            wall_time: When it happened, in seconds since the epoch; now, if None. A
                time that is not later than that of all events in the directory is
                raised, because readers infer the order of writing from it, and a clock
                may go back.
            heads_file: Whether a later new file should begin with this event; the last
                event with this flag counts.

        Raises:
            ValueError: `step` is no whole number from 0 on, or `wall_time` no moment.
        """
        step = fields.WHOLE.check("step", step)
        wall_time = time.time() if wall_time is None else wall_time
        wall_time = fields.TIME.check("wall_time", wall_time)
        if self._last_wall_time is None:
            self._last_wall_time = _find_last_wall_time(self._directory)
        self._last_wall_time = max(wall_time, self._last_wall_time + 1e-6)
        summary_value = summary_pb2.Summary.Value(
            tag=tag,
            # In every event, because a loader may see any of them first.
            metadata=summary_metadata,
            tensor=tensor_util.make_tensor_proto(value),
        )
        event = event_pb2.Event(
            wall_time=self._last_wall_time,
            step=step,
            summary=summary_pb2.Summary(value=[summary_value]),
        ).SerializeToString()
        self._pending.append(event)
        self._num_pending_bytes += len(event)
        if heads_file:
            self._header = event
        while self._num_pending_bytes > _MAX_PENDING_BYTES:
            self._num_pending_bytes -= len(self._pending.popleft())

    def flush_if_large(self) -> None:
        """Flushes once a megabyte has gathered."""
        if self._num_pending_bytes > _FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Puts every event on disk.

        Raises:
            OSError: A write failed. Events that are not on disk are kept, at most 64 MB
                of them; then the oldest are dropped.
        """
        try:
            if self._records is not None:
                self._check_exists()
            records = self._records or self._open()
            for event in self._pending:
                records.write(event)
            records.flush()
            self._check_exists()
        except Exception:
            # The end of this file may be damaged; the next flush begins another.
            self._abandon_file()
            raise
        self._pending.clear()
        self._num_pending_bytes = 0

    def close(self) -> None:
        """Flushes and closes the file."""
        self.flush()
        records, self._records = self._records, None
        if records is not None:
            records.close()

    def _open(self) -> RecordWriter:
        tf.io.gfile.makedirs(self._directory)
        # Loaders read the files of a directory in the order of their names.
        self._path = os.path.join(
            self._directory,
            f"events.out.tfevents.{self._name_time():017.6f}.{socket.gethostname()}"
            f".{os.getpid()}.{next(_file_numbers)}",
        )
        records = RecordWriter(tf.io.gfile.GFile(self._path, "wb"))
        self._records = records
        version = event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2")
        records.write(version.SerializeToString())
        if self._header is not None and self._header not in self._pending:
            records.write(self._header)
        return records

    def _name_time(self) -> float:
        """Gives the time for a file's name, later than that of every other file."""
        names = [os.path.basename(p) for p in _list_event_files(self._directory)]
        times = [float(found[1]) for n in names if (found := _NAME_TIME.search(n))]
        return max([time.time(), *(moment + 1e-6 for moment in times)])

    def _check_exists(self) -> None:
        # Depending on the file system, writes to a deleted file succeed as long as it
        # is open, or they create it again without its beginning.
        if not tf.io.gfile.exists(self._path):
            raise FileNotFoundError(f"The event file {self._path} was deleted.")

    def _abandon_file(self) -> None:
        records, self._records = self._records, None
        if records is not None:
            # The error for which the file is given up is raised already.
            with contextlib.suppress(Exception):
                records.close()


def _list_event_files(directory: str) -> list[str]:
    # Not in a bucket, where this would cost a request for each file.
    return [] if "://" in directory else recorded_steps.list_event_files(directory)


def _find_last_wall_time(directory: str) -> float:
    try:
        return max(
            map(recorded_steps.find_last_wall_time, _list_event_files(directory)),
            default=0.0,
        )
    except OSError:
        return 0.0
