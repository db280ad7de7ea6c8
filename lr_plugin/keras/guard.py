"""Keeps what fails in the recording away from the training that is recorded."""

import contextlib
import logging
import warnings
from collections.abc import Callable
from typing import Any

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

    def keep(self, what: str) -> contextlib.AbstractContextManager[None]:
        """Ends an exception in here; a Ctrl-C goes on.

        Args:
            what: What is then missing, as the beginning of a sentence: "The loss".
        """
        return _Kept(self, what)

    def fail_with(self, what: str, error: Exception) -> None:
        """Notes a failure by its exception, see `keep`."""
        message = " ".join(str(error).split())[:300]
        text = f"{what} could not be recorded ({type(error).__name__}: {message})."
        _logger.debug(text, exc_info=error)
        self.fail(text)


class _Kept(contextlib.AbstractContextManager[None]):
    """One use of `Guard.keep`; a generator takes twice as long, many times a step."""

    def __init__(self, guard: Guard, what: str):
        self._guard = guard
        self._what = what

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> bool:
        # Whatever may fail in here, the training that is recorded must go on.
        if not isinstance(error, Exception):
            return False
        self._guard.fail_with(self._what, error)
        return True


def warn(text: str) -> None:
    """Warns, also where warnings are errors: then it is a line in the log."""
    try:
        warnings.warn(text, stacklevel=3)
    except Warning:
        _logger.warning(text)
