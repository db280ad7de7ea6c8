"""What the loss landscape of a run says of the rates that it used."""

import dataclasses

import numpy as np

from lr_plugin.reader.landscape.landscape import Landscape

_MIN_SAMPLES = 10
# Of the highest rate: a schedule that has decayed is below the cliff on purpose.
_NEAR_PEAK = 0.5
# Chosen by benchmarks/landscape.py.
_LOW_HEADROOM = 8.0


@dataclasses.dataclass(frozen=True)
class LowRate:
    """That the rates of a run were clearly too low, even near their peak.

    Attributes:
        num_samples: How many samples there are near the peak.
        headroom: How many times as far half of these updates could have gone at least.
        sample: The number of the sample that has it.
    """

    num_samples: int
    headroom: float
    sample: int


@dataclasses.dataclass(frozen=True)
class LandscapeSummary:
    """What a run's landscape comes to.

    Attributes:
        num_samples: At how many moments it was measured.
        critical_rate: Median of the critical rates; infinite where most had none.
        headroom: Median of the headrooms; infinite where most had no critical rate.
    """

    num_samples: int
    critical_rate: float
    headroom: float


def summarize_landscape(found: Landscape) -> LandscapeSummary | None:
    """Sums up a landscape; None where nothing was measured."""
    if not len(found):
        return None
    return LandscapeSummary(
        num_samples=len(found),
        critical_rate=float(found.critical_rates[_find_median(found.critical_rates)]),
        headroom=float(found.headrooms[_find_median(found.headrooms)]),
    )


def find_low_rate(found: Landscape) -> LowRate | None:
    """Tells whether the rates were clearly too low; None where they were not."""
    highest = found.used_rates.max(initial=0.0)
    near_peak = np.flatnonzero(found.used_rates >= _NEAR_PEAK * highest)
    if len(near_peak) < _MIN_SAMPLES:
        return None
    middle = int(near_peak[_find_median(found.headrooms[near_peak])])
    largest = np.nanmax(found.rates[middle]) / found.used_rates[middle]
    headroom = float(min(found.headrooms[middle], largest))
    return (
        LowRate(len(near_peak), headroom, middle) if headroom >= _LOW_HEADROOM else None
    )


def _find_median(values: np.ndarray) -> int:
    """Finds the value in the middle, the lower of two; some may be infinite."""
    return int(np.argsort(values, kind="stable")[(len(values) - 1) // 2])
