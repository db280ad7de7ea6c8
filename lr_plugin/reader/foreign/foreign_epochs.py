"""Which epoch a step belongs to, of a run whose program logged that."""

import dataclasses

import numpy as np

from lr_plugin.reader.epochs import Epochs, EpochStart
from lr_plugin.reader.foreign.join import count_alike
from lr_plugin.reader.foreign.points import Points

# What a program says of its epochs is rounded to float32.
_TOLERANCE = 1e-3
# More are no epochs but steps.
_MAX_EPOCHS = 100_000


def no_epochs(last_step: int) -> Epochs:
    """Says nothing of epochs."""
    return Epochs(starts=(), last_step=last_step, planned=None)


def find_epochs(base: Points, epoch: Points | None, *, are_steps: bool) -> Epochs:
    """Finds where epochs begin.

    Args:
        base: What is drawn.
        epoch: Which epoch each step belongs to, whole or with a part of it.
        are_steps: Whether the steps of `base` count epochs.
    """
    last_step = int(base.steps[-1])
    if are_steps:
        first = int(base.steps[0])
        return Epochs((EpochStart(first, first, 1),), last_step, None)
    if epoch is None or len(epoch) < 2 or not count_alike(epoch, base):
        return no_epochs(last_step)
    values, steps = epoch.values, epoch.steps.astype(np.float64)
    if not np.isfinite(values).all() or (np.diff(values) < 0).any():
        return no_epochs(last_step)
    is_whole = bool((values == np.floor(values)).all())
    # Counted from 1, if the program does so from its first step.
    shift = 1 if is_whole and values[0] == 1 else 0
    first, last = int(np.floor(values[0])), int(np.floor(values[-1] + _TOLERANCE))
    if not 0 < last - first <= _MAX_EPOCHS:
        return no_epochs(last_step)
    numbers = np.arange(first + 1, last + 1)
    if is_whole:
        # After the last step that was said to be of the epoch before: programs log at
        # the ends of epochs.
        begins = epoch.steps[np.searchsorted(values, numbers) - 1] + 1
    else:
        rises = np.append(True, np.diff(values) > 0)
        exact = np.interp(numbers, values[rises], steps[rises])
        if values[0] > 0:
            # Nothing was said before the first update: it is how much was done, and at
            # the last step of an epoch, all of it.
            begins = np.floor(exact + _TOLERANCE).astype(np.int64) + 1
        else:
            begins = np.ceil(exact - _TOLERANCE).astype(np.int64)
    begin = int(min(base.steps[0], epoch.steps[0]))
    starts = [EpochStart(_find_first(begin, begins), first - shift, None)]
    for step, number in zip(begins.tolist(), numbers.tolist(), strict=True):
        if step > starts[-1].step:
            starts.append(EpochStart(step, number - shift, None))
    return Epochs(_with_length(starts, last_step), last_step, None)


def _find_first(begin: int, begins: np.ndarray) -> int:
    """Finds where the first epoch begins, which may be before the first point."""
    lengths = np.diff(begins)
    if len(lengths) and (lengths == lengths[0]).all():
        return min(begin, int(begins[0] - lengths[0]))
    return begin


def _with_length(starts: list[EpochStart], last_step: int) -> list[EpochStart]:
    """Takes the epochs that have begun, the last with its length if all are alike."""
    steps = np.diff([start.step for start in starts])
    begun = [start for start in starts if start.step <= last_step]
    if len(steps) and (steps == steps[0]).all():
        begun[-1] = dataclasses.replace(begun[-1], length=int(steps[0]))
    return begun
