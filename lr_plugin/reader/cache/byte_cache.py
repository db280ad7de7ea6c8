"""A cache whose size is bounded in bytes, for several threads at once."""

import collections
import dataclasses
import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclasses.dataclass(frozen=True)
class _Entry(Generic[Value]):
    version: Hashable
    value: Value
    num_bytes: int


class ByteCache(Generic[Value]):
    """Keeps what was used last, up to a number of bytes.

    A value is found by a key, which says what it is of, and a version, which changes
    whenever that has changed: so a value never goes stale. Of a key, one version is
    kept.
    """

    def __init__(self, max_bytes: int):
        """Keeps nothing yet; with `max_bytes` of 0, nothing ever."""
        self._max_bytes = max_bytes
        self._num_bytes = 0
        self._lock = threading.Lock()
        self._entries: collections.OrderedDict[Hashable, _Entry[Value]] = (
            collections.OrderedDict()
        )

    @property
    def num_bytes(self) -> int:
        """How many bytes the values take that are in the cache now."""
        return self._num_bytes

    def get(
        self,
        key: Hashable,
        version: Hashable,
        load: Callable[[], Value],
        size: Callable[[Value], int],
    ) -> Value:
        """Gives the value of a key in a version, from `load` if that is not kept.

        Two threads that ask at once may both load; neither waits for the other. A value
        larger than the whole cache is returned without being kept.

        Args:
            size: Measures a value in bytes.
        """
        entry = self._find(key)
        if entry is not None and entry.version == version:
            return entry.value
        value = load()
        self.put(key, version, value, size(value))
        return value

    def peek(self, key: Hashable, version: Hashable) -> Value | None:
        """Gives the value of a key in a version, or None if that is not kept."""
        entry = self._find(key)
        return entry.value if entry is not None and entry.version == version else None

    def peek_any(self, key: Hashable) -> Value | None:
        """Gives the value of a key in whichever version is kept, or None."""
        entry = self._find(key)
        return None if entry is None else entry.value

    def put(
        self, key: Hashable, version: Hashable, value: Value, num_bytes: int
    ) -> None:
        """Keeps a value in place of the one that the key had."""
        with self._lock:
            known = self._entries.pop(key, None)
            if known is not None:
                self._num_bytes -= known.num_bytes
            if num_bytes > self._max_bytes:
                return
            # Room is made first, so that at no moment there is more.
            while self._num_bytes + num_bytes > self._max_bytes:
                _, evicted = self._entries.popitem(last=False)
                self._num_bytes -= evicted.num_bytes
            self._entries[key] = _Entry(version, value, num_bytes)
            self._num_bytes += num_bytes

    def _find(self, key: Hashable) -> _Entry[Value] | None:
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
            return self._entries.get(key)
