"""Chooses at which multiples of an update the loss is measured."""

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

# From far below the rate that was used to ten thousand times it.
FACTORS = tuple(2.0**exponent for exponent in range(-6, 14))
# Measured together; to ask once more costs as much as some small measurements.
_NUM_AT_ONCE = 4
# So many times as large as the loss, or as what was gained, nothing more is learned.
_FAR = 4.0
# Where the loss has risen is looked for at so many multiples between two others.
_NUM_BETWEEN = 3
# A sum over a batch is wrong by a few units in the last place.
_NUM_UNITS = 4

LossesAt = Callable[[Sequence[float]], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Points:
    """How the loss changes along an update.

    Attributes:
        loss: The loss without the update.
        loss_at_update: The loss with it.
        factors: Multiples of the update, rising, `FACTORS` up to where the loss has
            risen far; 1 is always among them.
        loss_changes: The loss at each minus `loss`; infinite where it is not finite.
        critical_factor: The smallest multiple at which the loss has risen by more than
            its rounding; infinite if there is none, and the smallest of `factors` if
            it has risen there already.
    """

    loss: float
    loss_at_update: float
    factors: np.ndarray
    loss_changes: np.ndarray
    critical_factor: float


def measure_points(losses_at: LossesAt, *, precision: float) -> Points:
    """Measures the loss at multiples of an update.

    Args:
        losses_at: Gives the losses at some multiples of the update.
        precision: Relative distance of two neighbouring numbers in the precision in
            which they are computed.
    """
    num_first = FACTORS.index(1.0) + 1
    loss, *first = losses_at([0.0, *FACTORS[:num_first]])
    changes = _changes(first, loss)
    rounding = _NUM_UNITS * precision * abs(loss)
    while len(changes) < len(FACTORS) and not _is_far(changes, loss):
        following = FACTORS[len(changes) : len(changes) + _NUM_AT_ONCE]
        changes = np.append(changes, _changes(losses_at(following), loss))
    (risen,) = np.nonzero(changes > rounding)
    if not len(risen):
        critical = math.inf
    elif risen[0] == 0:
        critical = FACTORS[0]
    else:
        place = risen[0] - 1
        low, high = FACTORS[place : place + 2]
        factors = np.geomspace(low, high, _NUM_BETWEEN + 2)
        between = _changes(losses_at(factors[1:-1].tolist()), loss)
        of_all = np.array([changes[place], *between, changes[place + 1]])
        critical = _find_rise(factors, of_all, rounding)
    return Points(
        loss=float(loss),
        loss_at_update=float(first[-1]),
        factors=np.array(FACTORS[: len(changes)]),
        loss_changes=changes,
        critical_factor=critical,
    )


def _changes(losses: Sequence[float] | np.ndarray, loss: float) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        changes = np.asarray(losses, np.float64) - loss
    return np.where(np.isfinite(changes), changes, np.inf)


def _is_far(changes: np.ndarray, loss: float) -> bool:
    return bool(changes[-1] > _FAR * max(abs(loss), -changes.min()))


def _find_rise(factors: np.ndarray, changes: np.ndarray, rounding: float) -> float:
    """Finds where the loss begins to have risen.

    Interpolates the change for each unit of the multiple, which is a straight line
    where the loss is quadratic.
    """
    high = int(np.argmax(changes > rounding))
    slope_low, slope_high = (changes / factors)[high - 1 : high + 1]
    low_factor, high_factor = map(float, factors[high - 1 : high + 1])
    if not math.isfinite(slope_high):
        return math.sqrt(low_factor * high_factor)
    if slope_low >= 0:
        return low_factor
    share = float(-slope_low / (slope_high - slope_low))
    return low_factor + share * (high_factor - low_factor)
