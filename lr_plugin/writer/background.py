"""Writes a run on another thread, so that a slow disk never slows training."""

import collections
import logging
import threading
from collections.abc import Callable

from lr_plugin.writer.guarded_writes import GuardedWrites
from lr_plugin.writer.program_end import call_at_end, forget_call
from lr_plugin.writer.run_writer import RunWriter

_EVERY_SECS = 1.0
_RETRY_SECS = 5.0
# About 100 MB of rows. If a disk hangs for longer, the oldest calls are dropped.
_MAX_CALLS = 10_000

_logger = logging.getLogger(__name__)


class BackgroundWriter:
    """Hands what is to be written to a `RunWriter` on another thread.

    Where the disk fails, one warning is logged and the thread tries again every few
    seconds; the caller never waits and never gets the error. A call that fails for
    another reason is left out. What is not written when the program exits is written
    then.
    """

    def __init__(
        self,
        logdir: str,
        *,
        on_wake: Callable[[bool], bool] | None = None,
        on_end: Callable[[], None] = lambda: None,
        on_failure: Callable[[Exception], None] | None = None,
    ):
        """Starts the thread; the first file appears with the first write.

        Args:
            on_wake: Called on the thread with False every second, and with True once
                more before it ends; may submit. Where it returns False, the thread ends
                as if closed.
            on_end: Called on the thread as the last.
            on_failure: Called on the thread with the error of a call that was left
                out; may submit. A line in the log, if None.
        """
        self._logdir = logdir
        self._writer = RunWriter(logdir, resume=True)
        self._on_wake = on_wake
        self._on_end = on_end
        self._on_failure = on_failure or _log_failure
        self._calls: collections.deque[Callable[[RunWriter], None]] = collections.deque(
            maxlen=_MAX_CALLS
        )
        self._waiting: collections.deque[threading.Event] = collections.deque()
        self._writes = GuardedWrites(logdir)
        self._is_closing = False
        self._wake = threading.Event()
        # A daemon, so that a disk that hangs does not keep the program from ending.
        self._thread = threading.Thread(
            target=self._run, name="lr_plugin writer", daemon=True
        )
        self._thread.start()
        call_at_end(self.close)

    def submit(self, call: Callable[[RunWriter], None]) -> None:
        """Queues a call on the `RunWriter`; calls are made in order."""
        self._calls.append(call)

    def flush(self, *, timeout_secs: float = 30.0) -> bool:
        """Waits until what is queued is on disk, for `timeout_secs` at most.

        Returns:
            Whether it is; False as soon as writing has failed.
        """
        done = threading.Event()
        self._waiting.append(done)
        self._wake.set()
        return done.wait(timeout_secs) and not self._writes.has_failed

    def close(self, *, timeout_secs: float = 30.0) -> None:
        """Writes what is queued and ends the thread.

        Waits for a slow disk for `timeout_secs` at most, and then logs a warning.
        """
        forget_call(self.close)
        self._is_closing = True
        self._wake.set()
        self._thread.join(timeout_secs)
        if self._thread.is_alive():
            _logger.warning(
                "The end of the learning rate record in %s is not on disk after %g "
                "seconds; the disk does not answer.",
                self._logdir,
                timeout_secs,
            )

    def _run(self) -> None:
        while not self._is_closing:
            self._wake.wait(_RETRY_SECS if self._writes.has_failed else _EVERY_SECS)
            self._wake.clear()
            if self._on_wake is not None and not self._on_wake(False):
                forget_call(self.close)
                break
            self._write()
        if self._on_wake is not None:
            self._on_wake(True)
        self._write()
        self._writes.run(self._writer.close)
        self._on_end()

    def _write(self) -> None:
        waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if self._calls or self._writes.has_failed:
            self._writes.run(self._write_calls)
        for done in waiting:
            done.set()

    def _write_calls(self) -> None:
        while self._calls:
            try:
                self._calls.popleft()(self._writer)
            except OSError:
                raise
            # What is wrong with this call stays wrong, and the others are not.
            except Exception as error:  # noqa: BLE001
                self._on_failure(error)
        self._writer.flush()


def _log_failure(error: Exception) -> None:
    _logger.warning("A part of the learning rate record is left out (%s).", error)
