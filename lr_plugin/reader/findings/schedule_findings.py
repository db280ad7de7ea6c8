"""Schedules that do not have the length of the training."""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding, make_finding, shorten
from lr_plugin.rows import Rows, count_rows

# Schedules whose `decay_steps` is the position of their end.
_SCHEDULES_WITH_END = ("CosineDecay", "PolynomialDecay")
# A schedule that is longer by less came nearly to its end.
_MIN_EXCESS = 1.2
# How long the rate has to have stood still, as a share of the run and in iterations.
_MIN_REST_SHARE, _MIN_REST_ROWS = 0.2, 100


def find_early_end(evidence: Evidence) -> Iterator[Finding]:
    """Finds a schedule that ended long before the training."""
    rates = evidence.statistics(schema.LEARNING_RATE)
    last = rates[-1, 2]
    is_tail = (rates[:, 0] == last) & (rates[:, 1] == last)
    begin = len(is_tail) - int(np.argmin(is_tail[::-1]))
    # A rate that fell in stairs may stay on the last one; 0 is another finding.
    changes = np.diff(rates[:begin, 2]) != 0
    # A warm-up that came to its end has not ended too early.
    has_fallen = last < np.nanmax(rates[:, 1])
    is_rest = 0 < begin < len(rates) and last != 0 and has_fallen
    if not is_rest or not len(changes) or changes.mean() < 0.5:
        return

    def rest_begin(rows: Rows) -> int | None:
        differs = np.flatnonzero(rows[schema.LEARNING_RATE] != last)
        i = int(differs[-1]) + 1 if len(differs) else 0
        return i if i < count_rows(rows) else None

    num_rows = int(evidence.overview.num_rows[begin:].sum())
    # The bucket before may hold the beginning.
    place = evidence.place_in(begin - 1, rest_begin)
    if place.moment is None:
        place = evidence.place_in(begin, rest_begin)
    else:
        row = evidence.known.read_buckets(begin - 1, begin - 1)
        num_rows += count_rows(row) - (rest_begin(row) or 0)
    share = num_rows / evidence.num_rows
    if share < _MIN_REST_SHARE or num_rows < _MIN_REST_ROWS:
        return
    name = evidence.recording.run_info.schedule.get("class_name", "schedule")
    yield make_finding(
        "schedule_ended_early",
        "info",
        f"The rate has stayed at {shorten(last)} since {place}, for "
        f"{share:.0%} of the run: {name} came to its end before the training did. Give "
        "it the length of the run unless this is meant.",
        place,
    )


def find_unreached_end(evidence: Evidence) -> Iterator[Finding]:
    """Finds a schedule that the training is too short for."""
    run_info = evidence.recording.run_info
    config = run_info.schedule.get("config") or {}
    name, decay_steps = run_info.schedule.get("class_name"), config.get("decay_steps")
    if name not in _SCHEDULES_WITH_END or not isinstance(decay_steps, int | float):
        return
    # In Keras' CosineDecay, `decay_steps` does not include the warm-up.
    length = decay_steps + (config.get("warmup_steps") or 0)
    num_steps = evidence.recording.num_planned_steps
    if num_steps is None or length < _MIN_EXCESS * num_steps:
        return
    last = len(evidence.overview) - 1
    first_place = evidence.place_in(0, lambda rows: 0)
    place = evidence.place_in(last, lambda rows: count_rows(rows) - 1)
    so_far = ""
    first_rate = first_place.moment.learning_rate if first_place.moment else None
    last_rate = place.moment.learning_rate if place.moment else None
    if first_rate is not None and last_rate is not None:
        so_far = (
            f": so far the rate went from {shorten(first_rate)} to {shorten(last_rate)}"
        )
    yield make_finding(
        "schedule_never_ends",
        "warning",
        f"{name} takes {length:,.0f} iterations to its end, but the training is "
        f"planned for {num_steps:,}{so_far}. Set `decay_steps` to the length of the "
        "run, warm-up not included.",
        place,
    )
