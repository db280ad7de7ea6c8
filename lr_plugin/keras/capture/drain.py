"""Takes the rows of a training from where its steps have left them."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lr_plugin import schema

Rows = dict[str, np.ndarray]


class Drain:
    """Takes new rows from a ring to whoever wants them; any thread may ask for that.

    Knows the ring but not the model, so that it can still take the last rows when
    nobody holds the model any more.

    Attributes:
        ring: Where the rows are; None before there are any.
        steps_before: What is added to every step.
        left_out: Columns that are not handed over.
        num_rows: How many rows were taken.
        num_lost_rows: How many were overwritten before anybody took them.
    """

    def __init__(self, on_rows: Callable[[Rows], None]):
        self._on_rows = on_rows
        # One thread may come here twice: where it frees what ends another training.
        self._lock = threading.RLock()
        self._is_taking = False
        self._num_taken = 0
        self._last_time = time.monotonic()
        self.ring: Any = None
        self.steps_before = 0
        self.left_out: tuple[str, ...] = ()
        self.num_rows = 0
        self.num_lost_rows = 0

    def begin(self, ring: Any, num_before: int) -> None:
        """Takes what a ring, or what reads like one, gets after `num_before` rows."""
        with self._lock:
            self.ring, self._num_taken = ring, num_before

    def end(self) -> None:
        """Takes what is new, for the last time: what follows is another training's."""
        with self._lock:
            self()
            self.ring = None

    def is_due(self, every_secs: float) -> bool:
        """Tells whether `every_secs` have passed since rows were taken."""
        return time.monotonic() - self._last_time > every_secs

    def __call__(self, *, may_wait: bool = True) -> None:
        """Takes what is new.

        Args:
            may_wait: Whether to wait for what the device still computes.
        """
        with self._lock:
            self._last_time = time.monotonic()
            if self.ring is None or self._is_taking:
                return
            self._is_taking = True
            try:
                self._take(self.ring, may_wait)
            finally:
                self._is_taking = False

    def _take(self, ring: Any, may_wait: bool) -> None:
        # A ring on the device has no row that is not computed.
        read = ring.read if may_wait else getattr(ring, "read_ready", ring.read)
        rows, end = read(self._num_taken)
        num_rows = len(rows[schema.STEP])
        if num_rows:
            rows[schema.STEP] += self.steps_before
            for name in self.left_out:
                rows.pop(name, None)
            # Counted only then: a Ctrl-C in between takes them twice, not never.
            self._on_rows(rows)
            self.num_lost_rows += end - self._num_taken - num_rows
            self._num_taken, self.num_rows = end, self.num_rows + num_rows
