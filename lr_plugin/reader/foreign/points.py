"""The points of one scalar that count, of all that were written.

A program that is killed and goes on from a checkpoint writes steps again; the later
writing replaces the earlier one, as in `history`: a point makes void every point that
was written before it at its step or later. Both of TensorBoard's loaders keep some of
these, each by a rule of its own, so that the rule is applied here to what both have.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from lr_plugin.reader.files.scalar_records import POINT
from lr_plugin.reader.history import Beginnings, find_ends

# A counter that begins anew does so at about the same step each time.
_MIN_PASSES = 3
_MAX_RESTARTS = 100
# A program that went back has written at least so many of the steps again.
_SHARE_WRITTEN_AGAIN = 0.1


@dataclasses.dataclass(frozen=True)
class Restart:
    """Where a program went back.

    Attributes:
        step: At which it went on.
        wall_time: When it did.
        num_replaced: How many points that became void.
    """

    step: int
    wall_time: float
    num_replaced: int


@dataclasses.dataclass(frozen=True, eq=False)
class Points:
    """The points of one scalar, by step.

    Attributes:
        steps: Rising. Shape [num_points].
        values: Shape [num_points].
        wall_times: In seconds since the epoch. Shape [num_points].
        written: Numbers that rise in the order of writing over all scalars of a run
            that are in the same files. Shape [num_points].
        num_logged: How many were written in all.
        restarts: By step.
        counted: "steps" if the steps are those that the program said; "order" if it
            said none and points are numbered as they were written; "passes" if its
            counter began anew again and again, and is counted on.
    """

    steps: np.ndarray
    values: np.ndarray
    wall_times: np.ndarray
    written: np.ndarray
    num_logged: int
    restarts: Sequence[Restart] = ()
    counted: str = "steps"

    def __len__(self) -> int:
        return len(self.steps)


def take_points(files: Sequence[np.ndarray]) -> Points:
    """Takes the points that count.

    Args:
        files: Arrays of dtype POINT in order of writing, one for each event file.
    """
    files = [file for file in files if len(file)] or [np.empty(0, POINT)]
    points = files[0] if len(files) == 1 else np.concatenate(files)
    if not _rise(points["step"]):
        points = np.concatenate([_put_in_order(file) for file in files])
    numbers = np.repeat(np.arange(len(files)), [len(file) for file in files])
    # A file is shorter than 2^40 bytes.
    written = (numbers.astype(np.int64) << 40) + points["place"]
    # The columns of points lie apart in memory: each is used often.
    given = np.ascontiguousarray(points["step"])
    if _rise(given):
        # So it is of nearly all runs.
        values, times = points["value"].copy(), points["wall_time"].copy()
        return Points(given, values, times, written, len(points))
    steps, counted = _count_on(given, numbers)
    ends = find_ends(steps, np.arange(len(steps)), Beginnings())
    is_valid = steps < ends
    return Points(
        steps[is_valid],
        points["value"][is_valid],
        points["wall_time"][is_valid],
        written[is_valid],
        len(points),
        _find_restarts(steps, points["wall_time"], is_valid),
        counted,
    )


def _rise(steps: np.ndarray) -> bool:
    return bool((steps[1:] > steps[:-1]).all())


def _put_in_order(points: np.ndarray) -> np.ndarray:
    """Sorts the points of a file by step, if its program wrote them out of order.

    One that goes back writes the same steps again. Where threads write, or a log was
    converted, a lower step only comes later than a higher one, and both count.
    """
    steps = points["step"]
    if (np.diff(steps) >= 0).all():
        return points
    lowest_later = np.minimum.accumulate(steps[::-1])[::-1]
    is_void = np.append(steps[:-1] >= lowest_later[1:], False)
    void, kept = steps[is_void], steps[~is_void]
    # What lies behind the last step may be still to come.
    passed = void[void <= kept[-1]]
    if not len(passed) or np.isin(passed, kept).mean() > _SHARE_WRITTEN_AGAIN:
        return points
    return points.take(np.argsort(steps, kind="stable"))


def _count_on(steps: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, str]:
    """Counts on where the program did not count, or began anew each epoch.

    Args:
        numbers: Those of the files.
    """
    if len(steps) < 2:
        return steps, "steps"
    if (steps == steps[0]).all():
        return np.arange(len(steps)), "order"
    begins = np.flatnonzero(np.diff(steps) < 0) + 1
    # A restart has a file of its own.
    is_same_file = numbers[begins] == numbers[begins - 1]
    begins = np.concatenate([[0], begins])
    if len(begins) < _MIN_PASSES or not is_same_file.all():
        return steps, "steps"
    lengths = np.diff(np.append(begins, len(steps)))
    is_regular = (
        (lengths[:-1] == lengths[0]).all()
        and lengths[-1] <= lengths[0]
        and lengths[0] > 1
        and (steps[begins] == steps[0]).all()
    )
    if not is_regular:
        return steps, "steps"
    size = steps[lengths[0] - 1] - steps[0] + steps[1] - steps[0]
    return steps + size * np.repeat(np.arange(len(begins)), lengths), "passes"


def _find_restarts(
    steps: np.ndarray, wall_times: np.ndarray, is_valid: np.ndarray
) -> list[Restart]:
    falls = np.flatnonzero(np.diff(steps) < 0) + 1
    # Two files that were written at the same time are of two processes.
    falls = falls[wall_times[falls] >= np.maximum.accumulate(wall_times)[falls - 1]]
    is_left = np.ones(len(steps), np.bool_)
    restarts = []
    # So many are no restarts.
    for i in falls[is_valid[falls]][:_MAX_RESTARTS].tolist():
        is_replaced = is_left[:i] & (steps[:i] >= steps[i])
        is_left[:i] &= ~is_replaced
        restarts.append(
            Restart(int(steps[i]), float(wall_times[i]), int(is_replaced.sum()))
        )
    return sorted(restarts, key=lambda restart: restart.step)
