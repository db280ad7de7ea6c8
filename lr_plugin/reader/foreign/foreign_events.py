"""What happened in a run of another program: restarts, and what epochs ended with."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.foreign.foreign_notes import count
from lr_plugin.reader.foreign.join import count_alike, find_by_time, find_spacing
from lr_plugin.reader.foreign.points import Points
from lr_plugin.reader.foreign.tag_choice import TagChoice
from lr_plugin.reader.foreign.tag_roles import split_words
from lr_plugin.reader.recording import TimedEvent

# Of a metric's points, so many are at the steps of a validation if it is one's partner.
_SHARE_BESIDE = 0.9
# More are steps.
_MOST_EPOCHS = 10_000


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


def find_epoch_ends(
    choice: TagChoice, points_by_tag: Mapping[str, Points], base: Points, epochs: Epochs
) -> tuple[list[TimedEvent], Sequence[str]]:
    """Finds what was measured once an epoch, at the steps of the run.

    Metrics of the training may be those of batches: they count where their tag says
    that they are of epochs, where no epoch has two of them, or where epochs are not
    known, but they were written beside those of the validation.

    Returns:
        Events like those of a recording, of the kind "epoch_end"; "validation" where it
        is not known of which epoch; and the metrics that were left out.
    """
    details: dict[int, dict[str, float]] = {}
    times: dict[int, float] = {}
    left_out = []
    metrics = [*choice.validation.items(), *choice.training.items()]
    for metric, tag in metrics:
        if tag not in points_by_tag:
            continue
        points = points_by_tag[tag]
        steps = _find_steps(points, base)
        is_training = metric in choice.training
        if is_training and not _is_of_epochs(tag, steps, set(details), epochs):
            continue
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
        is_validation = epoch is None and any(
            name in choice.validation for name in values
        )
        events.append(
            TimedEvent(
                kind="validation" if is_validation else "epoch_end",
                step=step,
                text=_describe(values, choice, epoch),
                details={**known, **values},
                wall_time=times[step],
            )
        )
    return events, left_out


def _describe(values: Mapping[str, float], choice: TagChoice, epoch: int | None) -> str:
    validation = {name: values[name] for name in values if name in choice.validation}
    training = {name: values[name] for name in values if name not in validation}
    if epoch is not None and not training:
        return f"Validation of epoch {epoch + 1:,}: {_write(validation)}."
    if epoch is None and not training:
        return f"Validation: {_write(validation)}."
    if epoch is None and validation:
        return f"Validation: {_write(validation)}; training: {_write(training)}."
    number = "" if epoch is None else f" {epoch + 1:,}"
    return f"Epoch{number} ended: {_write({**training, **validation})}."


def _write(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())


def _is_of_epochs(
    tag: str, steps: np.ndarray | None, validated: Collection[int], epochs: Epochs
) -> bool:
    """Tells whether a metric of the training is that of epochs, and not of batches."""
    if {"epoch", "epochs"} & set(split_words(tag)):
        return True
    if steps is None or len(steps) > _MOST_EPOCHS:
        return False
    if not epochs.are_known:
        return bool(np.isin(steps, list(validated)).mean() >= _SHARE_BESIDE)
    found = [_epoch_before(epochs, step) for step in steps.tolist()]
    return 1 < len(found) == len(set(found))


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
