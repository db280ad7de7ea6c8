"""Silent mistakes that a recording shows, in words: what, where, and what to do.

Each is found in the run's overview, so in hundreds of long runs at once; what is said
of a step is read from the row of that step.
"""

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings import (
    course_findings,
    data_findings,
    landscape_findings,
    loss_findings,
    rate_findings,
    schedule_findings,
    spike_findings,
)
from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.outcome.known_rows import KnownRows
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.recording import Recording

Keep = Callable[[], contextlib.AbstractContextManager[Any]]

_SEVERITIES = ("error", "warning", "info")
# By the columns that they look at.
FINDERS = {
    (schema.LOSS,): (
        loss_findings.find_nonfinite_loss,
        loss_findings.find_divergence,
        loss_findings.find_flat_loss,
        spike_findings.find_spike,
        course_findings.find_falling_end,
        course_findings.find_early_cut,
    ),
    (schema.LEARNING_RATE,): (
        landscape_findings.find_rate_too_low,
        landscape_findings.find_rate_too_high,
        landscape_findings.find_decay_with_room,
        rate_findings.find_ignored_decay,
        rate_findings.find_zero_rate,
        rate_findings.find_rate_jump,
        rate_findings.find_skipped_updates,
        schedule_findings.find_unreached_end,
        schedule_findings.find_early_end,
    ),
    (schema.LEARNING_RATE, schema.LOSS): (
        course_findings.find_early_decay,
        spike_findings.find_short_warmup,
    ),
    (): (data_findings.find_iterations_without_data,),
}


def find_findings(
    recording: Recording,
    known: KnownRows,
    keep: Keep = contextlib.nullcontext,
    *,
    landscape: Landscape | None = None,
) -> list[Finding]:
    """Finds mistakes, the worst first; none in a range test, which is to diverge.

    Args:
        keep: Makes a context around the search for each kind of them, which may end
            what is raised there.
        landscape: What other rates would have done, if that was measured.
    """
    if not len(known.overview) or recording.is_range_test:
        return []
    evidence = Evidence(recording, known, landscape)
    found: list[Finding] = []
    for columns, finders in FINDERS.items():
        if all(_can_be_judged(known.overview, column) for column in columns):
            for find in finders:
                # Of values near the largest that float32 has, sums are infinite.
                with keep(), np.errstate(over="ignore", invalid="ignore"):
                    found += find(evidence)
    return sort_findings(found)


def _can_be_judged(overview: Overview, column: str) -> bool:
    """Tells whether a column says something; a rate that is nowhere finite does not."""
    if column not in overview.columns:
        return False
    return column == schema.LOSS or bool(
        np.isfinite(overview.statistics[column][:, :2]).any()
    )


def sort_findings(found: Iterable[Finding]) -> list[Finding]:
    """Puts the worst first."""
    return sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))
