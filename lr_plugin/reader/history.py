"""What is still true of a run that went back and wrote some iterations again.

A training that is resumed from a checkpoint records steps that the run has had before.
The later writing replaces the earlier one: whatever comes in at a step makes void all
that came in before it, at that step or later. A loader may keep void events or drop
them; after this rule both show the same.
"""

import dataclasses

import numpy as np

NEVER = np.iinfo(np.int64).max


@dataclasses.dataclass(frozen=True, eq=False)
class Beginnings:
    """Where and when the trainings of a run began; without arguments, none.

    Attributes:
        steps: The first step of each training. Shape [num_trainings].
        times: When each began, in seconds since the epoch. Shape [num_trainings].
    """

    steps: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0, np.int64))
    times: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0))


def find_ends(
    first_steps: np.ndarray, wall_times: np.ndarray, beginnings: Beginnings
) -> np.ndarray:
    """Finds the step at which each event's content was replaced.

    Events that start at or after their own end are void. The others, in order of
    arrival, have rising first steps and do not overlap.

    Args:
        first_steps: The step at which each event's content starts. Shape [num_events].
        wall_times: When each event was written. Shape [num_events].
        beginnings: Those of the run's trainings that are not among the events.

    Returns:
        int64 of shape [num_events]; NEVER where nothing later replaced anything.
    """
    num_events = len(first_steps)
    # Each for itself: an empty array of floats would make floats of all.
    steps = np.concatenate(
        [first_steps.astype(np.int64), beginnings.steps.astype(np.int64)]
    )
    order = np.argsort(np.concatenate([wall_times, beginnings.times]), kind="stable")
    # The lowest step that came in after each event.
    reverse_lowest = np.minimum.accumulate(steps[order][::-1])
    ends = np.full(len(steps), NEVER, np.int64)
    ends[order[:-1]] = reverse_lowest[::-1][1:]
    return ends[:num_events]
