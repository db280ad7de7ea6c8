"""Calls what must still be written when the program ends.

Earlier than `atexit` does: by then Python lets no thread begin another, without which
the clients of object stores reach nothing.
"""

import atexit
import concurrent.futures.thread  # noqa: F401 - its own call has to come after ours
import os
import threading
from collections.abc import Callable

_calls: dict[Callable[[], object], int] = {}


def call_at_end(call: Callable[[], object]) -> None:
    """Calls at the end of this process, and not of one that is forked from it."""
    _calls[call] = os.getpid()


def forget_call(call: Callable[[], object]) -> None:
    """Does not call it any more."""
    _calls.pop(call, None)


def _call_all() -> None:
    while _calls:
        call, process = _calls.popitem()
        if process == os.getpid():
            call()


# Of all Pythons that there are so far, and no others are known to need it.
getattr(threading, "_register_atexit", atexit.register)(_call_all)
