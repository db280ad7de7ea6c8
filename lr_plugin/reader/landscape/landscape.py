"""What other rates would have done, over the trainings of a run."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from tensorboard.data.provider import TensorDatum

from lr_plugin import schema
from lr_plugin.reader.fence.flaws import Note
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.recording import parse_records, select_valid


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
    """

    steps: np.ndarray
    used_rates: np.ndarray
    losses: np.ndarray
    rates: np.ndarray
    loss_changes: np.ndarray
    critical_rates: np.ndarray

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def headrooms(self) -> np.ndarray:
        """How many times as far each update could have gone. Shape [num_samples]."""
        return self.critical_rates / self.used_rates


def join_landscape(
    data: Sequence[TensorDatum], beginnings: Beginnings, note: Note
) -> Landscape:
    """Joins the samples of a run that nothing later replaced.

    Args:
        data: Events that hold a `LandscapeSample` each.
        beginnings: Of all trainings of the run.
        note: Takes a sentence about a sample that is left out.
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
    )
