"""Remembers an answer for a moment, for several threads at once."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class BriefCache(Generic[Value]):
    """Keeps values that may be a moment old.

    A page asks many questions at once, and each starts from the same list of what there
    is.
    """

    def __init__(
        self, max_age_secs: float = 1.0, *, clock: Callable[[], float] = time.monotonic
    ):
        self._max_age_secs = max_age_secs
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[Hashable, tuple[Value, float]] = {}

    def get(self, key: Hashable, load: Callable[[], Value]) -> Value:
        """Gives the value of `key`, from `load` if it is not there or too old.

        While one thread loads it again, the others get the old value, instead of all
        loading the same and waiting for it.
        """
        now = self._clock()
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                if now - entry[1] < self._max_age_secs:
                    return entry[0]
                self._entries[key] = (entry[0], now)
        value = load()
        with self._lock:
            self._entries[key] = (value, now)
        return value
