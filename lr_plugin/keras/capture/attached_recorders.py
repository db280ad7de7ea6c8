"""The recorders of one model, and the hooks' end with the last of them."""

import abc
import threading
import weakref

from lr_plugin.keras.capture.row_taker import RowTaker
from lr_plugin.keras.guard import Guard

# Of all models: recorders come and go on any thread.
lock = threading.RLock()


class AttachedRecorders(abc.ABC):
    """Holds the recorders of a model weakly; what hooks into the model is one of these.

    Attributes:
        guard: Takes notes on what could not be recorded.
    """

    def __init__(self) -> None:
        self._recorders: list[weakref.ref[RowTaker]] = []
        self.guard = Guard()

    @abc.abstractmethod
    def _uninstall(self) -> None:
        """Takes the hooks out of the model, where nobody records any more."""

    def discard(self, recorder: RowTaker) -> None:
        """Detaches a recorder; the last one takes the hooks with it."""
        with lock:
            had_any = bool(self._recorders)
            self._recorders = [r for r in self._recorders if r() is not recorder]
            if had_any and not [r for r in self._recorders if r() is not None]:
                self._end()

    def recorders(self) -> list[RowTaker]:
        """Returns the recorders that record now, and detaches those that are over."""
        with lock:
            found: list[RowTaker] = []
            for reference in self._recorders:
                if (recorder := reference()) is None:
                    continue
                # Once a step: so without `Guard.keep`, which takes longer.
                try:
                    if recorder.lifetime.is_over():
                        recorder.detach()
                except Exception as error:  # noqa: BLE001
                    self.guard.fail_with("The end of the training", error)
                if recorder.is_attached:
                    found.append(recorder)
            if not found and self._recorders:
                self._end()
            return found

    def _end(self) -> None:
        self._recorders.clear()
        self._uninstall()

    def _tell(self, failure: str) -> None:
        """Lets those who record now know of a failure."""
        for recorder in [recorder for r in self._recorders if (recorder := r())]:
            recorder.guard.fail(failure)
