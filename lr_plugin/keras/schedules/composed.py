"""Schedules made of other schedules: one after the other, or on another clock."""

from collections.abc import Sequence
from typing import Any

from keras import ops

from lr_plugin.keras.schedules.registration import registered
from lr_plugin.keras.schedules.schedule import (
    SavedSchedule,
    Schedule,
    check_positive,
    rate_at,
    whole,
)


@registered
class Joined(SavedSchedule):
    """Schedules one after the other, each counting from its own start.

    `rate(i) = schedules[k](i - boundaries[k - 1])` for
    `boundaries[k - 1] <= i < boundaries[k]`.

    Args:
        schedules: At least one; a number is a rate that does not move.
        boundaries: The steps at which the second and later ones start, rising.

    Raises:
        ValueError: `boundaries` does not rise or is not one shorter than `schedules`.

    Example:

    ```python
    hold_then_fall = Joined([0.1, cosine(0.1, 0.0, 500)], [1000])
    ```
    """

    def __init__(self, schedules: Sequence[Schedule], boundaries: Sequence[int]):
        super().__init__(schedules=list(schedules), boundaries=list(boundaries))
        if len(schedules) != len(boundaries) + 1 or list(boundaries) != sorted(
            set(boundaries)
        ):
            raise ValueError(
                "`boundaries` must rise and be one fewer than `schedules`. Received: "
                f"boundaries={list(boundaries)}, {len(schedules)} schedules."
            )
        self.schedules = list(schedules)
        self.boundaries = list(boundaries)

    def __call__(self, step: Any) -> Any:
        step = whole(step)
        rate = rate_at(self.schedules[0], step)
        for schedule, start in zip(self.schedules[1:], self.boundaries, strict=True):
            since = ops.maximum(step - start, 0)
            rate = ops.where(step >= start, rate_at(schedule, since), rate)
        return rate


@registered
class Clock(SavedSchedule):
    """A schedule on another clock: rate(i) = schedule(i * numerator // denominator).

    Where the gradients of k batches are accumulated, Keras asks for a rate at every
    batch; `Clock(schedule, 1, k)` follows the real updates.

    Args:
        schedule: The schedule to ask; a number is a rate that does not move.
        numerator: How many steps it makes in `denominator` steps of the optimizer.
        denominator: At least 1.

    Raises:
        ValueError: `denominator` is below 1.
    """

    def __init__(self, schedule: Schedule, numerator: int, denominator: int):
        super().__init__(
            schedule=schedule, numerator=numerator, denominator=denominator
        )
        check_positive(denominator=denominator)
        self.schedule = schedule
        self.numerator = numerator
        self.denominator = denominator

    def __call__(self, step: Any) -> Any:
        ticks = ops.floor_divide(whole(step) * self.numerator, self.denominator)
        return rate_at(self.schedule, ticks)


@registered
class Staircase(SavedSchedule):
    """A schedule that moves at the start of an epoch only.

    rate(i) = schedule(first update of the epoch that update i belongs to).

    Args:
        schedule: The schedule to ask at the start of each epoch.
        batches_per_epoch: Batches in an epoch. An epoch need not be a whole number of
            updates, which is why both are counted in batches.
        batches_per_update: More than 1 where gradients are accumulated.

    Raises:
        ValueError: One of the two is below 1.
    """

    def __init__(
        self, schedule: Schedule, batches_per_epoch: int, batches_per_update: int = 1
    ):
        super().__init__(
            schedule=schedule,
            batches_per_epoch=batches_per_epoch,
            batches_per_update=batches_per_update,
        )
        check_positive(
            batches_per_epoch=batches_per_epoch, batches_per_update=batches_per_update
        )
        self.schedule = schedule
        self.batches_per_epoch = batches_per_epoch
        self.batches_per_update = batches_per_update

    def __call__(self, step: Any) -> Any:
        batch = whole(step) * self.batches_per_update
        epoch = ops.floor_divide(batch, self.batches_per_epoch)
        # Rounded up, because an update that spans two epochs belongs to the earlier.
        first = -ops.floor_divide(
            -epoch * self.batches_per_epoch, self.batches_per_update
        )
        return rate_at(self.schedule, first)
