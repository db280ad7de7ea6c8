"""Silent mistakes that show in the loss."""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.finding import Finding, shorten
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.recording import Recording

# The loss of a shorter run says too little about its course.
_MIN_ITERATIONS = 200


def find_nonfinite_loss(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds losses that are NaN or infinite."""
    counts = overview.statistics[schema.LOSS][:, 3]
    where = np.flatnonzero(counts)
    if not len(where):
        return
    events = [e for e in recording.events if e.kind == "nonfinite_loss"]
    first = where[0]
    step = int(overview.steps[first])
    place = f"iteration {step:,}"
    if events:
        step = events[0].step
        place = f"iteration {step:,}"
    elif overview.num_rows[first] > 1:
        place = f"iterations {step:,} to {overview.last_steps[first]:,}"
    ending = ""
    if counts[-1] == overview.num_rows[-1]:
        ending = " It has not recovered: the updates since then were of no use."
    yield Finding(
        "nonfinite_loss",
        "error",
        f"The loss was NaN or infinite in {int(counts.sum()):,} iterations, first at "
        f"{place}{_rate_at(overview, first)}.{ending} Lower the rate, warm up longer, "
        "clip the gradients (`clipnorm`), or look for bad values in the data.",
        step,
    )


def find_divergence(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds a loss that fell and then rose above its beginning."""
    means = _average_fifths(overview, schema.LOSS)
    if means is None:
        return
    best = int(np.nanargmin(means))
    # Twice the best is more than a fluctuation; a loss above its beginning has lost
    # all that was learned.
    if not (means[-1] > 2 * means[best] and means[-1] > means[0]):
        return
    rates = overview.statistics.get(schema.LEARNING_RATE)
    advice = "Lower the rate."
    if rates is not None:
        peak = int(np.nanargmax(rates[:, 1]))
        advice = (
            f"The highest rate, {shorten(rates[peak, 1])}, was used around "
            f"iteration {overview.steps[peak]:,}. Stay below it; a range test tells "
            "how far."
        )
    step = int(_begin_of_fifth(overview, best))
    yield Finding(
        "diverged",
        "error",
        f"The training diverged: the loss fell to {shorten(means[best])} around "
        f"iteration {step:,}, and ended at {shorten(means[-1])}, above where it "
        f"began ({shorten(means[0])}). {advice}",
        step,
    )


def find_flat_loss(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds a loss that stayed what it was."""
    means = _average_fifths(overview, schema.LOSS)
    if means is None or not means[0] > 0:
        return
    # Within two percent of the first fifth of the run, in every fifth.
    if np.nanmax(np.abs(means / means[0] - 1)) > 0.02:
        return
    rates = overview.statistics.get(schema.LEARNING_RATE)
    used = ""
    if rates is not None:
        low, high = np.nanmin(rates[:, 0]), np.nanmax(rates[:, 1])
        used = f" with rates from {shorten(low)} to {shorten(high)}"
        if low == high:
            used = f" with the rate {shorten(low)}"
    yield Finding(
        "flat_loss",
        "warning",
        f"The loss did not change: {shorten(means[0])} in the first fifth of the "
        f"run, {shorten(means[-1])} in the last{used}. The rate is far too low or "
        "far too high, or the model cannot learn this; a range test tells which.",
        recording.overview.last_step,
    )


def _average_fifths(overview: Overview, name: str) -> np.ndarray | None:
    """Averages a column over each fifth of the run.

    Returns:
        Shape [5]; None if the run is too short or a fifth has no finite value.
    """
    if overview.num_rows.sum() < _MIN_ITERATIONS or len(overview) < 5:
        return None
    statistics = overview.statistics[name]
    weights = np.maximum(overview.num_rows - statistics[:, 3], 0)
    bounds = np.linspace(0, len(overview), 5, endpoint=False).astype(int)
    totals = np.add.reduceat(np.nan_to_num(statistics[:, 2]) * weights, bounds)
    counts = np.add.reduceat(weights, bounds)
    return totals / counts if counts.all() else None


def _begin_of_fifth(overview: Overview, i: int) -> int:
    return overview.steps[i * len(overview) // 5]


def _rate_at(overview: Overview, bucket: int) -> str:
    if schema.LEARNING_RATE not in overview.columns:
        return ""
    rate = overview.statistics[schema.LEARNING_RATE][bucket, 1]
    return f", where the rate was {shorten(rate)}"
