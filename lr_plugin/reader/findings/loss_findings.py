"""Silent mistakes that show in the loss."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, Place, make_finding, shorten
from lr_plugin.reader.outcome.known_rows import take_losses
from lr_plugin.reader.outcome.outcome import find_divergence as find_onset
from lr_plugin.reader.outcome.smoothed_loss import SmoothedLoss, choose_width
from lr_plugin.rows import Rows, count_rows

# The loss of a shorter run says too little about its course.
_MIN_ITERATIONS = 200
# How far the loss of a run that learns nothing may stray.
_FLAT_SHARE = 0.02
_SHARES_OF_FLAT = 5


def find_nonfinite_loss(evidence: Evidence) -> Iterator[Finding]:
    """Finds losses that are NaN or infinite."""
    counts = evidence.statistics(schema.LOSS)[:, 3]
    where = np.flatnonzero(counts)
    if not len(where):
        return
    place = evidence.place_in(int(where[0]), _first_nonfinite)
    ending = ""
    if counts[-1] == evidence.overview.num_rows[-1]:
        ending = " It has not recovered: the updates since then were of no use."
    num_rows = int(counts.sum())
    iterations = "1 iteration" if num_rows == 1 else f"{num_rows:,} iterations"
    yield make_finding(
        "nonfinite_loss",
        "error",
        f"The loss was NaN or infinite in {iterations}, first at {place.with_rate}."
        f"{ending} Lower the rate, warm up longer, clip the gradients (`clipnorm`), or "
        "look for bad values in the data.",
        place,
    )


def _first_nonfinite(rows: Rows) -> int | None:
    where = np.flatnonzero(~np.isfinite(take_losses(rows)))
    return int(where[0]) if len(where) else None


def find_divergence(evidence: Evidence) -> Iterator[Finding]:
    """Finds a loss that fell and then rose above its beginning, for good."""
    if evidence.num_rows < _MIN_ITERATIONS:
        return
    onset = find_onset(evidence.known, evidence.recording.epochs)
    if onset is None or onset.loss is None:
        return
    ends = _smooth_ends(evidence)
    if ends is None:
        return
    first, last = ends
    if not np.isfinite(last):
        # What is not finite is another finding; a loss that was low until then tells
        # of bad values rather than of the rate.
        last = _highest_after(evidence, onset.step)
        if last <= max(first, onset.loss + abs(onset.loss)):
            return
        ending = f"rose to {shorten(last)}, and was not finite in the end"
    else:
        ending = f"ended at {shorten(last)}"
    place = Place(onset, onset.step, onset.step)
    yield make_finding(
        "diverged",
        "error",
        f"The training diverged: the loss was low for the last time at {place}, "
        f"{shorten(onset.loss)}{_rate_words(onset.learning_rate)}; it began at "
        f"{shorten(first)} and {ending} (medians of {choose_width(evidence.num_rows)} "
        f"iterations). {_advise(evidence, onset.step, onset.learning_rate)}",
        place,
    )


def _rate_words(rate: float | None) -> str:
    return "" if rate is None else f", where the rate was {shorten(rate)}"


def _advise(evidence: Evidence, step: int, rate: float | None) -> str:
    if rate is None or not math.isfinite(rate):
        return "Lower the rate."
    before = evidence.overview.steps <= step
    rates = evidence.statistics(schema.LEARNING_RATE)[before, 1]
    highest = np.nanmax(rates, initial=-np.inf)
    # A bucket may hold higher rates that came after the onset.
    if rate < 0.5 * highest:
        return (
            f"The rate had been as high as {shorten(highest)} before: look at the data "
            "and clip the gradients (`clipnorm`)."
        )
    return f"Stay below {shorten(rate)}; a range test tells how far."


def _smooth_ends(evidence: Evidence) -> tuple[float, float] | None:
    """Computes the first and the last running median; None if rows are not at hand."""
    width = choose_width(evidence.num_rows)
    known, last = evidence.known, len(evidence.overview) - 1
    span = 1 if known.rows is None else width
    rows = known.read_buckets(0, span), known.read_buckets(last - span, last)
    if min(map(count_rows, rows)) < width:
        return None
    first, end = (SmoothedLoss(take_losses(each), width) for each in rows)
    return first.median_at(0), end.median_at(end.num_windows - 1)


def _highest_after(evidence: Evidence, step: int) -> float:
    """Finds the highest mean loss of a bucket, or the highest loss, after a step."""
    after = evidence.overview.steps > step
    means = evidence.statistics(schema.LOSS)[after, 2]
    return float(np.nanmax(means, initial=-np.inf))


def find_flat_loss(evidence: Evidence) -> Iterator[Finding]:
    """Finds a loss that stayed what it was."""
    num_rows = evidence.num_rows
    if num_rows < _MIN_ITERATIONS or _varies_clearly(evidence):
        return
    bounds = np.linspace(0, num_rows, _SHARES_OF_FLAT + 1).astype(int).tolist()
    means = [
        evidence.known.average_losses(begin, end)[0]
        for begin, end in itertools.pairwise(bounds)
    ]
    if not means[0] > 0 or not np.isfinite(means).all():
        return
    if max(abs(mean / means[0] - 1) for mean in means) > _FLAT_SHARE:
        return
    used = ""
    if schema.LEARNING_RATE in evidence.overview.columns:
        rates = evidence.statistics(schema.LEARNING_RATE)
        low, high = np.nanmin(rates[:, 0]), np.nanmax(rates[:, 1])
        used = f" with rates from {shorten(low)} to {shorten(high)}"
        if low == high:
            used = f" with the rate {shorten(low)}"
    last = len(evidence.overview) - 1
    yield make_finding(
        "flat_loss",
        "warning",
        f"The loss did not change: {shorten(means[0])} in the first fifth of the "
        f"run, {shorten(means[-1])} in the last{used}. The rate is far too low or "
        "far too high, or the model cannot learn this; a range test tells which.",
        evidence.place_in(last, lambda rows: count_rows(rows) - 1),
    )


def _varies_clearly(evidence: Evidence) -> bool:
    """Tells without reading rows that the loss is not flat; of most runs, it is not."""
    losses = evidence.part_losses
    if losses is None or not losses[0] > 0:
        return False
    fifths = losses.reshape(_SHARES_OF_FLAT, -1).mean(axis=1)
    return bool(np.max(np.abs(fifths / fifths[0] - 1)) > 2 * _FLAT_SHARE)
