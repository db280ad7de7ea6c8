"""Keeps what fails in the recording away from the training that is recorded."""

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator

_logger = logging.getLogger(__name__)


class Guard:
    """Turns failures into notes, and into one warning.

    Attributes:
        notes: Sentences about what could not be recorded, and why; each once.
        has_failed: Whether anything has failed.
        on_failure: Takes the sentence of each failure; the first is a warning, if None.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.has_failed = False
        self.on_failure: Callable[[str], None] | None = None

    def note(self, text: str) -> None:
        """Adds a sentence, once."""
        if text not in self.notes:
            self.notes.append(text)

    def fail(self, text: str) -> None:
        """Notes a failure."""
        has_failed, self.has_failed = self.has_failed, True
        self.note(text)
        if self.on_failure is not None:
            self.on_failure(text)
        elif not has_failed:
            warn(f"{text} Training goes on.")

    @contextlib.contextmanager
    def keep(self, what: str) -> Iterator[None]:
        """Ends an exception here; a Ctrl-C goes on.

        Args:
            what: What is then missing, as the beginning of a sentence: "The loss".
        """
        try:
            yield
        # Whatever may fail in here, the training that is recorded must go on.
        except Exception as error:  # noqa: BLE001
            self.fail_with(what, error)

    def fail_with(self, what: str, error: Exception) -> None:
        """Notes a failure by its exception, see `keep`."""
        message = " ".join(str(error).split())[:300]
        text = f"{what} could not be recorded ({type(error).__name__}: {message})."
        _logger.debug(text, exc_info=error)
        self.fail(text)


def warn(text: str) -> None:
    """Warns, also where warnings are errors: then it is a line in the log."""
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        _logger.warning(text)
