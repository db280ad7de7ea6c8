"""What the loss of a run came to: the final loss, the lowest, and where it diverged."""

import dataclasses

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.outcome.known_rows import KnownRows, take_losses
from lr_plugin.reader.outcome.moment import Moment, make_moment, to_float
from lr_plugin.reader.outcome.smoothed_loss import SmoothedLoss, choose_width
from lr_plugin.rows import Rows, count_rows

# Of a shorter run, a loss that is above its beginning in the end may be chance.
_MIN_ROWS_TO_RISE = 50
# In the end, the loss is above so many of its medians before: it has not come and gone.
_SHARE_LOWER = 0.95
# A loss this many standard errors above the lowest may be as low: it is the lowest of
# many, so that about three are chance alone.
_ERRORS_ABOVE_LOWEST = 4
# Of a long run, the rows of so many buckets with the lowest means are read.
_NUM_LOWEST_BUCKETS = 2
# The extremes of 256 values of a normal distribution are so many deviations apart.
_DEVIATIONS_OF_BUCKET = 5.6


@dataclasses.dataclass(frozen=True)
class FinalLoss:
    """The mean loss of the end of a run.

    Attributes:
        loss: NaN if the last row's loss is not finite.
        is_exact: Whether it is the mean of the very rows; else a bucket of which a part
            belongs to them counts with its mean.
    """

    loss: float
    is_exact: bool


def find_final_loss(known: KnownRows) -> FinalLoss:
    """Finds the final loss: the mean over the last tenth of the run's rows.

    At least one row, and rounded down: of 511 rows, the last 51. Of these, rows whose
    loss is not finite are left out; but it is NaN if that of the last row is not
    finite.
    """
    num_last = max(known.num_rows // 10, 1)
    mean, is_exact = known.average_losses(known.num_rows - num_last, known.num_rows)
    if not _ends_finite(known):
        mean = float("nan")
    return FinalLoss(to_float(mean), is_exact)


def _ends_finite(known: KnownRows) -> bool:
    last = len(known.overview) - 1
    num_nonfinite = known.overview.statistics[schema.LOSS][last, 3]
    if num_nonfinite in (0, known.overview.num_rows[last]):
        mean = known.overview.statistics[schema.LOSS][last, 2]
        return num_nonfinite == 0 and bool(np.isfinite(mean))
    rows = known.read_buckets(last, last)
    return bool(rows) and bool(np.isfinite(take_losses(rows)[-1]))


def find_lowest_loss(known: KnownRows, epochs: Epochs) -> Moment | None:
    """Finds the lowest loss: the lowest running median over a hundredth of the run.

    Over at least 1 and at most 255 rows, an odd number, so that the median is the loss
    of a row, the one that is given: of windows with the same median the first, of rows
    with the same loss the nearest to its middle. Of a run of which not every row can be
    read, it is looked for in the buckets with the lowest means.

    Returns:
        None if no loss is finite, or the rows are not at hand.
    """
    if known.rows is not None:
        return _find_lowest(known.rows, known.smoothed, epochs)
    width = choose_width(known.num_rows)
    means = _smoothed_buckets(known)
    candidates = []
    for i in np.argsort(means, kind="stable")[:_NUM_LOWEST_BUCKETS].tolist():
        if not np.isfinite(means[i]):
            break
        rows = known.read_buckets(i - 1, i + 1)
        if count_rows(rows) < width:
            return None
        smoothed = SmoothedLoss(take_losses(rows), width)
        candidates.append(_find_lowest(rows, smoothed, epochs))
    return min(
        (moment for moment in candidates if moment is not None),
        key=lambda moment: (moment.loss, moment.step),
        default=None,
    )


def _find_lowest(rows: Rows, smoothed: SmoothedLoss, epochs: Epochs) -> Moment | None:
    if not np.isfinite(smoothed.lowest):
        return None
    window = int(np.argmax(smoothed.are_at_most(smoothed.lowest)))
    return make_moment(rows, smoothed.row_at(window), epochs)


def find_divergence(known: KnownRows, epochs: Epochs) -> Moment | None:
    """Finds where a training diverged, if it did.

    It diverged if its smoothed loss (running median over a hundredth of the run, see
    `find_lowest_loss`) is not finite in the end, or is then above its beginning, and
    above its lowest by more than that is above 0; the median of the last tenth of the
    run has to be above the beginning too. A loss that had been as high again and again
    before, as that of a GAN, did not diverge. From then on back, the onset is where the
    smoothed loss was lowest for the last time: at most four standard errors of the
    lowest median above it. What is given is the row whose loss is the median there.

    Returns:
        None if it did not diverge, if its loss was never finite, or where the rows are
        not at hand.
    """
    if known.rows is not None:
        return _find_onset(known.rows, known.smoothed, epochs)
    width = choose_width(known.num_rows)
    means = _smoothed_buckets(known)
    statistics = known.overview.statistics[schema.LOSS]
    spans = statistics[:, 1].astype(np.float64) - statistics[:, 0]
    onset = _find_last_low(means, spans)
    if onset is None:
        return None
    rows = known.read_buckets(onset - 1, onset + 1)
    if count_rows(rows) < width:
        return None
    smoothed = SmoothedLoss(take_losses(rows), width)
    window = _last_low_window(smoothed, smoothed.num_windows)
    return make_moment(rows, smoothed.row_at(window), epochs)


def _find_onset(rows: Rows, smoothed: SmoothedLoss, epochs: Epochs) -> Moment | None:
    losses = take_losses(rows)
    beginning = smoothed.median_at(0)
    if not np.isfinite(beginning):
        return None
    end = smoothed.median_at(smoothed.num_windows - 1)
    if np.isfinite(end):
        tail = np.where(np.isfinite(losses), losses, np.inf)[
            -max(len(losses) // 10, 1) :
        ]
        has_risen = end > max(beginning, smoothed.lowest + abs(smoothed.lowest))
        if (
            len(losses) < _MIN_ROWS_TO_RISE
            or not has_risen
            or np.median(tail) <= beginning
        ):
            return None
    last_below = int(np.flatnonzero(smoothed.are_at_most(beginning))[-1])
    window = _last_low_window(smoothed, last_below + 1)
    if not _is_new(smoothed.are_at_most(end)[: window + 1]):
        return None
    return make_moment(rows, smoothed.row_at(window), epochs)


def _is_new(are_lower: np.ndarray) -> bool:
    """Tells whether a loss is higher in the end than nearly always before."""
    return bool(are_lower.mean() >= _SHARE_LOWER)


def _last_low_window(smoothed: SmoothedLoss, stop: int) -> int:
    """Finds the last window before `stop` that is as low as the lowest."""
    first = int(np.argmax(smoothed.are_at_most(smoothed.lowest)))
    error = smoothed.error_at(first)
    level = smoothed.lowest + _ERRORS_ABOVE_LOWEST * error
    return int(np.flatnonzero(smoothed.are_at_most(level)[:stop])[-1])


def _smoothed_buckets(known: KnownRows) -> np.ndarray:
    """Takes the mean of each bucket; infinite where most of it is not finite."""
    statistics = known.overview.statistics[schema.LOSS].astype(np.float64)
    is_broken = statistics[:, 3] > known.overview.num_rows / 2
    return np.where(is_broken | np.isnan(statistics[:, 2]), np.inf, statistics[:, 2])


def _find_last_low(means: np.ndarray, spans: np.ndarray) -> int | None:
    """Finds the bucket in which a long run diverged, as `_find_onset` does by rows."""
    beginning, end = means[0], means[-1]
    lowest = means.min()
    if not np.isfinite(beginning):
        return None
    if np.isfinite(end):
        tail = np.median(means[-max(len(means) // 10, 1) :])
        if end <= max(beginning, lowest + abs(lowest)) or tail <= beginning:
            return None
    last_below = int(np.flatnonzero(means <= beginning)[-1])
    i = int(np.argmin(means))
    near = spans[max(i - 4, 0) : i + 5]
    error = np.nanmedian(near) / _DEVIATIONS_OF_BUCKET / np.sqrt(schema.ROWS_PER_BUCKET)
    level = lowest + _ERRORS_ABOVE_LOWEST * error
    onset = int(np.flatnonzero(means[: last_below + 1] <= level)[-1])
    return onset if _is_new(means[: onset + 1] <= end) else None
