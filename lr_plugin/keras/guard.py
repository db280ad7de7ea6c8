"""Keeps what fails in the recording away from the training that is recorded."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

_logger = logging.getLogger(__name__)


class Guard:
    """Turns failures into one warning and a note each.

    Attributes:
        notes: Sentences about what could not be recorded, and why; each once.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._has_warned = False

    def note(self, text: str) -> None:
        """Adds a sentence, once."""
        if text not in self.notes:
            self.notes.append(text)

    @contextlib.contextmanager
    def keep(self, what: str) -> Iterator[None]:
        """Ends an exception here; a Ctrl-C goes on.

        Args:
            what: What is then missing, as the beginning of a sentence: "The loss".
        """
        try:
            yield
        # Whatever may fail in here, the training that is recorded must go on.
        except Exception as error:
            message = " ".join(str(error).split())[:300]
            text = f"{what} could not be recorded ({type(error).__name__}: {message})."
            self.note(text)
            _logger.debug(text, exc_info=True)
            if not self._has_warned:
                self._has_warned = True
                warn(f"{text} Training goes on.")


def warn(text: str) -> None:
    """Warns, also where warnings are errors: then it is a line in the log."""
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        _logger.warning(text)
