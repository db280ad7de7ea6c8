"""What a model carries while it is recorded, where the host gets every row."""

import abc
import weakref
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
import numpy as np

from lr_plugin import schema
from lr_plugin.keras.capture.attached_recorders import AttachedRecorders, lock
from lr_plugin.keras.capture.host.pending_rows import PendingRows
from lr_plugin.keras.capture.host.update_reading import join_updates
from lr_plugin.keras.capture.layers.layer_measure import LayerMeasure
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.optimizers.update_reading import Cells
from lr_plugin.keras.capture.row_taker import RowTaker
from lr_plugin.keras.capture.unseen import rate_unseen
from lr_plugin.keras.guard import Guard


class HostHooks(AttachedRecorders):
    """Hooks into a model with its first recorder, and out again with its last.

    Attributes:
        model: A weak reference to the model.
        outside: Makes the rows instead, where the step must stay as it was made.
        capture: What a `LayerSampler` asks: this.
        gradient_norm: Whether to record the norm of all gradients.
        sees_loss: Whether the newest row has a loss.
    """

    _of_model: ClassVar["weakref.WeakKeyDictionary[keras.Model, Any]"] = (
        weakref.WeakKeyDictionary()
    )

    def __init__(self, model: keras.Model):
        super().__init__()
        self.model = weakref.ref(model)
        self.outside: Any = None
        self.gradient_norm = False
        self.sees_loss = True
        self._newest: tuple[tuple[str, ...], Any] | None = None
        self._measure: LayerMeasure | None = None
        self._found: dict[str, weakref.ref[keras.Optimizer]] = {}
        # Of the optimizers, by their identity, the first one first.
        self._names: dict[int, str] = {}

    @classmethod
    def of(cls, model: keras.Model) -> Any:
        """Returns the hooks of a model; they hook in with their first recorder."""
        with lock:
            if model not in cls._of_model:
                cls._of_model[model] = cls(model)
            return cls._of_model[model]

    # What a backend does in its own way.

    @property
    @abc.abstractmethod
    def is_chief(self) -> bool:
        """Whether this process is the one that writes."""

    @abc.abstractmethod
    def install(self, model: keras.Model) -> None:
        """Hooks in."""

    @abc.abstractmethod
    def uninstall(self, model: keras.Model | None) -> None:
        """Removes what `install` has put there."""

    @abc.abstractmethod
    def fetch(self, rows: Sequence[Any], columns: tuple[str, ...]) -> np.ndarray:
        """Waits for rows and brings them to the host: [num_rows, num_columns]."""

    # Makes few objects of many rows for `fetch`, if that is worth it.
    pack: Callable[[list[Any]], Any] | None = None

    @abc.abstractmethod
    def is_ready(self, row: Any) -> bool:
        """Tells whether a row can be fetched without waiting."""

    @abc.abstractmethod
    def copy_weights(self) -> list[Any]:
        """Copies the weights, before a step."""

    @abc.abstractmethod
    def measure(self, before: list[Any]) -> tuple[LayerMeasure, np.ndarray]:
        """Measures the update of a step, after it."""

    # Recorders.

    def add(self, recorder: RowTaker) -> None:
        """Attaches a recorder, in place of those whose training is over."""
        with lock:
            is_first = not self.recorders()
            self._recorders.append(weakref.ref(recorder))
            ring = PendingRows(self.fetch, self.is_ready, self.pack)
            recorder.begin_ring(ring, 0)
            if is_first:
                self._begin(recorder)

    def notes(self) -> list[str]:
        """Returns sentences about what could not be recorded, and why."""
        return list(self.guard.notes)

    def _begin(self, recorder: RowTaker) -> None:
        self.guard = Guard()
        self.guard.on_failure = self._tell
        self.outside = None
        self.gradient_norm = recorder.gradient_norm
        self._newest = self._measure = None
        self._found.clear()
        self._names.clear()
        try:
            self.install(recorder.model)
        except BaseException:
            self._end()
            raise

    def _uninstall(self) -> None:
        self.uninstall(self.model())

    # Steps. What fails is raised again within `kept`, which takes long to enter.

    @property
    def capture(self) -> "HostHooks":
        return self

    def before_step(self, recorders: Sequence[RowTaker]) -> None:
        """Prepares for a step."""
        self._newest = None
        for recorder in recorders:
            try:
                recorder.before_call()
            except Exception:
                with recorder.kept("A sample of the layers"):
                    raise

    def after_step(self, recorders: Sequence[RowTaker]) -> None:
        """Takes over what a step has done."""
        for recorder in recorders:
            try:
                recorder.after_call(1)
            except Exception:
                with recorder.kept("Some iterations"):
                    raise

    def detach_all(self, recorders: Sequence[RowTaker]) -> None:
        """Ends the recording, where a step has failed."""
        for recorder in recorders:
            with recorder.kept("The end of the training"):
                recorder.detach()

    def optimizers(self, model: keras.Model) -> dict[str, keras.Optimizer]:
        """Returns what `find_optimizers` finds; to look through a model takes long."""
        known = {name: each() for name, each in self._found.items()}
        first = next(iter(known.values()), None)
        found = {name: each for name, each in known.items() if each is not None}
        if first is None or first is not model.optimizer or len(found) < len(known):
            found = find_optimizers(model)
            self._found = {name: weakref.ref(each) for name, each in found.items()}
        return found

    def join(self, updates: Sequence[tuple[keras.Optimizer, Cells]]) -> Cells:
        """Makes the cells of a step's row of its updates, at least one."""
        if not all([id(optimizer) in self._names for optimizer, _ in updates]):
            self._found.clear()
            model = self.model()
            optimizers = {} if model is None else self.optimizers(model)
            self._names = {id(each): name for name, each in optimizers.items()}
        cells, notes = join_updates(updates, self._names)
        if schema.LEARNING_RATE not in cells:
            notes.append(rate_unseen())
        for note in notes:
            self.guard.note(note)
        return cells

    def add_row(
        self, recorders: Sequence[RowTaker], columns: tuple[str, ...], row: Any
    ) -> None:
        """Hands a row to the recorders, as it is."""
        self._newest = columns, row
        self.sees_loss = schema.LOSS in columns
        for recorder in recorders:
            recorder.drain.ring.append(columns, row)

    def newest_row(self) -> dict[str, float] | None:
        """Waits for the row of the newest step; None if it has none."""
        if self._newest is None:
            return None
        columns, row = self._newest
        (values,) = self.fetch([row], columns)
        return dict(zip(columns, map(float, values), strict=True))

    def measure_of(self, model: keras.Model) -> tuple[LayerMeasure, bool]:
        """Returns what measures the layers, and whether it is a new one."""
        optimizers = self.optimizers(model)
        if self._measure is not None and self._measure.is_of(model, optimizers):
            return self._measure, False
        self._measure = LayerMeasure(model, optimizers)
        return self._measure, True
