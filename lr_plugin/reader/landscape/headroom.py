"""What the loss landscape of a run says of the rates that it used."""

import dataclasses

import numpy as np

from lr_plugin.reader.landscape.landscape import Landscape

_MIN_SAMPLES = 10
# Chosen by benchmarks/landscape.py.
_LOW_HEADROOM = 8.0


@dataclasses.dataclass(frozen=True)
class LowRate:
    """That the rates of a run were clearly too low.

    Attributes:
        headroom: How many times as far the updates could have gone, at half of the
            moments at least.
        sample: The number of the sample that has it.
    """

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
    if len(found) < _MIN_SAMPLES:
        return None
    middle = _find_median(found.headrooms)
    largest = np.nanmax(found.rates[middle]) / found.used_rates[middle]
    headroom = float(min(found.headrooms[middle], largest))
    return LowRate(headroom, middle) if headroom >= _LOW_HEADROOM else None


def _find_median(values: np.ndarray) -> int:
    """Finds the value in the middle, the lower of two; some may be infinite."""
    return int(np.argsort(values, kind="stable")[(len(values) - 1) // 2])
