"""How much higher the rates of a run could have been, from some of its samples."""

import dataclasses

import numpy as np

MIN_SAMPLES = 10
# Of the highest rate: a schedule that has decayed is below the cliff on purpose.
_NEAR_PEAK = 0.5
# With the rounding of float32.
_DECAYED = 0.1 * (1 + 1e-5)
# Later ones tell less: where little is left to gain, every rate raises the loss.
_SHARE_OF_FIRST = 3
_MIN_FIRST = 5


@dataclasses.dataclass(frozen=True)
class Room:
    """How far some of the updates of a run could have gone.

    Attributes:
        num_samples: How many were looked at.
        peak: The highest rate of all samples.
        headroom: How many times as far half of these could have gone, at least.
        sample: The number of the sample that has it.
    """

    num_samples: int
    peak: float
    headroom: float
    sample: int


def find_room(used_rates: np.ndarray, headrooms: np.ndarray) -> Room | None:
    """Finds how far the updates could have gone that were made first near the peak.

    Args:
        used_rates: Of every sample, in the order of the steps. Shape [num_samples].
        headrooms: How many times as far each could have gone at least, so none
            infinite. Shape [num_samples].

    Returns:
        None where too few samples are near the peak.
    """
    near_peak = near_peak_of(used_rates)
    if len(near_peak) < MIN_SAMPLES:
        return None
    first = near_peak[: max(_MIN_FIRST, len(near_peak) // _SHARE_OF_FIRST)]
    return _find_middle(first, used_rates, headrooms)


def find_decayed_room(used_rates: np.ndarray, headrooms: np.ndarray) -> Room | None:
    """Finds how far the updates could have gone after the rate had decayed.

    Args, Returns: As of `find_room`; None where it has decayed at too few samples.
    """
    if not len(used_rates):
        return None
    peak = used_rates.max()
    after = np.arange(len(used_rates)) > np.argmax(used_rates)
    decayed = np.flatnonzero(after & (used_rates <= _DECAYED * peak))
    if len(decayed) < MIN_SAMPLES:
        return None
    return _find_middle(decayed, used_rates, headrooms)


def near_peak_of(used_rates: np.ndarray) -> np.ndarray:
    """Finds the samples whose rates are near the highest."""
    return np.flatnonzero(used_rates >= _NEAR_PEAK * used_rates.max(initial=0.0))


def _find_middle(
    samples: np.ndarray, used_rates: np.ndarray, headrooms: np.ndarray
) -> Room:
    """Finds the sample whose headroom is in the middle, the lower of two."""
    order = np.argsort(headrooms[samples], kind="stable")
    middle = int(samples[order[(len(samples) - 1) // 2]])
    return Room(len(samples), float(used_rates.max()), float(headrooms[middle]), middle)
