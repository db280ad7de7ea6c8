"""Hooks into a model that trains with JAX, and out again without a trace."""

import contextlib
import functools
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import keras
import numpy as np
from jax import numpy as jnp

from lr_plugin import schema
from lr_plugin.keras.capture.hook import Hook
from lr_plugin.keras.capture.host.host_hooks import HostHooks
from lr_plugin.keras.capture.host.update_reading import (
    HostUpdateReading,
    read_loss_scale,
)
from lr_plugin.keras.capture.jax.earlier_function import EarlierFunction
from lr_plugin.keras.capture.jax.gradient_values import listening
from lr_plugin.keras.capture.jax.step import (
    JaxUpdateReading,
    Outputs,
    StepNotes,
    StepsOfThread,
    pack,
    unpack,
)
from lr_plugin.keras.capture.layers.layer_measure import LayerMeasure
from lr_plugin.keras.capture.optimizers.optimizer_state import inner_optimizer, leaves

_IN_A_LOOP = (
    "Updates in a loop or a branch of the training step were not recorded: JAX hands "
    "nothing out of these."
)


class ModelHooks(HostHooks):
    """What one model carries while at least one recorder is attached to it.

    `make_train_function` is hooked. The function that Keras makes then, when it would
    make one anyway, holds a step that returns its row beside its logs, and what calls
    that step takes the row off again. While the step is traced (or runs eagerly), the
    optimizers' `stateless_apply` and `scale_loss`, the model's
    `_update_metrics_variables`, `jax.value_and_grad` and `jax.grad` also note what
    passes through them.

    A function that was made so stays as long as Keras keeps it; without a recorder the
    rows are dropped.
    """

    def __init__(self, model: keras.Model):
        super().__init__(model)
        self._hooks: list[Hook] = []
        self._of_thread = StepsOfThread()
        self._made: weakref.WeakSet[Any] = weakref.WeakSet()
        self._state: Any = None
        self._compiled_measure: Any = None

    @property
    def is_chief(self) -> bool:
        return jax.process_index() == 0

    def install(self, model: keras.Model) -> None:
        self._hooks = [Hook(model, "make_train_function", self._make_train_function)]
        function = vars(model).get("train_function")
        if function is not None and function not in self._made:
            earlier = EarlierFunction(function, self)
            vars(model)["train_function"] = earlier

    def uninstall(self, model: keras.Model | None) -> None:
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        self._state = None
        function = None if model is None else vars(model).get("train_function")
        if model is not None and isinstance(function, EarlierFunction):
            vars(model)["train_function"] = function.original

    # The train function.

    def _make_train_function(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        model = self.model()
        if model is None:
            return original(*args, **kwargs)
        before = vars(model).get("train_function")
        with self.recorded_step(model):
            result = original(*args, **kwargs)
        function = vars(model).get("train_function")
        if function is not None and function is not before:
            self._made.add(function)
        return result

    @contextlib.contextmanager
    def recorded_step(self, model: keras.Model) -> Iterator[None]:
        """Lets the function that is made meanwhile hold a step with a row."""
        hooks: list[Hook] = []
        with self.guard.keep("The training"):
            is_compiled = not model.run_eagerly and model.jit_compile
            train_step = functools.partial(self._train_step, is_compiled)
            hooks.append(Hook(model, "_make_function", self._take_off))
            hooks.append(Hook(model, "train_step", train_step))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _take_off(self, original: Any, step: Any, *args: Any, **kwargs: Any) -> Any:
        return original(functools.partial(self._call_step, step), *args, **kwargs)

    def _call_step(self, step: Any, state: Any, data: Any) -> Any:
        """Calls a step, and takes the row off what it returns."""
        recorders = self.recorders()
        if recorders:
            self._state = state
            self.before_step(recorders)
        self._of_thread.num_takers += 1
        try:
            outputs, state = step(state, data)
        except BaseException:
            self.detach_all(recorders)
            raise
        finally:
            self._of_thread.num_takers -= 1
        if not isinstance(outputs, Outputs):
            # What records it is not in there; that there was a step is to be known.
            self._state = None
            self.after_step(recorders)
            return outputs, state
        if recorders:
            with self.guard.keep("An iteration"):
                if outputs.row is not None:
                    self.add_row(recorders, outputs.columns, outputs.row)
            self._state = state
            self.after_step(recorders)
            self._state = None
        return outputs.logs, state

    # The step.

    def _train_step(self, is_compiled: bool, original: Any, *args: Any) -> Any:
        if not self._of_thread.num_takers or not (is_compiled or self.recorders()):
            return original(*args)
        notes = StepNotes()
        stack = contextlib.ExitStack()
        with self.guard.keep("An iteration"):
            self._begin_step(stack, notes)
        try:
            logs, state = original(*args)
        finally:
            with self.guard.keep("An iteration"):
                stack.close()
        row: Any = None
        columns: tuple[str, ...] = ()
        with self.guard.keep("An iteration"):
            row, columns = self._make_row(notes)
        return Outputs(logs, row, columns), state

    def _begin_step(self, stack: contextlib.ExitStack, notes: StepNotes) -> None:
        model = self.model()
        if model is None:
            return
        self._of_thread.steps.append(notes)
        stack.callback(self._of_thread.steps.remove, notes)
        stack.enter_context(listening(self._note_target))
        owners: list[tuple[Any, str, Any]] = [
            (model, "_update_metrics_variables", self._note_loss)
        ]
        for optimizer in self.optimizers(model).values():
            apply = functools.partial(self._apply, weakref.ref(optimizer))
            owners.append((optimizer, "stateless_apply", apply))
            owners.append((optimizer, "scale_loss", self._scale_loss))
        for owner, name, stand_in in owners:
            stack.callback(Hook(owner, name, stand_in).remove)

    def _notes(self) -> StepNotes | None:
        """Returns the notes of the step under way, if it can use what comes now."""
        steps = self._of_thread.steps
        return steps[-1] if steps and steps[-1].is_reachable() else None

    def _note_target(self, value: Any) -> None:
        with self.guard.keep("The loss"):
            if notes := self._notes():
                notes.target = value

    def _note_loss(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        with self.guard.keep("The loss"):
            loss = kwargs["unscaled_loss"] if "unscaled_loss" in kwargs else args[1]
            if notes := self._notes():
                notes.loss = loss
        return original(*args, **kwargs)

    def _scale_loss(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        scaled = original(*args, **kwargs)
        with self.guard.keep("The loss"):
            loss = args[0] if args else kwargs.get("loss")
            if self._of_thread.steps and scaled is not loss:
                self._of_thread.steps[-1].is_scaled = True
        return scaled

    def _apply(
        self,
        optimizer_ref: "weakref.ref[keras.Optimizer]",
        original: Any,
        optimizer_variables: Any,
        grads: Any,
        trainable_variables: Any,
    ) -> Any:
        optimizer, notes, reading = optimizer_ref(), self._notes(), None
        if notes is None and self._of_thread.steps:
            self.guard.note(_IN_A_LOOP)
        stack = contextlib.ExitStack()
        if optimizer is not None and notes is not None:
            with self.guard.keep("An update"):
                with _values(optimizer, optimizer_variables):
                    reading = self._read(optimizer, notes, grads)
                self._watch_rates(stack, optimizer, reading)
        try:
            result = original(optimizer_variables, grads, trainable_variables)
        finally:
            stack.close()
        if optimizer is not None and notes is not None and reading is not None:
            with self.guard.keep("An update"), _values(optimizer, result[1]):
                notes.updates.append((optimizer, reading.end()))
        return result

    def _read(
        self, optimizer: keras.Optimizer, notes: StepNotes, grads: Any
    ) -> HostUpdateReading:
        reading = JaxUpdateReading(optimizer)
        if notes.target is not None:
            reading.loss = notes.target
            if notes.is_scaled:
                reading.loss = notes.target / read_loss_scale(optimizer)
        if self.gradient_norm:
            with self.guard.keep("The gradients' norm"):
                reading.read_gradient_norm(grads)
        notes.target, notes.is_scaled = None, False
        return reading

    def _watch_rates(
        self, stack: contextlib.ExitStack, optimizer: Any, reading: HostUpdateReading
    ) -> None:
        if inner_optimizer(optimizer) is not optimizer:
            # It asks in a branch, out of which nothing can be handed.
            return
        for each in leaves(optimizer).values():
            note = functools.partial(_note_rate, reading, weakref.ref(each))
            stack.callback(Hook(each, "_get_current_learning_rate", note).remove)

    def _make_row(self, notes: StepNotes) -> tuple[Any, tuple[str, ...]]:
        if not notes.updates:
            return None, ()
        cells = self.join(notes.updates)
        if notes.loss is not None and len({id(o) for o, _ in notes.updates}) == 1:
            cells[schema.LOSS] = notes.loss
        return pack(cells)

    # What the host asks.

    def fetch(self, rows: Sequence[Any], columns: tuple[str, ...]) -> np.ndarray:
        return unpack(rows)

    def is_ready(self, row: Any) -> bool:
        return bool(row.is_ready())

    def copy_weights(self) -> list[Any]:
        return list(_copied(self._state[0]))

    def measure(self, before: list[Any]) -> tuple[LayerMeasure, np.ndarray]:
        model = self.model()
        assert model is not None
        measure, is_new = self.measure_of(model)
        if is_new:
            variables = [*model.trainable_variables, *model.optimizer.variables]

            def table(before: list[Any], values: list[Any]) -> Any:
                mapping = list(zip(variables, values, strict=True))
                with keras.StatelessScope(state_mapping=mapping):
                    return measure.table(before)

            self._compiled_measure = jax.jit(table)
        values = [*self._state[0], *self._state[2]]
        return measure, np.asarray(self._compiled_measure(before, values))


@jax.jit
def _copied(values: Any) -> Any:
    # The step may take over the memory of those that it is given.
    return [jnp.copy(value) for value in values]


def _values(optimizer: keras.Optimizer, values: Any) -> keras.StatelessScope:
    """Makes a scope in which an optimizer's variables have these values."""
    mapping = list(zip(optimizer.variables, values, strict=True))
    return keras.StatelessScope(state_mapping=mapping)


def _note_rate(
    reading: HostUpdateReading,
    optimizer_ref: "weakref.ref[keras.Optimizer]",
    original: Any,
) -> Any:
    rate = original()
    optimizer = optimizer_ref()
    if optimizer is not None:
        reading.note_rate(optimizer, rate)
    return rate
