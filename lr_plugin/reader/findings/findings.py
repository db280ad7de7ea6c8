"""Silent mistakes that a recording shows, in words: what, where, and what to do.

Each is found in the run's overview, so in hundreds of long runs at once; what is said
of a step is read from the row of that step.
"""

from collections.abc import Iterable

from lr_plugin import schema
from lr_plugin.reader.findings import (
    course_findings,
    data_findings,
    loss_findings,
    rate_findings,
    schedule_findings,
    spike_findings,
)
from lr_plugin.reader.findings.evidence import Evidence
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.outcome.known_rows import KnownRows
from lr_plugin.reader.recording import Recording

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


def find_findings(recording: Recording, known: KnownRows) -> list[Finding]:
    """Finds mistakes, the worst first; none in a range test, which is to diverge."""
    if not len(known.overview) or recording.is_range_test:
        return []
    evidence = Evidence(recording, known)
    found = [
        finding
        for columns, finders in FINDERS.items()
        if all(column in known.overview.columns for column in columns)
        for find in finders
        for finding in find(evidence)
    ]
    return sort_findings(found)


def sort_findings(found: Iterable[Finding]) -> list[Finding]:
    """Puts the worst first."""
    return sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))
