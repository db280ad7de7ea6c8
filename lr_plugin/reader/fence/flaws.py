"""What of each run could not be shown, and why."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping

_logger = logging.getLogger("tensorboard.lr_plugin")

# Of one run; a file may hold thousands of the same kind.
_MAX_SENTENCES = 5


class FlawList:
    """Sentences about runs, for several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: dict[str, dict[str, None]] = {}
        self._known: set[tuple[str, str]] = set()

    def note(self, run: str, reason: str) -> None:
        """Notes why a part of a run is not shown; logs it once."""
        with self._lock:
            reasons = self._reasons.setdefault(run, {})
            is_new = (run, reason) not in self._known
            reasons[reason] = None
            self._known.add((run, reason))
            if len(self._known) > 10_000:
                self._known.clear()
        if is_new and len(reasons) <= _MAX_SENTENCES:
            _logger.warning("Run %s: %s", run, reason)

    def forget(self, run: str) -> None:
        """Forgets what was noted of a run, which is about to be read anew."""
        with self._lock:
            self._reasons.pop(run, None)

    def describe(self, names: Mapping[str, str]) -> list[str]:
        """Says what cannot be shown of some runs.

        Args:
            names: What the user calls each run, by TensorBoard's name.
        """
        sentences = []
        with self._lock:
            for run, name in names.items():
                reasons = list(self._reasons.get(run, ()))
                shown = reasons[:_MAX_SENTENCES]
                sentences += [f"Run {name}: {reason}" for reason in shown]
                if len(reasons) > len(shown):
                    num_more = len(reasons) - len(shown)
                    sentences.append(f"Run {name}: {num_more} more of this kind.")
        return sentences

    @contextlib.contextmanager
    def keep(self, run: str, what: str = "It cannot be read") -> Iterator[None]:
        """Ends whatever one run raises here, and notes it: other runs go on.

        Args:
            what: What cannot be done then.
        """
        try:
            yield
        # What a file may hold has no end; no run may take the others with it.
        except Exception as error:
            _logger.debug("Run %s", run, exc_info=True)
            self.note(run, describe_failure(error, what))


def describe_failure(error: Exception, what: str = "It cannot be read") -> str:
    """Says what cannot be done with a run, and why."""
    text = " ".join(str(error).split())[:300].rstrip(".")
    return f"{what} ({type(error).__name__}: {text})."


Note = Callable[[str], None]
