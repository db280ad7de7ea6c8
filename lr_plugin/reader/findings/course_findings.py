"""Trainings that stopped learning, or stopped, while there was more to learn."""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.evidence import NUM_PARTS, Evidence
from lr_plugin.reader.findings.finding import Finding, make_finding, shorten
from lr_plugin.reader.outcome.best_epochs import find_best_epochs
from lr_plugin.rows import count_rows

_MIN_ITERATIONS = 500
# A difference of two means has to be this many standard errors to be one.
_ERRORS = 4

# Decayed too early: the rate below a tenth of its peak, and nothing learned with it,
# for more than half of the run; a shorter rest is how many good schedules end.
_SMALL_SHARE = 0.1
_FLAT_SHARE = 0.02
_MIN_FLAT_PARTS = NUM_PARTS // 2
# ... though a tenth of all that was learned came with less than half of the peak.
_LEARNED_LATE = 0.1
# A loss that fell to a tenth of its beginning is near its floor.
_NEAR_FLOOR = 0.1

# Still falling at the end: the last tenth of the run made the loss lower by a tenth,
# and brought a thirtieth of all that was learned: at that pace a third more is to come.
_FALL_OF_LAST = 0.1
_SHARE_OF_LAST = 0.03

# A cut came too early where the loss had fallen by a tenth in the time before it.
_FALL_BEFORE_CUT = 0.1
_EPOCHS_BEFORE_CUT = 2


def find_early_decay(evidence: Evidence) -> Iterator[Finding]:
    """Finds a rate that became too small while there was more to learn."""
    losses = evidence.part_losses
    if losses is None or evidence.num_rows < _MIN_ITERATIONS:
        return
    level = float(np.median(losses[_MIN_FLAT_PARTS:]))
    error = evidence.error_of(_MIN_FLAT_PARTS, NUM_PARTS) * np.sqrt(_MIN_FLAT_PARTS)
    # Of a hundred parts, one may be off by chance.
    medians = np.median(
        np.lib.stride_tricks.sliding_window_view(np.pad(losses, 2, "edge"), 5), axis=1
    )
    is_flat = np.abs(medians - level) <= max(_FLAT_SHARE * abs(level), _ERRORS * error)
    flat_from = NUM_PARTS - int(np.argmin(is_flat[::-1]))
    if is_flat.all() or flat_from > NUM_PARTS - _MIN_FLAT_PARTS:
        return
    highs = evidence.part_rates(np.fmax, 1).astype(np.float64)
    peak = float(highs.max())
    small_from = NUM_PARTS - int(np.argmax(highs[::-1] > _SMALL_SHARE * peak))
    flat_from = max(flat_from, small_from)
    late_rates = highs[flat_from:]
    # A rate that stands still, or is 0, is another finding.
    if (
        len(late_rates) < _MIN_FLAT_PARTS
        or not 0 < late_rates[-1] < 0.9 * late_rates[0]
    ):
        return
    half = int(np.flatnonzero(highs >= peak / 2)[-1])
    learned, learned_late = losses[0] - level, losses[half] - level
    begin = float(np.max(losses[:2]))
    was_learning = learned_late > max(_LEARNED_LATE * learned, _ERRORS * error)
    if not was_learning or level < _NEAR_FLOOR * begin:
        return
    place = evidence.place_of_row(evidence.part_begin(flat_from))
    if place.moment is None or place.moment.learning_rate is None:
        return
    begin_row = evidence.part_begin(flat_from)
    mean, _ = evidence.known.average_losses(begin_row, evidence.num_rows)
    share = 1 - begin_row / evidence.num_rows
    rate = place.moment.learning_rate
    yield make_finding(
        "decayed_too_early",
        "warning",
        f"The rate decayed too early: since {place}, where it was {shorten(rate)} "
        f"({rate / peak:.2g} of its peak, {shorten(peak)}), the loss has been flat, "
        f"{shorten(mean)} on average for {share:.0%} of the run, and it was falling "
        "before. Let the schedule take the length of the run.",
        place,
    )


def find_falling_end(evidence: Evidence) -> Iterator[Finding]:
    """Finds a training that ended as planned while its loss was falling fast."""
    losses, num_rows = evidence.part_losses, evidence.num_rows
    if losses is None or num_rows < _MIN_ITERATIONS or not _is_finished(evidence):
        return
    tenths = losses.reshape(10, -1).mean(axis=1)
    last_fall, fall_before = tenths[8] - tenths[9], tenths[7] - tenths[8]
    learned = losses[0] - tenths[9]
    error = np.sqrt(2) * evidence.error_of(NUM_PARTS - 20, NUM_PARTS)
    is_falling = min(last_fall, fall_before) > max(
        _FALL_OF_LAST * abs(tenths[9]), _SHARE_OF_LAST * learned, _ERRORS * error
    )
    if not is_falling or not _is_rate_high(evidence) or _is_overfitting(evidence):
        return
    bounds = [num_rows * 8 // 10, num_rows * 9 // 10, num_rows]
    before, _ = evidence.known.average_losses(bounds[0], bounds[1])
    last, _ = evidence.known.average_losses(bounds[1], bounds[2])
    place = evidence.place_in(
        len(evidence.overview) - 1, lambda rows: count_rows(rows) - 1
    )
    yield make_finding(
        "still_falling",
        "info",
        f"The loss was still falling when the training ended: {shorten(last)} in the "
        f"last tenth of the run, {shorten(before)} in the tenth before. Train longer.",
        place,
    )


def _is_rate_high(evidence: Evidence) -> bool:
    """Tells whether the rate at the end is still high, if a rate was recorded.

    A loss that falls because the rate does would not fall on: the rate was too high.
    """
    if schema.LEARNING_RATE not in evidence.overview.columns:
        return True
    lows, highs = evidence.part_rates(np.fmin, 0), evidence.part_rates(np.fmax, 1)
    return bool(lows[-NUM_PARTS // 10 :].min() >= highs.max() / 2)


def _is_finished(evidence: Evidence) -> bool:
    recording = evidence.recording
    planned = recording.num_planned_steps
    return planned is not None and recording.overview.last_step + 1 >= planned


def _is_overfitting(evidence: Evidence) -> bool:
    """Tells whether the best validation lies before the last fifth of the run."""
    recording = evidence.recording
    best = find_best_epochs(evidence.known, recording.events, recording.epochs)
    begin = evidence.overview.steps[evidence.parts[NUM_PARTS * 8 // 10]]
    return any(
        name.startswith("val_") and epoch.step < begin for name, epoch in best.items()
    )


def find_early_cut(evidence: Evidence) -> Iterator[Finding]:
    """Finds that a plateau callback cut the rate while its loss was falling.

    Only where it watches the training loss, and says so in the first word of its text,
    as `MultiplyOnPlateau` does: another metric may stand still meanwhile.
    """
    for event in evidence.recording.events:
        if event.kind != "plateau" or not event.text.startswith("loss "):
            continue
        size = evidence.recording.run_info.steps_per_epoch or 0
        span = max(_EPOCHS_BEFORE_CUT * int(size), 20)
        cut = _row_of_step(evidence, event.step)
        if cut < 2 * span:
            continue
        before, _ = evidence.known.average_losses(cut - 2 * span, cut - span)
        last, _ = evidence.known.average_losses(cut - span, cut)
        if not before - last > _FALL_BEFORE_CUT * abs(before):
            continue
        place = evidence.place_of_step(event.step)
        yield make_finding(
            "cut_while_falling",
            "info",
            f"The rate was cut at {place} while the loss was falling: {shorten(last)} "
            f"in the {span:,} iterations before, {shorten(before)} in the {span:,} "
            "before these. Raise the patience, or lower the least change that counts "
            "as an improvement.",
            place,
        )
        return


def _row_of_step(evidence: Evidence, step: int) -> int:
    """Counts the rows before a step, nearly so where steps were left out."""
    overview = evidence.overview
    bucket = max(int(np.searchsorted(overview.steps, step, side="right")) - 1, 0)
    return int(overview.num_rows[:bucket].sum()) + step - int(overview.steps[bucket])
