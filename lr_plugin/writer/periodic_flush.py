"""Flushes a writer on a thread of its own, so that its user never waits for a disk."""

import threading
from collections.abc import Callable

from lr_plugin.writer.guarded_writes import GuardedWrites
from lr_plugin.writer.program_end import call_at_end, forget_call

_EVERY_SECS = 1.0


class PeriodicFlush:
    """Calls a function every second until it is closed, or the program ends."""

    def __init__(self, logdir: str, flush: Callable[[], None]):
        """Starts the thread.

        Args:
            logdir: What a warning names.
            flush: Called on the thread; what it raises is one warning.
        """
        self._flush = flush
        self._writes = GuardedWrites(logdir)
        self._is_closing = threading.Event()
        # A daemon, so that a disk that hangs does not keep the program from ending.
        thread = threading.Thread(
            target=self._run, name="lr_plugin writer", daemon=True
        )
        thread.start()
        call_at_end(self._flush_at_exit)

    def close(self) -> None:
        """Ends the thread after the call under way, without waiting for it."""
        forget_call(self._flush_at_exit)
        self._is_closing.set()

    def _run(self) -> None:
        while not self._is_closing.wait(_EVERY_SECS):
            self._writes.run(self._flush)

    def _flush_at_exit(self) -> None:
        self.close()
        self._writes.run(self._flush)
