"""What other rates would have done, over the trainings of a run."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tensorboard.data.provider import TensorDatum

from lr_plugin import schema
from lr_plugin.reader.fence.flaws import Note
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.landscape.effect import Effect, find_effect
from lr_plugin.reader.landscape.room import Room, find_room
from lr_plugin.reader.landscape.suggestion import Suggestion, suggest_rate
from lr_plugin.reader.recording import parse_records, select_valid

# Two rates that differ by less are one, in float32.
_SAME_RATE = 1e-5
# A loss that stays above so much of its beginning has barely fallen. Chosen, as is the
# next one, by benchmarks/landscape.py.
_BARELY = 0.75
# At a rate that is far too low it barely falls either, with more headroom than this.
_MOST_HEADROOM = 10.0


@dataclasses.dataclass(frozen=True, eq=False)
class Landscape:
    """The loss along the update, on the batch that came next, at some iterations.

    Attributes:
        steps: The iterations whose updates were measured, rising. Shape [num_samples].
        used_rates: The rates of these updates. Shape [num_samples].
        losses: The loss of the next batch without the update. Shape [num_samples].
        rates: The rates that were tried, rising, and `used_rates` among them; NaN after
            the last. Shape [num_samples, num_points].
        loss_changes: The loss with the update at each rate, minus `losses`; infinite
            where it was not finite, NaN where none was tried. Shape [num_samples,
            num_points].
        critical_rates: The smallest rate at which the update would have raised the
            loss, found between two of `rates`; infinite where none of them did, and the
            smallest of them where that one did. Shape [num_samples].
        optimizer: Class name and configuration, as the run's `RunInfo` has them.
    """

    steps: np.ndarray
    used_rates: np.ndarray
    losses: np.ndarray
    rates: np.ndarray
    loss_changes: np.ndarray
    critical_rates: np.ndarray
    optimizer: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def headrooms(self) -> np.ndarray:
        """How many times as far each update could have gone. Shape [num_samples]."""
        return self.critical_rates / self.used_rates

    @functools.cached_property
    def least_headrooms(self) -> np.ndarray:
        """The headrooms, where no rate raised the loss as far as was tried.

        Zero where the update changed nothing, as that of a model without gradients.
        Shape [num_samples].
        """
        if not self.rates.size:
            return np.zeros(len(self))
        largest = np.fmax.reduce(self.rates, axis=1) / self.used_rates
        least = np.fmin(self.headrooms, largest)
        is_changed = np.any(np.nan_to_num(self.loss_changes) != 0, axis=1)
        # What a damaged sample does not tell is no room.
        return np.where(np.isfinite(least) & is_changed, least, 0.0)

    @functools.cached_property
    def used_changes(self) -> np.ndarray:
        """The change by each update as it was made; NaN where it is not among `rates`.

        Shape [num_samples].
        """
        if not self.rates.size:
            return np.full(len(self), np.nan)
        distances = np.abs(self.rates / self.used_rates[:, None] - 1)
        distances = np.where(np.isnan(distances), np.inf, distances)
        rows, places = np.arange(len(self)), np.argmin(distances, axis=1)
        is_used = distances[rows, places] < _SAME_RATE
        return np.where(is_used, self.loss_changes[rows, places], np.nan)

    @functools.cached_property
    def room(self) -> Room | None:
        """How far the updates could have gone that were made first near the peak."""
        return find_room(self.used_rates, self.least_headrooms)

    @functools.cached_property
    def effect(self) -> Effect | None:
        """What the updates near the peak did to the loss of the next batch."""
        return find_effect(self.used_rates, self.used_changes, self.losses)

    @property
    def levels(self) -> tuple[float, float]:
        """The first of `losses`, and the mean of the last fifth of them."""
        num_last = max(len(self) // 5, 1)
        return float(self.losses[0]), float(self.losses[-num_last:].mean())

    @functools.cached_property
    def may_be_lost(self) -> bool:
        """Whether the loss barely fell, and no headroom says that the rate was low."""
        if not len(self):
            return False
        begin, end = self.levels
        has_barely_fallen = end >= _BARELY * begin > 0
        return has_barely_fallen and np.median(self.least_headrooms) <= _MOST_HEADROOM

    @functools.cached_property
    def suggestion(self) -> Suggestion:
        """The peak of the learning rate for the next run, or why there is none."""
        doubt = ""
        if self.effect is not None and self.effect.is_harmful:
            doubt = "updates raised the loss of the next batch"
        elif self.may_be_lost:
            doubt = "the loss barely fell"
        return suggest_rate(self.room, self.optimizer, len(self), doubt=doubt)


def join_landscape(
    data: Sequence[TensorDatum],
    beginnings: Beginnings,
    note: Note,
    *,
    optimizer: Mapping[str, Any],
) -> Landscape:
    """Joins the samples of a run that nothing later replaced.

    Args:
        data: Events that hold a `LandscapeSample` each.
        beginnings: Of all trainings of the run.
        note: Takes a sentence about a sample that is left out.
        optimizer: Of the latest training.
    """
    steps: list[int] = []
    samples: list[schema.LandscapeSample] = []
    for datum in select_valid(data, beginnings):
        for sample in parse_records(
            schema.LandscapeSample, "sample of the landscape", [datum], note
        ):
            if 0 < sample.used_rate < np.inf:
                steps.append(datum.step)
                samples.append(sample)
    order = np.argsort(steps, kind="stable")
    samples = [samples[i] for i in order]
    num_points = max((len(sample.rates) for sample in samples), default=0)

    def padded(rows: Sequence[Sequence[float]]) -> np.ndarray:
        table = np.full((len(rows), num_points), np.nan)
        for i, row in enumerate(rows):
            table[i, : len(row)] = row
        return table

    return Landscape(
        steps=np.array(steps, np.int64)[order],
        used_rates=np.array([sample.used_rate for sample in samples]),
        losses=np.array([sample.loss for sample in samples]),
        rates=padded([sample.rates for sample in samples]),
        loss_changes=padded([sample.loss_changes for sample in samples]),
        critical_rates=np.array([sample.critical_rate for sample in samples]),
        optimizer=optimizer,
    )
