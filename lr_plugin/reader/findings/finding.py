"""What a finding is, and how it writes numbers."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        kind: What it is, in snake case.
        severity: "error", "warning" or "info".
        text: Sentences for the user.
        step: The iteration that shows it.
    """

    kind: str
    severity: str
    text: str
    step: int


def shorten(value: float) -> str:
    """Writes a number with three significant digits."""
    return f"{value:.3g}"
