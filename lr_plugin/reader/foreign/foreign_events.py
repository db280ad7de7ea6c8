"""What happened in a run of another program: restarts, and validations."""

from collections.abc import Mapping, Sequence

import numpy as np

from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.foreign.foreign_notes import count
from lr_plugin.reader.foreign.join import count_alike, find_by_time, find_spacing
from lr_plugin.reader.foreign.points import Points
from lr_plugin.reader.recording import TimedEvent


def find_restarts(base: Points) -> list[TimedEvent]:
    """Finds where the program went back and wrote steps again."""
    return [
        TimedEvent(
            kind="restart",
            step=restart.step,
            text=f"The program went back to step {restart.step:,}: what was logged "
            f"before at this step or later is replaced "
            f"({count(restart.num_replaced, 'point')}).",
            details={"num_replaced": restart.num_replaced},
            wall_time=restart.wall_time,
        )
        for restart in base.restarts
    ]


def find_validations(
    metrics: Mapping[str, Points], base: Points, epochs: Epochs
) -> tuple[list[TimedEvent], Sequence[str]]:
    """Finds what was measured on other data, at the steps of the run.

    Returns:
        Events like those of a recording, of the kind "epoch_end" where it is known of
        which epoch, else "validation"; and the metrics that were left out.
    """
    details: dict[int, dict[str, float]] = {}
    times: dict[int, float] = {}
    left_out = []
    for metric, points in metrics.items():
        steps = _find_steps(points, base)
        if steps is None:
            left_out.append(metric)
            continue
        for step, value, wall_time in zip(
            steps.tolist(),
            points.values.tolist(),
            points.wall_times.tolist(),
            strict=True,
        ):
            details.setdefault(step, {})[metric] = value
            times[step] = wall_time
    events = []
    for step, values in sorted(details.items()):
        epoch = _epoch_before(epochs, step)
        known = {} if epoch is None else {"epoch": epoch}
        where = "" if epoch is None else f" of epoch {epoch + 1:,}"
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in values.items())
        events.append(
            TimedEvent(
                kind="validation" if epoch is None else "epoch_end",
                step=step,
                text=f"Validation{where}: {numbers}.",
                details={**known, **values},
                wall_time=times[step],
            )
        )
    return events, left_out


def _epoch_before(epochs: Epochs, step: int) -> int | None:
    """Finds the epoch that a validation is of; at its first step, it is the one before.

    Where each step is an epoch, that one is meant.
    """
    is_step = any(start.length == 1 for start in epochs.starts)
    return epochs.find(step if is_step else step - 1)


def _find_steps(points: Points, base: Points) -> np.ndarray | None:
    """Finds the steps of the run at which something was measured."""
    # What is measured once is measured at the end.
    end = base.steps[-1] + 1.5 * find_spacing(base.steps)
    is_inside = base.steps[0] <= points.steps[0] <= max(end, base.steps[-1] + 1)
    if count_alike(points, base) or (len(points) == 1 and is_inside):
        return points.steps
    numbers = find_by_time(base, points)
    if numbers is None or (numbers < 0).any():
        return None
    return base.steps[numbers]
