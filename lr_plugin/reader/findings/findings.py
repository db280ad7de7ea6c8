"""Silent mistakes that a recording shows, in words: what, where, and what to do.

Each is found in the run's overview, so in hundreds of long runs at once; what is said
of a step is exact to 256 iterations, or to one in a run of up to 1024.
"""

from lr_plugin import metadata, schema
from lr_plugin.reader.findings import loss_findings, rate_findings
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.outcome.known_rows import KnownRows
from lr_plugin.reader.recording import Recording

_SEVERITIES = ("error", "warning", "info")
# By the column that they look at.
_FINDERS = {
    schema.LOSS: (
        loss_findings.find_nonfinite_loss,
        loss_findings.find_divergence,
        loss_findings.find_flat_loss,
    ),
    schema.LEARNING_RATE: (
        rate_findings.find_ignored_decay,
        rate_findings.find_zero_rate,
        rate_findings.find_unreached_end,
        rate_findings.find_early_end,
        rate_findings.find_skipped_updates,
    ),
}


def find_findings(recording: Recording, known: KnownRows) -> list[Finding]:
    """Finds mistakes, the worst first; none in a range test, which is to diverge."""
    overview = recording.overview
    if not len(overview) or metadata.RANGE_TEST_TAG in recording.tags:
        return []
    overview = known.overview
    found = [
        finding
        for column, finders in _FINDERS.items()
        if column in overview.columns
        for find in finders
        for finding in find(recording, overview)
    ]
    return sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))
