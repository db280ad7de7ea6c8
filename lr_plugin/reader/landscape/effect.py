"""What updates did to the loss of the next batch, as they were made."""

import dataclasses

import numpy as np

from lr_plugin.reader.landscape.room import MIN_SAMPLES, near_peak_of

# Of a small loss, one more batch may be any multiple.
_MOST = 1.0
# The rate is too high where updates raise the loss of the next batch by so much of it,
# on average. Chosen by benchmarks/landscape.py.
_RAISED = 0.15


@dataclasses.dataclass(frozen=True)
class Effect:
    """What the updates near the peak did to the loss of the next batch.

    Attributes:
        num_samples: How many there are.
        share_raised: The share of them that raised it.
        mean_change: The mean of the relative changes, none above 1.
        highest_change: The largest change, not relative.
        sample: The number of the sample that has it.
    """

    num_samples: int
    share_raised: float
    mean_change: float
    highest_change: float
    sample: int

    @property
    def is_harmful(self) -> bool:
        """Whether the updates did more harm than at any rate that is right."""
        return self.mean_change >= _RAISED


def find_effect(
    used_rates: np.ndarray, used_changes: np.ndarray, losses: np.ndarray
) -> Effect | None:
    """Sums up what the updates did to the loss of the next batch.

    Args:
        used_rates: Of every sample, in the order of the steps. Shape [num_samples].
        used_changes: What each update changed; NaN if unknown. Shape [num_samples].
        losses: The loss without it. Shape [num_samples].

    Returns:
        None where few were measured near the peak.
    """
    near_peak = near_peak_of(used_rates)
    changes, losses = used_changes[near_peak], losses[near_peak]
    is_known = np.isfinite(losses) & (losses > 0) & ~np.isnan(changes)
    if np.count_nonzero(is_known) < MIN_SAMPLES:
        return None
    known = np.flatnonzero(is_known)
    relative = np.minimum(changes[known] / losses[known], _MOST)
    highest = int(known[np.argmax(changes[known])])
    return Effect(
        num_samples=len(known),
        share_raised=float(np.mean(relative > 0)),
        mean_change=float(relative.mean()),
        highest_change=float(changes[highest]),
        sample=int(near_peak[highest]),
    )
