"""Hooks into a model while it is recorded, and out again without a trace."""

import contextlib
import weakref
from typing import Any

import keras

from lr_plugin.keras.capture.attached_recorders import AttachedRecorders, lock
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.outside_rows import OutsideRows
from lr_plugin.keras.capture.row_taker import RowTaker
from lr_plugin.keras.capture.tensorflow import gradient_targets, replicas
from lr_plugin.keras.capture.tensorflow.earlier_function import (
    find_twin,
    uses_rates_of_now,
)
from lr_plugin.keras.capture.tensorflow.hooks import Hook, call_as_before
from lr_plugin.keras.capture.tensorflow.recorded_function import RecordedFunction
from lr_plugin.keras.capture.tensorflow.ring import Ring
from lr_plugin.keras.capture.tensorflow.step_capture import StepCapture

_MIN_CAPACITY = 1024

_hooks_of: "weakref.WeakKeyDictionary[keras.Model, ModelHooks]" = (
    weakref.WeakKeyDictionary()
)
# What writes the rows of a train function. Holds no model and no function.
_captures: "weakref.WeakKeyDictionary[Any, StepCapture]" = weakref.WeakKeyDictionary()


class ModelHooks(AttachedRecorders):
    """What one model carries while at least one recorder is attached to it.

    - `train_step` and `make_train_function` are hooked: Keras takes the hooked step
      into the function that it makes next, when it would make one anyway.
    - `train_function` is wrapped, so that rows are taken between its calls.
    - `apply`, `scale_loss` and the tape are hooked, for loops without `train_step`.

    Attributes:
        capture: Writes the rows of the train function that is used now.
        outside: Makes the rows instead, where the function must stay as it was made.
    """

    def __init__(self, model: keras.Model):
        super().__init__()
        self.model = weakref.ref(model)
        self._hooks: list[Hook] = []
        self.guard.on_failure = self._tell
        self.capture = StepCapture(model, gradient_norm=False, capacity=_MIN_CAPACITY)
        self._earlier: Any = None
        self._samples_layers = False
        self.outside: OutsideRows | None = None

    @classmethod
    def of(cls, model: keras.Model) -> "ModelHooks":
        """Returns the hooks of a model; they hook in with their first recorder."""
        with lock:
            if model not in _hooks_of:
                _hooks_of[model] = cls(model)
            return _hooks_of[model]

    def add(self, recorder: RowTaker) -> None:
        """Attaches a recorder, in place of those whose training is over."""
        with lock:
            self.recorders()
            if not self._recorders:
                self._recorders.append(weakref.ref(recorder))
                try:
                    self._install(recorder)
                except BaseException:
                    self._end()
                    raise
            else:
                self._recorders.append(weakref.ref(recorder))
            if self.capture.ring is not None:
                ring = self.capture.ring
                recorder.begin_ring(ring, ring.count())

    @property
    def sees_loss(self) -> bool:
        return self.capture.sees_loss

    @property
    def is_chief(self) -> bool:
        return replicas.is_chief(self.model())

    def notes(self) -> list[str]:
        """Returns sentences about what could not be recorded, and why."""
        return [*self.guard.notes, *self.capture.guard.notes]

    def _install(self, recorder: RowTaker) -> None:
        model = recorder.model
        function = vars(model).get("train_function")
        self._earlier = function if _capture_of(function) is None else None
        self._samples_layers = recorder.sampler is not None
        self.outside = None
        capture = _capture_of(function)
        if capture is None:
            capture = StepCapture(
                model,
                gradient_norm=recorder.gradient_norm,
                capacity=max(_MIN_CAPACITY, 4 * model.steps_per_execution),
            )
        self._hook_in(model, capture)
        if recorder.lifetime.is_by_hand or _makes_own_function(model):
            gradient_targets.start_listening(capture)
        self._wrap()

    def _hook_in(self, model: keras.Model, capture: StepCapture) -> None:
        self.capture = capture
        capture.guard.on_failure = self._tell
        capture.is_watched = lambda: bool(self.recorders())
        capture.on_ring = self._begin_ring
        capture.on_outside_row = self._count_row
        self._hooks = [
            Hook(model, "train_step", capture.train_step),
            Hook(model, "make_train_function", self._make_train_function),
        ]
        capture.hold()

    def _unhook(self) -> None:
        if not self._hooks:
            return
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        capture = self.capture
        gradient_targets.stop_listening(capture)
        capture.release()
        capture.is_watched = lambda: False
        capture.on_ring = lambda ring: None
        capture.on_outside_row = lambda: None

    def _uninstall(self) -> None:
        self._unhook()
        model = self.model()
        function = vars(model).get("train_function") if model is not None else None
        if model is not None and isinstance(function, RecordedFunction):
            vars(model)["train_function"] = function.original

    def _make_train_function(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as stack:
            with self.guard.keep("The layers"):
                model = self.model()
                if self._samples_layers and model is not None and self.recorders():
                    stack.enter_context(self.capture.sampling.hooked_into(model))
            result = call_as_before(original, *args, **kwargs)
        with self.guard.keep("The training"):
            if self.recorders():
                self._wrap()
        return result

    def _wrap(self) -> None:
        """Wraps the train function, if there is one that is not wrapped yet."""
        model = self.model()
        function = vars(model).get("train_function") if model is not None else None
        if model is None or function is None or isinstance(function, RecordedFunction):
            return
        is_earlier = function is self._earlier
        if not is_earlier:
            _captures[function] = self.capture
        recorded = RecordedFunction(self, function, is_earlier=is_earlier)
        vars(model)["train_function"] = recorded

    # Where the model has a train function that was made without recording.

    def choose_function(self, earlier: Any, arguments: list[Any]) -> Any:
        """Chooses what to call instead of a function that was made without recording.

        Either one that is the same step and records; or the earlier one itself, and
        what can be told from outside is recorded.

        Args:
            arguments: Those of the call, some of which may be replaced by equal ones.
        """
        twin = None
        with self.capture.guard.keep("The training"):
            model = self.model()
            twin = find_twin(model, earlier, self._make_twin, arguments)
        if twin is not None:
            self._use(_captures[twin])
            return twin
        with self.capture.guard.keep("The training"):
            optimizer = next(iter(find_optimizers(self.model()).values()))
            is_known = uses_rates_of_now(earlier, optimizer)
            self.outside = OutsideRows(optimizer, is_schedule_known=is_known)
            self.capture.guard.note(self.outside.note)
            self._unhook()
            for recorder in self.recorders():
                recorder.begin_ring(self.outside, 0)
        return earlier

    def _make_twin(self) -> Any:
        model = self.model()
        assert model is not None
        recorded = vars(model)["train_function"]
        try:
            vars(model)["train_function"] = None
            model.make_train_function()
            return vars(model)["train_function"].original
        finally:
            vars(model)["train_function"] = recorded

    def _use(self, capture: StepCapture) -> None:
        """Goes on with what belongs to a function of an earlier recording."""
        if capture is not self.capture:
            self._unhook()
            self._hook_in(self.model(), capture)
        if capture.ring is not None:
            for recorder in self.recorders():
                recorder.begin_ring(capture.ring, capture.ring.count())

    def _begin_ring(self, ring: Ring) -> None:
        for recorder in self.recorders():
            # Inside of the step that makes it, where its count cannot be read.
            recorder.begin_ring(ring, 0)

    def _count_row(self) -> None:
        for recorder in self.recorders():
            recorder.count_iterations(1)


def _capture_of(function: Any) -> StepCapture | None:
    try:
        return _captures.get(function)
    except TypeError:
        # None, or something that cannot be referred to weakly.
        return None


def _makes_own_function(model: keras.Model) -> bool:
    return type(model).make_train_function is not keras.Model.make_train_function
