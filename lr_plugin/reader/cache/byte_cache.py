"""A cache whose size is bounded in bytes, for several threads at once."""

import collections
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class ByteCache(Generic[Value]):
    """Keeps what was used last, up to a number of bytes.

    A value is found by a key that names its content, so that a value never goes stale:
    what has changed has another key, and the old value is forgotten in time.
    """

    def __init__(self, max_bytes: int):
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._lock = threading.Lock()
        self._entries: collections.OrderedDict[Hashable, tuple[Value, int]] = (
            collections.OrderedDict()
        )

    @property
    def num_bytes(self) -> int:
        """How many bytes the values take that are in the cache now."""
        return self._num_bytes

    def get(
        self, key: Hashable, load: Callable[[], Value], size: Callable[[Value], int]
    ) -> Value:
        """Gives the value of `key`, from `load` if it is not in the cache.

        Two threads that ask at once may both load; neither waits for the other. A value
        larger than the whole cache is returned without being kept.
        """
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
        value = load()
        self.put(key, value, size(value))
        return value

    def peek(self, key: Hashable) -> Value | None:
        """Gives the value of `key`, or None."""
        with self._lock:
            if key not in self._entries:
                return None
            self._entries.move_to_end(key)
            return self._entries[key][0]

    def put(self, key: Hashable, value: Value, num_bytes: int) -> None:
        """Keeps a value in place of the one that the key had."""
        with self._lock:
            self._num_bytes -= self._entries.pop(key, (None, 0))[1]
            if num_bytes > self._max_bytes:
                return
            self._entries[key] = (value, num_bytes)
            self._num_bytes += num_bytes
            while self._num_bytes > self._max_bytes:
                _, (_, evicted_bytes) = self._entries.popitem(last=False)
                self._num_bytes -= evicted_bytes
