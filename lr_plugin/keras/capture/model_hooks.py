"""Hooks into a model while it is recorded, and out again without a trace."""

import contextlib
import threading
import weakref
from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from lr_plugin.keras.capture import gradient_targets
from lr_plugin.keras.capture.hooks import Hook, call_as_before
from lr_plugin.keras.capture.ring import Ring
from lr_plugin.keras.capture.step_capture import StepCapture
from lr_plugin.keras.guard import Guard

if TYPE_CHECKING:
    from lr_plugin.keras.capture.recorder import Recorder

_MIN_CAPACITY = 1024

_lock = threading.RLock()
_hooks_of: "weakref.WeakKeyDictionary[keras.Model, ModelHooks]" = (
    weakref.WeakKeyDictionary()
)
# What writes the rows of a train function. Holds no model and no function.
_captures: "weakref.WeakKeyDictionary[Any, StepCapture]" = weakref.WeakKeyDictionary()


class ModelHooks:
    """What one model carries while at least one recorder is attached to it.

    - `train_step` and `make_train_function` are hooked: Keras takes the hooked step
      into the function that it makes next, when it would make one anyway.
    - `train_function` is wrapped, so that rows are taken between its calls.
    - `apply`, `scale_loss` and the tape are hooked, for loops without `train_step`.

    Attributes:
        capture: Writes the rows of the train function that is used now.
    """

    def __init__(self, model: keras.Model):
        self.model = weakref.ref(model)
        self._recorders: list[weakref.ref[Recorder]] = []
        self._hooks: list[Hook] = []
        self._guard = Guard()
        self.capture = StepCapture(model, gradient_norm=False, capacity=_MIN_CAPACITY)
        self._foreign: Any = None
        self._samples_layers = False

    @classmethod
    def of(cls, model: keras.Model) -> "ModelHooks":
        """Returns the hooks of a model; they hook in with their first recorder."""
        with _lock:
            if model not in _hooks_of:
                _hooks_of[model] = cls(model)
            return _hooks_of[model]

    def add(self, recorder: "Recorder") -> None:
        """Attaches a recorder, in place of those whose training is over."""
        with _lock:
            self.recorders()
            if not self._recorders:
                try:
                    self._install(recorder)
                except BaseException:
                    self._uninstall()
                    raise
            self._recorders.append(weakref.ref(recorder))
            if self.capture.ring is not None:
                ring = self.capture.ring
                recorder.begin_ring(ring, ring.count())

    def discard(self, recorder: "Recorder") -> None:
        """Detaches a recorder; the last one takes the hooks with it."""
        with _lock:
            had_any = bool(self._recorders)
            self._recorders = [r for r in self._recorders if r() is not recorder]
            if had_any and not [r for r in self._recorders if r() is not None]:
                self._recorders.clear()
                self._uninstall()

    def recorders(self) -> "list[Recorder]":
        """Returns the recorders that record now, and detaches those that are over."""
        with _lock:
            if not self._recorders:
                return []
            found = [recorder for r in self._recorders if (recorder := r())]
            for recorder in found:
                if recorder.lifetime.is_over():
                    recorder.detach()
            found = [recorder for recorder in found if recorder.is_attached]
            if not found and self._recorders:
                self._recorders.clear()
                self._uninstall()
            return found

    def _install(self, recorder: "Recorder") -> None:
        model = recorder.model
        function = vars(model).get("train_function")
        capture = _capture_of(function)
        if capture is None:
            capture = StepCapture(
                model,
                gradient_norm=recorder.gradient_norm,
                capacity=max(_MIN_CAPACITY, 4 * model.steps_per_execution),
            )
        self.capture = capture
        capture.is_watched = lambda: bool(self.recorders())
        capture.on_ring = self._begin_ring
        capture.on_outside_row = self._count_row
        self._foreign = function if _capture_of(function) is None else None
        self._hooks = [
            Hook(model, "train_step", capture.train_step),
            Hook(model, "make_train_function", self._make_train_function),
        ]
        self._samples_layers = recorder.sampler is not None
        capture.hold()
        if recorder.lifetime.is_by_hand or _makes_own_function(model):
            gradient_targets.start_listening(capture)
        self._wrap()

    def _uninstall(self) -> None:
        model = self.model()
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        gradient_targets.stop_listening(self.capture)
        self.capture.release()
        self.capture.is_watched = lambda: False
        self.capture.on_ring = lambda ring: None
        self.capture.on_outside_row = lambda: None
        function = vars(model).get("train_function") if model is not None else None
        if isinstance(function, RecordedFunction):
            vars(model)["train_function"] = function.function

    def _make_train_function(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        with contextlib.ExitStack() as stack:
            with self._guard.keep("The layers"):
                model = self.model()
                if self._samples_layers and model is not None and self.recorders():
                    stack.enter_context(self.capture.sampling.hooked_into(model))
            result = call_as_before(original, *args, **kwargs)
        with self._guard.keep("The training"):
            if self.recorders():
                self._wrap()
        return result

    def _wrap(self) -> None:
        """Wraps the train function, if there is one that is not wrapped yet."""
        model = self.model()
        function = vars(model).get("train_function") if model is not None else None
        if function is None or isinstance(function, RecordedFunction):
            return
        if function is not self._foreign:
            _captures[function] = self.capture
        vars(model)["train_function"] = RecordedFunction(self, function)

    def _begin_ring(self, ring: Ring) -> None:
        for recorder in self.recorders():
            # Inside of the step that makes it, where its count cannot be read.
            recorder.begin_ring(ring, 0)

    def _count_row(self) -> None:
        for recorder in self.recorders():
            recorder.count_iterations(1)


class RecordedFunction:
    """Calls a train function and lets recorders take over what it has done."""

    def __init__(self, hooks: ModelHooks, function: Any):
        self._hooks = hooks
        self.function = function

    def __getattr__(self, name: str) -> Any:
        if name == "function":
            raise AttributeError(name)
        return getattr(self.function, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        recorders = self._hooks.recorders()
        for recorder in recorders:
            recorder.before_call()
        try:
            logs = self.function(*args, **kwargs)
        except (StopIteration, tf.errors.OutOfRangeError):
            # The end of the data, which Keras expects.
            raise
        except BaseException:
            for recorder in recorders:
                recorder.detach()
            raise
        for recorder in recorders:
            recorder.after_call()
        return logs


def _capture_of(function: Any) -> StepCapture | None:
    try:
        return _captures.get(function)
    except TypeError:
        # None, or something that cannot be referred to weakly.
        return None


def _makes_own_function(model: keras.Model) -> bool:
    return type(model).make_train_function is not keras.Model.make_train_function
