"""Captures the iterations of a model inside of its training step."""

import contextlib
import functools
import threading
import weakref
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers
from lr_plugin.keras.capture.optimizers.optimizer_state import inner_optimizer, leaves
from lr_plugin.keras.capture.tensorflow import replicas
from lr_plugin.keras.capture.tensorflow.asked_rate import AskedRates, watch_rate
from lr_plugin.keras.capture.tensorflow.call_sampling import CallSampling
from lr_plugin.keras.capture.tensorflow.compiled_measure import CompiledMeasure
from lr_plugin.keras.capture.tensorflow.gradient_targets import listening
from lr_plugin.keras.capture.tensorflow.hooks import Hook, call_as_before
from lr_plugin.keras.capture.tensorflow.landscape.watched_step import WatchedStep
from lr_plugin.keras.capture.tensorflow.ring import Ring
from lr_plugin.keras.capture.tensorflow.row import Row, TensorFlowUpdateReading
from lr_plugin.keras.capture.tensorflow.same_graph import scope_of_ours
from lr_plugin.keras.capture.tensorflow.step_notes import (
    Cells,
    Latest,
    Losses,
    NotesOfThread,
    StepNotes,
    Update,
)
from lr_plugin.keras.guard import Guard

# Columns that a later trace of the step may add.
_NUM_SPARE = 4


class StepCapture:
    """Adds to a training step what writes its row into a ring.

    Belongs to the train functions that were made while it was hooked in: as long as one
    of these lives, and is traced again, it writes into this ring, whether anybody reads
    it or not. So no fit has to trace a step that an earlier one has traced.

    While a step is traced (or runs eagerly) the model's `compute_loss`, the optimizers'
    `scale_loss` and `apply`, and `GradientTape.gradient` also note what passes through
    them. What they were is called once, and its result handed on, whatever fails here.

    Attributes:
        guard: Holds notes on what could not be recorded.
        sampling: Samples the layers inside of calls of several steps.
        landscape: Knows the loss that the step computes.
        measure: Measures the layers between two calls, once a sampler has asked.
        optimizers: Those that the model held when its step was traced last, by name.
        ring: Where rows are; None before the step is traced.
        on_ring: Called with the ring when it is made.
        is_watched: Tells whether anybody records now.
        on_outside_row: Called after an eager row outside of `train_step`.
        sees_loss: Whether the step that was traced last has a loss that can be seen.
    """

    def __init__(self, model: keras.Model, *, gradient_norm: bool, capacity: int):
        self._model = weakref.ref(model)
        self._gradient_norm = gradient_norm
        self._capacity = capacity
        self._of_thread = NotesOfThread()
        self._lock = threading.RLock()
        self._num_holds = 0
        self._hooks: list[Hook] = []
        self._hooked: weakref.WeakSet[Any] = weakref.WeakSet()
        self._latest: weakref.WeakKeyDictionary[Any, Latest] = (
            weakref.WeakKeyDictionary()
        )
        self._outside_main: weakref.ref[keras.Optimizer] | None = None
        self.guard = Guard()
        self.sampling = CallSampling(model, self.guard)
        self.landscape = WatchedStep()
        self._parts: dict[int, Ring] = {}
        self.ring: Ring | None = None
        self.measure: CompiledMeasure | None = None
        self.optimizers = weakref.WeakValueDictionary[str, keras.Optimizer]()
        self.on_ring: Callable[[Ring], None] = lambda ring: None
        self.is_watched: Callable[[], bool] = lambda: False
        self.on_outside_row: Callable[[], None] = lambda: None
        self.sees_loss = True

    def hold(self) -> None:
        """Hooks into the optimizers and `compute_loss` until as many `release`."""
        model = self._model()
        with self._lock:
            self._num_holds += 1
            if model is None:
                return
            for owner in (model, *find_optimizers(model).values()):
                if owner not in self._hooked:
                    self._hooked.add(owner)
                    self._hook(owner)

    def release(self) -> None:
        """Ends a `hold`."""
        with self._lock:
            self._num_holds -= 1
            if self._num_holds == 0:
                for hook in self._hooks:
                    hook.remove()
                self._hooks.clear()
                self._hooked.clear()

    def _hook(self, owner: Any) -> None:
        if isinstance(owner, keras.Model):
            self._hooks.append(Hook(owner, "compute_loss", self._compute_loss))
            return
        of_owner = functools.partial(self._apply, weakref.ref(owner))
        self._hooks.append(Hook(owner, "apply", of_owner))
        self._hooks.append(Hook(owner, "scale_loss", self._scale_loss))
        for each in leaves(owner).values():
            self._hooks.append(watch_rate(each))

    def train_step(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        """Stands in for `model.train_step`."""
        if tf.executing_eagerly() and not self.is_watched():
            return call_as_before(original, *args, **kwargs)
        notes = None
        stack = contextlib.ExitStack()
        with self.guard.keep("An iteration"):
            notes = self._begin_step(stack, (args, kwargs))
        try:
            result = call_as_before(original, *args, **kwargs)
        finally:
            with self.guard.keep("An iteration"):
                stack.close()
        if notes is not None:
            with self.guard.keep("An iteration"), scope_of_ours():
                self._end_step(notes)
        return result

    def _begin_step(self, stack: contextlib.ExitStack, inputs: Any) -> StepNotes:
        """Begins to note; the stack ends it."""
        self.hold()
        stack.callback(self.release)
        stack.enter_context(listening(self))
        notes = StepNotes(inputs)
        self._of_thread.steps.append(notes)
        stack.callback(self._of_thread.steps.remove, notes)
        return notes

    def on_gradient(
        self, gradients: Any, target: Any, sources: Any, *_: Any, **__: Any
    ) -> None:
        """Notes a gradient; see `gradient_targets.Listener`."""
        with self.guard.keep("The loss"):
            self._losses().add_gradient(target, sources, gradients)

    def _compute_loss(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        loss = call_as_before(original, *args, **kwargs)
        with self.guard.keep("The loss"):
            self._losses().add_computed(loss)
        return loss

    def _scale_loss(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        scaled = call_as_before(original, *args, **kwargs)
        with self.guard.keep("The loss"):
            self._losses().add_scaled(args[0] if args else kwargs["loss"], scaled)
        return scaled

    def _losses(self) -> Losses:
        steps = self._of_thread.steps
        return steps[-1].losses if steps else self._of_thread.outside

    def _apply(
        self,
        optimizer_ref: "weakref.ref[keras.Optimizer]",
        original: Any,
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        reading = None
        with self.guard.keep("An update"):
            optimizer = optimizer_ref()
            if optimizer is not None and (self._of_thread.steps or self.is_watched()):
                with scope_of_ours():
                    reading = self._read(optimizer, *args, **kwargs)
        if reading is None:
            return call_as_before(original, *args, **kwargs)
        stack = contextlib.ExitStack()
        with self.guard.keep("The rate"):
            stack.enter_context(reading.asked)
        try:
            result = call_as_before(original, *args, **kwargs)
        finally:
            with self.guard.keep("The rate"):
                stack.close()
        with self.guard.keep("An update"), scope_of_ours():
            self._note(reading)
        return result

    def _read(
        self, optimizer: keras.Optimizer, grads: Any, trainable_variables: Any = None
    ) -> TensorFlowUpdateReading:
        reading = TensorFlowUpdateReading(optimizer, AskedRates(optimizer))
        gradients = list(grads) if isinstance(grads, list | tuple) else []
        variables = trainable_variables
        if not isinstance(variables, list | tuple):
            variables = getattr(inner_optimizer(optimizer), "_trainable_variables", [])
        with self.guard.keep("The loss"):
            reading.loss, notes = self._losses().find(gradients, variables)
            for note in notes:
                self.guard.note(note)
        if self._gradient_norm:
            with self.guard.keep("The gradients' norm"):
                reading.read_gradient_norm(gradients)
        return reading

    def _note(self, reading: TensorFlowUpdateReading) -> None:
        cells = reading.end()
        steps, optimizer = self._of_thread.steps, reading.optimizer
        if not steps:
            self._add_outside(optimizer, cells)
        elif steps[-1].is_in_its_graph:
            steps[-1].updates.append(Update(optimizer, cells))
        else:
            self._store(optimizer, cells)
            steps[-1].updates.append(Update(optimizer, None))

    # Rows.

    def _end_step(self, notes: StepNotes) -> None:
        optimizers = self._optimizers()
        self.optimizers = weakref.WeakValueDictionary(optimizers)
        updates = list(notes.updates)
        seen = {id(update.optimizer) for update in updates}
        for optimizer in optimizers.values():
            # A function that was traced earlier may have updated here.
            if optimizer in self._latest and id(optimizer) not in seen:
                updates.append(Update(optimizer, None))
        if not updates:
            return
        main = next(iter(optimizers.values()), None)
        if all(update.optimizer is not main for update in updates):
            main = updates[0].optimizer
        self._append(main, updates, notes.inputs)

    def _add_outside(self, optimizer: keras.Optimizer, cells: Any) -> None:
        """Takes an update where nothing tells when a step ends: in a loop by hand.

        A row then ends with an update of whichever optimizer was the first one.
        """
        self._of_thread.outside = Losses()
        main = self._outside_main and self._outside_main()
        if main is None:
            main, self._outside_main = optimizer, weakref.ref(optimizer)
        if optimizer is not main:
            self._store(optimizer, cells)
            return
        others = [Update(each, None) for each in self._latest if each is not main]
        self._append(main, [Update(main, cells), *others], [])
        if tf.executing_eagerly():
            self.on_outside_row()

    def _append(
        self, main: keras.Optimizer, updates: list[Update], inputs: list[tf.Tensor]
    ) -> None:
        names = {id(each): name for name, each in self._optimizers().items()}
        row = Row(main, names)
        replica = replicas.local_replica()
        for update in updates:
            if update.cells is not None:
                row.add(update.optimizer, update.cells)
            elif replica == 0 and not row.has_taken(update.optimizer):
                row.add_latest(update.optimizer, *self._latest[update.optimizer].take())
        with tf.control_dependencies(inputs):
            if replica > 0:
                self._append_part(replica, row.cells_of(main))
                return
            cells = row.cells()
            for note in row.notes():
                self.guard.note(note)
            self.sees_loss = schema.LOSS in cells
            self._ring_for(tuple(cells)).append(cells)
            self.landscape.note_updates(updates)

    def _append_part(self, replica: int, cells: Cells) -> None:
        """Writes what a replica contributes to a row: its part of the loss."""
        if schema.LOSS not in cells:
            return
        if replica not in self._parts:
            part = replicas.create_outside_strategy(
                lambda: Ring((schema.LOSS,), self._capacity)
            )
            self._parts[replica] = part
            if self.ring is not None:
                self.ring.others.append(part)
        self._parts[replica].append({schema.LOSS: cells[schema.LOSS]})

    def _optimizers(self) -> dict[str, keras.Optimizer]:
        model = self._model()
        return {} if model is None else find_optimizers(model)

    def _store(self, optimizer: keras.Optimizer, cells: Any) -> None:
        if replicas.local_replica() > 0:
            return
        if optimizer not in self._latest:
            self._latest[optimizer] = replicas.create_outside_strategy(
                lambda: Latest(tuple(cells))
            )
        self._latest[optimizer].store(cells)

    def _ring_for(self, columns: tuple[str, ...]) -> Ring:
        if self.ring is None:
            self.ring = replicas.create_outside_strategy(
                lambda: Ring(columns, self._capacity, num_spare=_NUM_SPARE)
            )
            self.ring.others += self._parts.values()
            self.sampling.ring = self.ring
            self.on_ring(self.ring)
        return self.ring
