"""Decides which iterations of a training are sampled."""

# While the length of a run is unknown, the first samples are this far apart.
_FIRST_PERIOD = 16


class SamplePlan:
    """Spreads some samples over a training.

    A sample that was due and could not be taken stays due.
    """

    def __init__(self, *, num_samples: int, num_iterations: int | None):
        """Plans the samples.

        Args:
            num_samples: How many samples to take in a run, at least 1.
            num_iterations: Length of the run; None if unknown: then at least half as
                many samples are taken, and at most `num_samples` for each doubling.
        """
        self._num_samples = num_samples
        self._period = (
            _FIRST_PERIOD
            if num_iterations is None
            else max(1, num_iterations // num_samples)
        )
        self._is_open_ended = num_iterations is None
        self._iteration = 0
        self._next_iteration = 0
        self._num_taken = 0

    def is_due(self) -> bool:
        """Tells whether the iteration that comes next should be sampled."""
        return self._iteration >= self._next_iteration

    def count(self, num_iterations: int) -> None:
        """Counts iterations that have passed."""
        self._iteration += num_iterations

    def take(self) -> None:
        """Notes that a sample was taken, and plans the next one."""
        self._num_taken += 1
        if self._is_open_ended and self._num_taken == self._num_samples:
            self._num_taken //= 2
            self._period *= 2
        self._next_iteration = self._iteration + self._period
