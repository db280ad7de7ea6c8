"""Compares the objective of a trial, epoch by epoch, with that of other trials."""

import math
import statistics
from collections.abc import Sequence

from trainer.search.trial import TrialRun

# The median of fewer trials says little.
_MIN_PEERS = 5


def mean_curve(runs: Sequence[TrialRun], name: str) -> dict[int, float]:
    """Takes the mean over the runs that reached an epoch, for each epoch."""
    epochs = sorted({epoch for run in runs for epoch in run.epochs})
    return {
        epoch: statistics.fmean(
            run.epochs[epoch][name] for run in runs if epoch in run.epochs
        )
        for epoch in epochs
    }


def is_hopeless(
    values: Sequence[float], peers: Sequence[Sequence[float]], direction: str
) -> bool:
    """Tells whether a trial's best so far is below the median of others' averages.

    Args:
        values: The objective, by epoch.
        peers: The same of trials that have ended. Those that ended sooner, or with a
            value that is not finite, do not count.
        direction: "min" or "max".

    Source: Golovin et al., Google Vizier: A Service for Black-Box Optimization, 2017,
    section 3.2.2, https://doi.org/10.1145/3097983.3098043.
    """
    num_epochs = len(values)
    averages = [
        statistics.fmean(peer[:num_epochs])
        for peer in peers
        if len(peer) >= num_epochs and math.isfinite(peer[-1])
    ]
    if len(averages) < _MIN_PEERS:
        return False
    middle = statistics.median(averages)
    return max(values) < middle if direction == "max" else min(values) > middle
