"""Writes beside a training that must go on, whatever a file system raises."""

import logging
from collections.abc import Callable

_logger = logging.getLogger(__name__)


class GuardedWrites:
    """Turns errors of writing into one warning until a write succeeds again.

    Attributes:
        has_failed: Whether the last write failed.
    """

    def __init__(self, logdir: str, content: str = "learning rate record"):
        """Names in a warning what is written, and where."""
        self._logdir = logdir
        self._content = content
        self.has_failed = False

    def run(self, write: Callable[[], None]) -> None:
        """Calls a function that writes."""
        try:
            write()
        # OSError, or the errors of a cloud's client.
        except Exception as error:  # noqa: BLE001
            if not self.has_failed:
                _logger.warning(
                    "The %s in %s cannot be written (%s). Training goes on; the record "
                    "will be written as soon as that is possible.",
                    self._content,
                    self._logdir,
                    error,
                )
            self.has_failed = True
        else:
            self.has_failed = False
