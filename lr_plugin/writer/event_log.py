"""Writes events into one directory of TensorBoard event files.

TensorBoard's `EventFileWriter` writes on another thread; if a write fails there, the
events in its queue are lost and the traceback goes to the terminal. A record has to
survive a full disk. Therefore events that could not be written stay in memory for the
next attempt.
"""

import collections
import contextlib
import itertools
import os
import re
import socket
import time

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.util import tensor_util

from lr_plugin import fields
from lr_plugin.writer import recorded_steps
from lr_plugin.writer.event_file import EventFile

_NAME_TIME = re.compile(r"tfevents\.(\d+\.\d+)\.")
_FLUSH_BYTES = 1 << 20
_MAX_PENDING_BYTES = 64 << 20

_file_numbers = itertools.count()


class EventLog:
    """Gathers events in memory and writes them to an event file.

    The first `flush` creates the file. Where there is no room for all events, those
    that fit are written as a whole, and the next `flush` goes on with the others. Where
    writing fails otherwise, or the file was deleted, it begins a new file with them.

    Not thread-safe.
    """

    def __init__(self, directory: str):
        self._directory = directory
        self._file: EventFile | None = None
        # What the file begins with, as far as that is not written yet.
        self._head: collections.deque[bytes] = collections.deque()
        self._pending: collections.deque[bytes] = collections.deque()
        self._num_pending_bytes = 0
        self._header: bytes | None = None
        # Of the latest event in the directory; read from its files by the first `add`.
        self._last_wall_time: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a file nor an event for one."""
        return self._file is None and not self._pending

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
            tensor=_to_tensor(value),
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
            if self._file is None:
                self._file = self._open()
            self._file.append(self._head)
            self._file.append(self._pending)
        except Exception:
            if self._file is None or not self._file.can_go_on:
                self._abandon_file()
            raise
        finally:
            self._num_pending_bytes = sum(map(len, self._pending))

    def close(self) -> None:
        """Flushes and closes the file.

        Raises:
            OSError: A write failed; what could not be written is lost.
        """
        try:
            self.flush()
        finally:
            self._abandon_file()

    def _open(self) -> EventFile:
        os.makedirs(self._directory, exist_ok=True)
        # Loaders read the files of a directory in the order of their names.
        path = os.path.join(
            self._directory,
            f"events.out.tfevents.{self._name_time():017.6f}.{socket.gethostname()}"
            f".{os.getpid()}.{next(_file_numbers)}",
        )
        version = event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2")
        self._head = collections.deque([version.SerializeToString()])
        if self._header is not None and self._header not in self._pending:
            self._head.append(self._header)
        return EventFile(path)

    def _name_time(self) -> float:
        """Gives the time for a file's name, later than that of every other file."""
        paths = recorded_steps.list_event_files(self._directory)
        names = [os.path.basename(path) for path in paths]
        times = [float(found[1]) for n in names if (found := _NAME_TIME.search(n))]
        return max([time.time(), *(moment + 1e-6 for moment in times)])

    def _abandon_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            # The error for which the file is given up is raised already.
            with contextlib.suppress(Exception):
                file.close()


def _to_tensor(value: np.ndarray | float | str) -> tensor_pb2.TensorProto:
    if isinstance(value, np.ndarray) and value.shape == () and value.dtype == "f4":
        # The same, for most of what a run holds, at a tenth of the time.
        return tensor_pb2.TensorProto(
            dtype=types_pb2.DT_FLOAT, tensor_shape={}, float_val=[value.item()]
        )
    return tensor_util.make_tensor_proto(value)


def _find_last_wall_time(directory: str) -> float:
    try:
        return max(
            map(
                recorded_steps.find_last_wall_time,
                recorded_steps.list_event_files(directory),
            ),
            default=0.0,
        )
    except OSError:
        return 0.0
