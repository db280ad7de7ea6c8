"""Records with a train function that an earlier fit has made without recording."""

import itertools
from typing import Any

import jax
import keras
import numpy as np

from lr_plugin.keras.capture.jax.same_rate import holds_rate
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.optimizers.rates_before import schedules_copied
from lr_plugin.keras.capture.outside_rows import OutsideRows


class EarlierFunction:
    """Stands in for a train function, and decides in its first call how to record.

    With a function that is the same step and returns its rows, if there can be one: the
    step is traced once more for that. Else the earlier one itself is called, and what
    can be told from outside is recorded.

    Attributes:
        original: The function that was made without recording.
    """

    def __init__(self, original: Any, hooks: Any):
        self.original = original
        self._hooks = hooks
        self._function: Any = None
        self._outside: OutsideRows | None = None

    def __call__(self, state: Any, iterator: Any) -> Any:
        recorders = self._hooks.recorders()
        if not recorders:
            return self.original(state, iterator)
        if self._function is None:
            data = next(iterator)
            iterator = itertools.chain([data], iterator)
            self._function = self.original
            with self._hooks.guard.keep("The training"):
                self._choose(state, data, recorders)
        if self._outside is None:
            return self._function(state, iterator)
        model = self._hooks.model()
        with self._hooks.guard.keep("An iteration"), _values(model, state):
            self._outside.before_call()
        logs, state = self._function(state, iterator)
        with self._hooks.guard.keep("An iteration"):
            with _values(model, state):
                self._outside.after_call()
            for recorder in recorders:
                with recorder.kept("Some iterations"):
                    recorder.after_call(model.steps_per_execution)
        return logs, state

    def _choose(self, state: Any, data: Any, recorders: Any) -> None:
        model = self._hooks.model()
        if _is_same_step(model, self.original, state, data):
            self._function = self._make_twin(model)
            return
        optimizer = next(iter(find_optimizers(model).values()))
        earlier = _step_of(self.original)
        is_known = earlier is not None and holds_rate(
            earlier.trace(state, data).jaxpr, state, optimizer
        )
        self._outside = OutsideRows(optimizer, is_schedule_known=is_known)
        self._hooks.guard.note(self._outside.note)
        self._hooks.outside = self._outside
        for recorder in recorders:
            recorder.begin_ring(self._outside, 0)

    def _make_twin(self, model: keras.Model) -> Any:
        attributes = vars(model)
        attributes["train_function"] = None
        try:
            model.make_train_function()
            return attributes["train_function"]
        finally:
            attributes["train_function"] = self


def _is_same_step(model: keras.Model, function: Any, state: Any, data: Any) -> bool:
    """Tells whether the step, traced now, would be what was traced then.

    Python values are baked into it, and may have changed since.
    """
    if model.run_eagerly or not model.jit_compile:
        return True
    earlier = _step_of(function)
    if earlier is None:
        return False
    if not earlier._cache_size():
        return True
    # What it has traced then: JAX answers with that, and does not trace it again.
    then = earlier.trace(state, data).jaxpr
    # A function of its own, for the same reason.
    with schedules_copied(find_optimizers(model).values()):
        now = jax.jit(lambda *args: model.train_step(*args)).trace(state, data).jaxpr
    return (
        str(then.jaxpr) == str(now.jaxpr)
        and len(then.consts) == len(now.consts)
        and all(map(_is_equal, then.consts, now.consts))
    )


def _step_of(function: Any) -> Any:
    """Finds the compiled step that a train function of Keras calls; or None."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    cells = dict(zip(names, getattr(function, "__closure__", None) or (), strict=True))
    if "step_function" not in cells:
        return None
    step = cells["step_function"].cell_contents
    return step if hasattr(step, "trace") else None


def _is_equal(first: Any, second: Any) -> bool:
    return np.asarray(first).tobytes() == np.asarray(second).tobytes()


def _values(model: keras.Model, state: Any) -> keras.StatelessScope:
    """Makes a scope in which the optimizer's variables are those of a state."""
    mapping = list(zip(model.optimizer.variables, state[2], strict=True))
    return keras.StatelessScope(state_mapping=mapping)
