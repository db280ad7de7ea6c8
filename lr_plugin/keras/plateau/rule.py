"""Decides when a quantity has stopped improving, by arithmetic over its values."""

import dataclasses
import math


@dataclasses.dataclass
class PlateauState:
    """What the next look depends on, in numbers that a checkpoint can hold.

    Attributes:
        multiplier: What the schedule is multiplied by; None where there is none.
        learning_rate: The rate, where there is no schedule; else None.
        best: The best value so far; None before the first look.
        num_waited: Looks without improvement since the best, or the last cut.
        num_cooldown: Looks that still do not count.
        num_batches: Batches so far, where looks are counted in batches.
        total, count: Sum and number of the training losses that the next look will
            average.
        seen_total, seen_count: Sum and number of this epoch's losses that have been
            added to those already.
    """

    multiplier: float | None = None
    learning_rate: float | None = None
    best: float | None = None
    num_waited: int = 0
    num_cooldown: int = 0
    num_batches: int = 0
    total: float = 0.0
    count: float = 0.0
    seen_total: float = 0.0
    seen_count: float = 0.0


@dataclasses.dataclass(frozen=True)
class PlateauRule:
    """Tells when waiting is over, as Keras' ReduceLROnPlateau does.

    Attributes:
        patience: Looks without improvement that are allowed.
        min_delta: The least change that is an improvement.
        is_relative: Whether `min_delta` is a share of the best so far.
        cooldown: Looks after a cut that do not count.
    """

    patience: int
    min_delta: float
    is_relative: bool
    cooldown: int

    def look(
        self, state: PlateauState, value: float, *, higher_is_better: bool
    ) -> bool:
        """Counts a look in `state`; returns whether the rate should be cut."""
        if state.num_cooldown:
            state.num_cooldown -= 1
            state.num_waited = 0
        if self._is_improvement(value, state.best, higher_is_better):
            state.best = value
            state.num_waited = 0
        elif not state.num_cooldown:
            state.num_waited += 1
            return state.num_waited >= self.patience
        return False

    def begin_cooldown(self, state: PlateauState) -> None:
        """Counts a cut in `state`."""
        state.num_cooldown = self.cooldown
        state.num_waited = 0

    def _is_improvement(
        self, value: float, best: float | None, higher_is_better: bool
    ) -> bool:
        if math.isnan(value) or best is None:
            return not math.isnan(value)
        delta = self.min_delta * abs(best) if self.is_relative else self.min_delta
        return value > best + delta if higher_is_better else value < best - delta
