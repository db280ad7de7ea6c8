"""What the loss landscape of a run says of the rates that it used."""

import dataclasses

import numpy as np

from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.landscape.suggestion import Suggestion


@dataclasses.dataclass(frozen=True)
class LandscapeSummary:
    """What a run's landscape comes to.

    Attributes:
        num_samples: At how many moments it was measured.
        critical_rate: Median of the critical rates; infinite where most had none.
        headroom: Median of the headrooms; infinite where most had no critical rate.
        suggestion: The peak of the rates for the next run.
    """

    num_samples: int
    critical_rate: float
    headroom: float
    suggestion: Suggestion


def summarize_landscape(found: Landscape) -> LandscapeSummary | None:
    """Sums up a landscape; None where nothing was measured."""
    if not len(found):
        return None
    return LandscapeSummary(
        num_samples=len(found),
        critical_rate=_find_median(found.critical_rates),
        headroom=_find_median(found.headrooms),
        suggestion=found.suggestion,
    )


def _find_median(values: np.ndarray) -> float:
    """Finds the value in the middle, the lower of two; some may be infinite."""
    return float(np.sort(values)[(len(values) - 1) // 2])
