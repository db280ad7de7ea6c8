"""One row of a run, as it is spoken of."""

import dataclasses

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.epochs import Epochs
from lr_plugin.rows import Rows


@dataclasses.dataclass(frozen=True)
class Moment:
    """An iteration: all values are those of its row.

    Attributes:
        epoch: Counted from 0; None if the run does not say.
        learning_rate: None if it was not recorded.
        loss: None if it was not recorded.
    """

    step: int
    epoch: int | None
    learning_rate: float | None
    loss: float | None


def make_moment(rows: Rows, i: int, epochs: Epochs) -> Moment:
    """Takes row number `i`."""
    step = int(rows[schema.STEP][i])

    def value(name: str) -> float | None:
        return to_float(rows[name][i]) if name in rows else None

    return Moment(
        step=step,
        epoch=epochs.find(step),
        learning_rate=value(schema.LEARNING_RATE),
        loss=value(schema.LOSS),
    )


def to_float(value: np.floating | float) -> float:
    """Converts a float32 to the shortest number that stands for it: 0.001."""
    return float(str(np.float32(value)))
