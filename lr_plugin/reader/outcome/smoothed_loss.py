"""The smoothed loss of a run: its running median over a hundredth of the run."""

import functools

import numpy as np

# Of a long run, the largest odd number of rows in a bucket of the overview.
_MAX_WIDTH = 255
# The medians of so many windows are computed at once.
_NUM_TRIED = 64


def choose_width(num_rows: int) -> int:
    """Chooses over how many rows a run's loss is smoothed: a hundredth of them.

    At most 255, and odd, so that each median is the loss of a row.
    """
    return min(num_rows // 100, _MAX_WIDTH) | 1


class SmoothedLoss:
    """The median of each window of rows that follow each other.

    A window is named by its first row; there are `num_rows - width + 1`. What is not
    finite counts as higher than everything else, so that a median is infinite where
    more than half of its rows are not finite.

    No median is computed but those that are asked for: whether it is at most some
    value can be counted, for all windows at once.
    """

    def __init__(self, losses: np.ndarray, width: int):
        """Takes the losses of at least `width` rows; `width` is odd."""
        self._losses = np.where(np.isfinite(losses), losses, np.inf)
        self.width = width
        self.num_windows = len(losses) - width + 1

    def are_at_most(self, value: float) -> np.ndarray:
        """Says of each window whether its median is at most `value`."""
        counts = np.zeros(len(self._losses) + 1, np.int32)
        np.cumsum(self._losses <= value, out=counts[1:])
        return counts[self.width :] - counts[: -self.width] > self.width // 2

    @functools.cached_property
    def lowest(self) -> float:
        """The lowest median; infinite if no window has a finite one."""
        # A few medians give a bound, and the windows below it a lower one: of random
        # losses, two or three looks at all of them are enough.
        parts = np.lib.stride_tricks.sliding_window_view(self._losses, self.width)
        windows = np.arange(0, self.num_windows, self.width)
        lowest = np.inf
        while len(windows):
            tried = parts[windows[:: -(-len(windows) // _NUM_TRIED)]]
            middle = self.width // 2
            lowest = float(np.partition(tried, middle, axis=1)[:, middle].min())
            windows = np.flatnonzero(self.are_at_most(np.nextafter(lowest, -np.inf)))
        return lowest

    def median_at(self, window: int) -> float:
        """Computes the median of a window."""
        part = self._losses[window : window + self.width]
        return float(np.partition(part, self.width // 2)[self.width // 2])

    def row_at(self, window: int) -> int:
        """Finds the row whose loss is a window's median, the nearest to its middle."""
        part = self._losses[window : window + self.width]
        rows = np.flatnonzero(part == self.median_at(window))
        return window + int(rows[np.argmin(np.abs(rows - self.width // 2))])

    def error_at(self, window: int) -> float:
        """Estimates the standard error of a window's median from its quartiles.

        As of a normal distribution, whose quartiles are 1.349 deviations apart.
        """
        part = self._losses[window : window + self.width]
        low, high = np.quantile(part, [0.25, 0.75], method="lower")
        if not np.isfinite(high):
            return 0.0
        return float(1.2533 * (high - low) / 1.349 / np.sqrt(self.width))
