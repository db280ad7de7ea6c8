"""Which rate was in force at a loss that another program logged.

A rate holds until the next one is logged. That can be told by steps only where both
count the same thing: a program may log the rate at the numbers of its epochs and the
loss at those of its iterations. Then the time of writing tells, or nothing does.
"""

import dataclasses

import numpy as np

from lr_plugin.reader.foreign.points import Points

# A rate that is logged at most this share of the way to the next loss belongs to the
# loss before it: the program had counted up in between.
_MAX_LAG = 0.25
_SHARE_OF_LAGS = 0.9
# Two counters are the same if one advances at most so many times as fast.
_MAX_RATIO = 3.0


@dataclasses.dataclass(frozen=True, eq=False)
class Joined:
    """The rate of each loss.

    Attributes:
        numbers: Which rate it is; -1 where none was logged yet. Shape [num_losses].
        how: "same" steps, "held" since the last rate by steps, "later" where each rate
            is that of the loss a few steps before it, "order" of points that were
            numbered alike, or by "time".
        lag: By how many steps rates come later.
    """

    numbers: np.ndarray
    how: str
    lag: int = 0


@dataclasses.dataclass(frozen=True)
class Refused:
    """Why rates and losses cannot be joined, as the rest of a sentence."""

    reason: str


def join(rate: Points, loss: Points) -> Joined | Refused:
    """Finds the rate of each loss."""
    num = len(loss)
    if np.array_equal(rate.steps, loss.steps) and rate.counted == loss.counted:
        return Joined(np.arange(num), "same")
    if "steps" not in (rate.counted, loss.counted) and len(rate) == num:
        return Joined(np.arange(num), "order")
    if len(rate) == 1 and rate.counted == "steps":
        return Joined(np.where(loss.steps < rate.steps[0], -1, 0), "held")
    if count_alike(rate, loss):
        lag = _find_lag(rate.steps, loss.steps)
        if lag:
            numbers = np.searchsorted(rate.steps - lag, loss.steps, side="right") - 1
            return Joined(numbers, "later", lag)
        numbers = np.searchsorted(rate.steps, loss.steps, side="right") - 1
        return Joined(numbers, "held")
    return _join_by_time(rate, loss)


def count_alike(rate: Points, loss: Points) -> bool:
    """Tells whether the steps of both count the same thing."""
    if rate.counted != loss.counted:
        return False
    spacing = max(find_spacing(rate.steps), find_spacing(loss.steps))
    ends = abs(int(rate.steps[-1]) - int(loss.steps[-1]))
    begins = abs(int(rate.steps[0]) - int(loss.steps[0]))
    if max(ends, begins) <= 1.5 * spacing:
        return True
    begin = max(rate.wall_times[0], loss.wall_times[0])
    end = min(rate.wall_times[-1], loss.wall_times[-1])
    if end > begin and _tell_times(rate) and _tell_times(loss):
        advances = [
            float(np.diff(np.interp([begin, end], p.wall_times, p.steps))[0])
            for p in (rate, loss)
        ]
    else:
        # As of a log that was converted: only the steps are left to judge by.
        advances = [float(p.steps[-1] - p.steps[0]) for p in (rate, loss)]
    return min(advances) > 0 and max(advances) <= _MAX_RATIO * min(advances)


def find_spacing(steps: np.ndarray) -> float:
    """Finds by how many steps points are apart; 0 for a single one."""
    return float(np.median(np.diff(steps))) if len(steps) > 1 else 0.0


def _tell_times(points: Points) -> bool:
    """Tells whether points were written one after the other, and not all at once."""
    times = points.wall_times
    return bool(times[-1] > times[0] and (np.diff(times) >= 0).all())


def _find_lag(rate_steps: np.ndarray, loss_steps: np.ndarray) -> int:
    """Finds by how many steps each rate is logged after its loss; 0 if it is not."""
    after = np.searchsorted(rate_steps, loss_steps)
    is_inside = after < len(rate_steps)
    lags = rate_steps[after[is_inside]] - loss_steps[is_inside]
    if len(lags) < 2 or len(lags) < _SHARE_OF_LAGS * len(loss_steps):
        return 0
    lag = int(np.median(lags))
    is_steady = np.mean(lags == lag) >= _SHARE_OF_LAGS
    return lag if is_steady and 0 < lag <= _MAX_LAG * find_spacing(loss_steps) else 0


def _join_by_time(rate: Points, loss: Points) -> Joined | Refused:
    numbers = find_by_time(rate, loss)
    if numbers is None:
        return Refused("they count different steps, and their times do not tell")
    num_before = int((numbers < 0).sum())
    # Losses before the first rate: it may be that of the epoch which it ends, or of the
    # next one.
    per_rate = len(loss) / max(len(rate), 1)
    if num_before == len(loss) or num_before > max(0.5 * per_rate, 1):
        return Refused(
            "they count different steps, and the rate is written after the losses, so "
            "that it may be that of the losses before it or after it"
        )
    return Joined(numbers, "time")


def find_by_time(first: Points, second: Points) -> np.ndarray | None:
    """Finds the last of some points that was written before each of others.

    Returns:
        Their numbers, -1 where there is none; None if the times do not tell.
    """
    if first.wall_times[-1] < second.wall_times[0]:
        # A log that was converted has one scalar after the other.
        return None
    if not _tell_times(first) or not _tell_times(second):
        return None
    return np.searchsorted(first.wall_times, second.wall_times, side="right") - 1
