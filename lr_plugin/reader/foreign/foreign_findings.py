"""Silent mistakes in a run of another program, as of a recording of the same rows."""

import dataclasses
import re
from collections.abc import Sequence

from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.findings.findings import find_findings
from lr_plugin.reader.outcome.known_rows import KnownRows
from lr_plugin.reader.recording import Recording

# What these look at is not in scalars: what the optimizer counted and was asked for.
_NOT_FOUND = {"iterations_without_data", "skipped_updates", "ignored_decay"}
_COUNT = re.compile(r"(\d[\d,]*) iteration(s?)\b")
_KERAS_ARGUMENT = " (`clipnorm`)"


@dataclasses.dataclass(frozen=True)
class ForeignRecording(Recording):
    """What is known of a run of another program, as of a recording.

    Attributes:
        known_epochs: Where its epochs begin.
    """

    known_epochs: Epochs

    @property
    def epochs(self) -> Epochs:
        """Where epochs begin."""
        return self.known_epochs


def find_foreign_findings(
    recording: ForeignRecording, known: KnownRows, *, is_every_step: bool
) -> Sequence[Finding]:
    """Finds mistakes, the worst first, in words that fit another program.

    Args:
        is_every_step: Whether there is a row for every step, so that rows may be called
            iterations.
    """
    return [
        dataclasses.replace(
            finding, text=_reword(finding.text, is_every_step=is_every_step)
        )
        for finding in find_findings(recording, known)
        if finding.kind not in _NOT_FOUND
    ]


def _reword(text: str, *, is_every_step: bool) -> str:
    text = text.replace(_KERAS_ARGUMENT, "")
    return text if is_every_step else _COUNT.sub(r"\1 logged point\2", text)
