"""Tells when what is costly may be done anew, for several threads at once."""

import dataclasses
import threading
import time
from collections.abc import Callable, Hashable


@dataclasses.dataclass(frozen=True)
class _Held:
    version: str
    until: float


class Pace:
    """Holds versions for a while.

    What grows has a new version at every look. To be read at each, if it is large, it
    would take all of the time there is; so the version that was read last stays the one
    that is shown, until it has been shown for long enough.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic):
        """Holds nothing yet."""
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[Hashable, _Held] = {}

    def choose(self, key: Hashable, version: str) -> str:
        """Gives the version that is held of a key; if there is none, the given one."""
        held = self._held.get(key)
        if held is None or self._clock() >= held.until:
            return version
        return held.version

    def hold(self, key: Hashable, version: str, secs: float) -> None:
        """Holds a version for so many seconds from now on."""
        now = self._clock()
        with self._lock:
            held = {k: one for k, one in self._held.items() if one.until > now}
            self._held = {**held, key: _Held(version, now + secs)}
