"""Finds in a training's rows the moments worth a mark."""

import numpy as np

from lr_plugin import schema

# Beyond this many of a kind, marks would hide the curve and tell nothing new.
_MAX_EVENTS = 500


class RowEventFinder:
    """Turns rows into events, as they come.

    - `nonfinite_loss`: the first of consecutive iterations whose loss is not finite.
    - `skipped_updates`: the first of consecutive updates that loss scaling skipped.
    - `learning_rate_set`: where a rate without a schedule is another than before, so
      that a callback or the program must have set it; of changes in consecutive
      iterations the first.
    """

    def __init__(self, *, has_schedule: bool, accumulation_steps: int):
        """Prepares for one training.

        Args:
            has_schedule: Whether the rate may change without anybody setting it.
            accumulation_steps: Micro-batches that make one update.
        """
        self._has_schedule = has_schedule
        self._accumulation_steps = accumulation_steps
        self._was_nonfinite = False
        self._was_skipped = False
        self._was_changed = False
        self._last_rate: float | None = None
        self._num_found: dict[str, int] = {}

    def find(self, rows: schema.Rows) -> list[schema.Event]:
        """Finds the events in rows that follow those of the last call."""
        steps = rows[schema.STEP]
        events = []

        losses = rows.get(schema.LOSS, np.zeros(len(steps)))
        nonfinite = ~np.isfinite(losses)
        for i in _starts(nonfinite, self._was_nonfinite):
            text = f"The loss is {losses[i]:g} at step {steps[i]}."
            events.append(schema.Event("nonfinite_loss", int(steps[i]), text))
        self._was_nonfinite = bool(nonfinite[-1])

        is_update = (steps + 1) % self._accumulation_steps == 0
        skipped = (rows.get(schema.APPLIED, np.ones(len(steps))) == 0) & is_update
        for i in _starts(skipped, self._was_skipped):
            text = (
                f"The update at step {steps[i]} was skipped: with this loss scale, "
                "gradients were not finite."
            )
            events.append(schema.Event("skipped_updates", int(steps[i]), text))
        self._was_skipped = bool(skipped[-1])

        if not self._has_schedule:
            events += self._find_changes(steps, rows[schema.LEARNING_RATE])
        return [event for event in events if self._is_within_limit(event)]

    def _find_changes(self, steps: np.ndarray, rates: np.ndarray) -> list[schema.Event]:
        # A step without an update has no rate, and sets none.
        has_rate = np.isfinite(rates)
        steps, rates = steps[has_rate], rates[has_rate]
        if not len(rates):
            return []
        first = rates[0] if self._last_rate is None else self._last_rate
        previous = np.concatenate([[first], rates[:-1]])
        changed = rates != previous
        events = []
        for i in _starts(changed, self._was_changed):
            text = (
                f"The learning rate was set from {previous[i]:.6g} to {rates[i]:.6g}."
            )
            details = {"before": float(previous[i]), "after": float(rates[i])}
            events.append(
                schema.Event("learning_rate_set", int(steps[i]), text, details)
            )
        self._was_changed = bool(changed[-1])
        self._last_rate = float(rates[-1])
        return events

    def _is_within_limit(self, event: schema.Event) -> bool:
        self._num_found[event.kind] = self._num_found.get(event.kind, 0) + 1
        return self._num_found[event.kind] <= _MAX_EVENTS


def _starts(flags: np.ndarray, flag_before: bool) -> np.ndarray:
    """Finds where a stretch of true flags begins."""
    before = np.concatenate([[flag_before], flags[:-1]])
    return np.flatnonzero(flags & ~before)
