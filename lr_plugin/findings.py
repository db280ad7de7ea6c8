"""Silent mistakes that a recording shows, in words: what, where, and what to do."""

import dataclasses

from lr_plugin.recording import Recording


@dataclasses.dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        kind: What it is, in snake case.
        severity: "error", "warning" or "info".
        text: Sentences for a person.
        step: The iteration that shows it.
    """

    kind: str
    severity: str
    text: str
    step: int


def find_findings(recording: Recording) -> list[Finding]:
    """Finds mistakes, the worst first."""
    return []
