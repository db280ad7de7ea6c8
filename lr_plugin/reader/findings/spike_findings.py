"""Losses that shot up and came back."""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, Place, make_finding, shorten
from lr_plugin.reader.outcome.known_rows import take_losses
from lr_plugin.reader.outcome.moment import make_moment
from lr_plugin.reader.outcome.smoothed_loss import SmoothedLoss, choose_width

# A spike is looked at beside so many rows on either side, but for the nearest, which
# may be part of it.
_NUM_NEIGHBOURS, _NUM_NEAREST = 64, 8
# How far it has to stand out. The losses of single batches near the end of a training
# differ by as much as ten from their median (a batch with one example that was learned
# badly), but do not come near the loss at the beginning.
_ABOVE_MEDIAN, _ABOVE_HIGHEST = 10.0, 3.0
_MIN_ROWS_BEFORE = 16
_NUM_CANDIDATES = 5

# A warm-up is a rate that rises from the start for at most this share of the run.
_MAX_WARMUP_SHARE = 0.1
_MIN_WARMUP_ROWS = 5
# A loss is looked at until so many times the warm-up has passed.
_WARMUPS_TO_SEE = 4
# A warm-up was too short where the loss rose to so many times its beginning: a rise by
# less is seen in many good trainings.
_MIN_RISE = 1.5


def find_spike(evidence: Evidence) -> Iterator[Finding]:
    """Finds the highest loss that stands far above its neighbours, and is gone again.

    It has to be above the beginning of the run as well.
    """
    highs = np.nan_to_num(evidence.statistics(schema.LOSS)[:, 1], nan=-np.inf)
    if not _may_have_spike(evidence, highs):
        return
    width = choose_width(evidence.num_rows)
    is_whole = evidence.known.rows is not None
    first = take_losses(evidence.known.read_buckets(0, width if is_whole else 1))
    if len(first) < width:
        return
    beginning = SmoothedLoss(first, width).median_at(0)
    span = _NUM_NEIGHBOURS if is_whole else 1
    for bucket in _find_highest(highs).tolist():
        if not highs[bucket] > beginning:
            return
        rows = evidence.known.read_buckets(bucket - span, bucket + span)
        losses = take_losses(rows)
        where = np.flatnonzero(losses == highs[bucket])
        i = int(where[0]) if len(where) else -1
        if i < 0 or not _stands_out(losses, i):
            continue
        around = _neighbours(losses, i)
        moment = make_moment(rows, i, evidence.recording.epochs)
        place = Place(moment, moment.step, moment.step)
        yield make_finding(
            "spike",
            "warning",
            f"The loss shot up to {shorten(losses[i])} at {place.with_rate}; around it "
            f"the median is {shorten(np.median(around))}, the highest "
            f"{shorten(around.max())}. Look at this batch's data, clip the gradients "
            "(`clipnorm`), or lower the rate.",
            place,
        )
        return


def _may_have_spike(evidence: Evidence, highs: np.ndarray) -> bool:
    """Tells whether rows have to be read to know: of most long runs, none have to.

    A spike in one of the buckets raises the mean of that bucket, not of the next.
    """
    statistics = evidence.statistics(schema.LOSS)
    candidates = _find_highest(highs)
    nearby = np.fmin(
        statistics[np.maximum(candidates - 1, 0), 2],
        statistics[np.minimum(candidates + 1, len(highs) - 1), 2],
    )
    is_high = highs[candidates] >= _ABOVE_HIGHEST * np.abs(nearby)
    return bool(np.any(is_high & (highs[candidates] > statistics[0, 0])))


def _find_highest(highs: np.ndarray) -> np.ndarray:
    """Finds the few highest, from the highest on; of equals the earliest."""
    num_lower = max(len(highs) - _NUM_CANDIDATES, 0)
    where = np.flatnonzero(highs >= np.partition(highs, num_lower)[num_lower])
    return where[np.argsort(-highs[where], kind="stable")][:_NUM_CANDIDATES]


def _neighbours(losses: np.ndarray, i: int) -> np.ndarray:
    before = losses[max(i - _NUM_NEIGHBOURS, 0) : max(i - _NUM_NEAREST, 0)]
    after = losses[i + _NUM_NEAREST + 1 : i + _NUM_NEIGHBOURS + 1]
    around = np.concatenate([before, after])
    return around[np.isfinite(around)]


def _stands_out(losses: np.ndarray, i: int) -> bool:
    num_before = max(i - _NUM_NEAREST, 0)
    num_after = len(losses) - 1 - i - _NUM_NEAREST
    if min(num_before, num_after) < _MIN_ROWS_BEFORE:
        return False
    around = _neighbours(losses, i)
    return (
        len(around) >= _MIN_ROWS_BEFORE
        and losses[i] >= _ABOVE_MEDIAN * abs(np.median(around))
        and losses[i] >= _ABOVE_HIGHEST * abs(around.max())
    )


def find_short_warmup(evidence: Evidence) -> Iterator[Finding]:
    """Finds a loss that rose above its beginning at the end of a warm-up, and fell."""
    num_warmup = _count_warmup(evidence)
    if not _MIN_WARMUP_ROWS <= num_warmup <= _MAX_WARMUP_SHARE * evidence.num_rows:
        return
    width = min(num_warmup // 4, 50) | 1
    rows = evidence.read_first((1 + _WARMUPS_TO_SEE) * num_warmup)
    losses = take_losses(rows)
    if len(losses) < num_warmup + width:
        return
    medians = np.array(
        [
            SmoothedLoss(losses[i : i + width], width).median_at(0)
            for i in range(0, len(losses) - width + 1, max(width // 2, 1))
        ]
    )
    if not np.isfinite(medians).all():
        return
    top = int(np.argmax(medians))
    window = top * max(width // 2, 1)
    last_mean = evidence.known.average_losses(
        evidence.num_rows * 9 // 10, evidence.num_rows
    )[0]
    # A loss that came no lower again diverged, or never fell.
    has_risen = medians[top] > max(_MIN_RISE * medians[0], 0)
    if not has_risen or window < num_warmup // 2 or not last_mean < medians[0]:
        return
    smoothed = SmoothedLoss(losses[window : window + width], width)
    row = window + smoothed.row_at(0)
    moment = make_moment(rows, row, evidence.recording.epochs)
    place = Place(moment, moment.step, moment.step)
    peak = float(rows[schema.LEARNING_RATE][num_warmup - 1])
    yield make_finding(
        "short_warmup",
        "info",
        f"After a warm-up of {num_warmup:,} iterations to the rate {shorten(peak)}, "
        f"the loss rose to {shorten(medians[top])} around {place}; it began at "
        f"{shorten(medians[0])} (medians of {width} iterations). Warm up longer, or to "
        "a lower rate.",
        place,
    )


def _count_warmup(evidence: Evidence) -> int:
    """Counts the first rows over which the rate rises; 0 if it does not."""
    statistics = evidence.statistics(schema.LEARNING_RATE)
    means, ends = statistics[:, 2], np.cumsum(evidence.overview.num_rows)
    rises = np.append(np.diff(means) > 0, False)
    # The bucket in which the rate rises no more, and the next one for its last rows.
    last = int(np.argmin(rises)) + 1
    limit = int(_MAX_WARMUP_SHARE * evidence.num_rows) + 2
    # A rate that rises to the end of the run is no warm-up.
    if (
        not 2 <= last < len(ends)
        or int(ends[last - 2]) > limit
        or not _may_have_risen(evidence, last)
    ):
        return 0
    rates = evidence.read_first(int(ends[last])).get(schema.LEARNING_RATE)
    if rates is None or len(rates) < 2 or not rates[1] > rates[0]:
        return 0
    rising = np.diff(rates) > 0
    return len(rates) if rising.all() else int(np.argmin(rising)) + 1


def _may_have_risen(evidence: Evidence, last: int) -> bool:
    """Tells without reading rows whether the loss may have risen after a warm-up."""
    statistics = evidence.statistics(schema.LOSS)
    highs = statistics[: (1 + _WARMUPS_TO_SEE) * (last + 1), 1]
    highest = np.nanmax(highs, initial=-np.inf)
    return bool(highest > _MIN_RISE * statistics[0, 0])
