"""Bounds what the answers of a server hold at once, whoever asks and does not read.

The server has a thread for each connection, and a thread that sends waits for its
client. So a client that asks and does not read would hold its answer for ever, and some
hundreds of them all memory.
"""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from tensorboard import errors

# Of a client that takes none of a piece for so long, the connection is closed.
_STUCK_SECS = 30.0
_PIECE_BYTES = 1 << 16


class BusyError(errors.PublicError):
    """Too many large answers are under way."""

    http_code = 503

    def __init__(self, wait_secs: float):
        super().__init__(
            "Too many large answers are under way; exports and series of many points "
            f"are sent to few clients at a time. Ask again in {wait_secs:g} seconds, "
            "or for fewer points."
        )
        self.headers.append(("Retry-After", f"{wait_secs:g}"))


class Slots:
    """Places for a few at a time, for several threads."""

    def __init__(self, num_slots: int, *, wait_secs: float = 2.0):
        self._semaphore = threading.Semaphore(num_slots)
        self._wait_secs = wait_secs

    def take(self) -> "Slot":
        """Takes a place, waiting for it for a moment.

        Raises:
            BusyError: All places are taken.
        """
        if not self._semaphore.acquire(timeout=self._wait_secs):
            raise BusyError(self._wait_secs)
        return Slot(self._semaphore)


class Slot:
    """A place that is taken until `release`; also a context."""

    def __init__(self, semaphore: threading.Semaphore):
        self._semaphore: threading.Semaphore | None = semaphore

    def __enter__(self) -> "Slot":
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def release(self) -> None:
        """Gives the place back; may be called again."""
        semaphore, self._semaphore = self._semaphore, None
        if semaphore is not None:
            semaphore.release()


def limit_waiting(environ: dict[str, Any]) -> None:
    """Ends the connection of a request whose client does not read its answer.

    TensorBoard's own server gives the connection; others see to this themselves.
    """
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.settimeout(_STUCK_SECS)


def cut_into_pieces(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Cuts an answer into pieces, each of which is sent in time or not at all."""
    for part in parts:
        for i in range(0, len(part), _PIECE_BYTES):
            yield part[i : i + _PIECE_BYTES]
