"""The few numbers that sum up a training."""

import dataclasses

import numpy as np

from lr_plugin import schema


@dataclasses.dataclass(frozen=True)
class TrainingSummary:
    """What a training's rows amount to.

    Attributes:
        num_iterations: How many rows there are.
        first_step, last_step: The steps of the first and the last row.
        first_learning_rate, last_learning_rate: The rates that these two used.
        first_loss, last_loss: The losses of their batches.
        num_not_applied: Rows without an update: skipped, or a micro-batch.
        num_nonfinite: Rows whose loss is not finite.
    """

    num_iterations: int
    first_step: int
    last_step: int
    first_learning_rate: float
    last_learning_rate: float
    first_loss: float
    last_loss: float
    num_not_applied: int
    num_nonfinite: int


def extend_summary(
    summary: TrainingSummary | None, rows: schema.Rows
) -> TrainingSummary:
    """Sums up what `summary` sums up and the rows that follow, at least one."""
    steps, rates = rows[schema.STEP], rows[schema.LEARNING_RATE]
    losses = rows.get(schema.LOSS, np.full(len(steps), np.nan))
    applied = rows.get(schema.APPLIED, np.ones(len(steps)))
    is_finite = np.isfinite(losses)
    new = TrainingSummary(
        num_iterations=len(steps),
        first_step=int(steps[0]),
        last_step=int(steps[-1]),
        first_learning_rate=float(rates[0]),
        last_learning_rate=float(rates[-1]),
        first_loss=float(losses[0]),
        last_loss=float(losses[-1]),
        num_not_applied=int(np.sum(applied == 0)),
        num_nonfinite=int(np.sum(~is_finite)),
    )
    joined = join_summaries(summary, new)
    assert joined is not None
    return joined


def join_summaries(
    first: TrainingSummary | None, second: TrainingSummary | None
) -> TrainingSummary | None:
    """Sums up two parts of a training; None is a part without iterations."""
    if first is None or second is None:
        return first or second
    return dataclasses.replace(
        second,
        num_iterations=first.num_iterations + second.num_iterations,
        first_step=first.first_step,
        first_learning_rate=first.first_learning_rate,
        first_loss=first.first_loss,
        num_not_applied=first.num_not_applied + second.num_not_applied,
        num_nonfinite=first.num_nonfinite + second.num_nonfinite,
    )
