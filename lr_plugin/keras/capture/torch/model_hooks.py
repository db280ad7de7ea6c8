"""Hooks into a model that trains with PyTorch, and out again without a trace."""

import functools
import itertools
import threading
import weakref
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import torch

from lr_plugin.keras.capture.hook import Hook
from lr_plugin.keras.capture.host.host_hooks import HostHooks
from lr_plugin.keras.capture.host.update_reading import HostUpdateReading
from lr_plugin.keras.capture.layers.layer_measure import LayerMeasure
from lr_plugin.keras.capture.optimizers.optimizer_state import leaves
from lr_plugin.keras.capture.optimizers.update_reading import Cells
from lr_plugin.keras.capture.outside_rows import NOTE_OF_COMPILED, OutsideRows
from lr_plugin.keras.capture.row_taker import RowTaker
from lr_plugin.keras.capture.torch.backward_targets import (
    start_listening,
    stop_listening,
)
from lr_plugin.keras.capture.torch.compiled_function import CompiledFunction
from lr_plugin.keras.capture.torch.row_block import RowBlocks, RowSlice, joined
from lr_plugin.keras.capture.torch.update_reading import TorchUpdateReading

_LOSS_IS_MEAN = (
    "The training step takes the gradient of a loss that is not one number, which is "
    "the gradient of its sum; the recorded loss is its mean."
)


class _OfThread(threading.local):
    """What one thread has noted: the updates of its step, and what leads to one."""

    def __init__(self) -> None:
        self.updates: list[tuple[keras.Optimizer, Cells]] | None = None
        self.readings: list[HostUpdateReading] = []
        self.forget()

    def forget(self) -> None:
        """Forgets the losses, once an update has used them."""
        self.target: Any = None
        self.scaled: tuple[Any, Any] | None = None


class ModelHooks(HostHooks):
    """What one model carries while at least one recorder is attached to it.

    `train_step` is hooked, the optimizers' `apply` and `scale_loss`, and what takes
    gradients. They note tensors and wait for none. What is called in each step catches
    by `try` what fails, not by `Guard.keep`, which takes several times as long.
    """

    def __init__(self, model: keras.Model):
        super().__init__(model)
        self._hooks: list[Hook] = []
        self._of_thread = _OfThread()
        self._rows = RowBlocks()

    @property
    def is_chief(self) -> bool:
        distributed = torch.distributed
        is_several = distributed.is_available() and distributed.is_initialized()
        return not is_several or distributed.get_rank() == 0

    def install(self, model: keras.Model) -> None:
        if model.jit_compile and not model.run_eagerly:
            self._install_outside(model)
            return
        self._hooks = [Hook(model, "train_step", self._train_step)]
        for optimizer in self.optimizers(model).values():
            apply = functools.partial(self._apply, weakref.ref(optimizer))
            self._hooks.append(Hook(optimizer, "apply", apply))
            self._hooks.append(Hook(optimizer, "scale_loss", self._scale_loss))
            for each in leaves(optimizer).values():
                note = functools.partial(self._note_rate, weakref.ref(each))
                self._hooks.append(Hook(each, "_get_current_learning_rate", note))
        start_listening(self)

    def uninstall(self, model: keras.Model | None) -> None:
        stop_listening(self)
        for hook in reversed(self._hooks):
            hook.remove()
        self._hooks.clear()
        function = None if model is None else vars(model).get("train_function")
        if model is not None and isinstance(function, CompiledFunction):
            vars(model)["train_function"] = function.original

    def _install_outside(self, model: keras.Model) -> None:
        """Records from outside: hooks in a compiled step would be compiled as well."""
        self.guard.note(NOTE_OF_COMPILED)
        optimizer = next(iter(self.optimizers(model).values()))
        self.outside = OutsideRows(optimizer)
        for recorder in self.recorders():
            recorder.begin_ring(self.outside, 0)
        self._hooks = [Hook(model, "make_train_function", self._make_train_function)]
        self._wrap(model)

    def _make_train_function(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        with self.guard.keep("The training"):
            if (model := self.model()) is not None:
                self._wrap(model)
        return result

    def _wrap(self, model: keras.Model) -> None:
        function = vars(model).get("train_function")
        if function is not None and not isinstance(function, CompiledFunction):
            wrapped = CompiledFunction(function, self, self.outside)
            vars(model)["train_function"] = wrapped

    # The step.

    def _train_step(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        recorders = self.recorders()
        if not recorders:
            return original(*args, **kwargs)
        self.before_step(recorders)
        thread = self._of_thread
        outer, thread.updates = thread.updates, []
        try:
            logs = original(*args, **kwargs)
        except BaseException:
            thread.updates = outer
            self.detach_all(recorders)
            raise
        updates, thread.updates = thread.updates, outer
        thread.forget()
        try:
            if updates:
                self._add_row(recorders, updates)
        except Exception as error:  # noqa: BLE001
            self.guard.fail_with("An iteration", error)
        self.after_step(recorders)
        return logs

    def on_target(self, target: Any) -> None:
        """Notes what is differentiated; see `backward_targets.Listener`."""
        self._of_thread.target = target

    def _scale_loss(self, original: Any, *args: Any, **kwargs: Any) -> Any:
        scaled = original(*args, **kwargs)
        self._of_thread.scaled = scaled, args[0] if args else kwargs.get("loss")
        return scaled

    def _note_rate(self, optimizer_ref: Any, original: Any) -> Any:
        rate = original()
        try:
            if (readings := self._of_thread.readings) and (
                optimizer := optimizer_ref()
            ):
                readings[-1].note_rate(optimizer, rate)
        except Exception as error:  # noqa: BLE001
            self.guard.fail_with("The rate", error)
        return rate

    def _apply(
        self, optimizer_ref: Any, original: Any, grads: Any, *args: Any, **kwargs: Any
    ) -> Any:
        optimizer = optimizer_ref()
        reading: HostUpdateReading | None = None
        try:
            if optimizer is not None:
                reading = self._read(optimizer, grads)
        except Exception as error:  # noqa: BLE001
            self.guard.fail_with("An update", error)
        if reading is None:
            return original(grads, *args, **kwargs)
        readings = self._of_thread.readings
        readings.append(reading)
        try:
            result = original(grads, *args, **kwargs)
        finally:
            readings.remove(reading)
        try:
            update = optimizer, reading.end()
            if (updates := self._of_thread.updates) is not None:
                updates.append(update)
            else:
                self._add_outside(update)
        except Exception as error:  # noqa: BLE001
            self.guard.fail_with("An update", error)
        return result

    def _read(self, optimizer: keras.Optimizer, grads: Any) -> HostUpdateReading:
        reading, thread = TorchUpdateReading(optimizer), self._of_thread
        target, scaled = thread.target, thread.scaled
        thread.forget()
        if scaled is not None and (target is None or scaled[0] is target):
            target = scaled[1]
        if target is not None:
            if target.numel() != 1:
                self.guard.note(_LOSS_IS_MEAN)
            loss = target.detach()
            reading.loss = loss.mean() if loss.ndim else loss.clone()
        if self.gradient_norm:
            with self.guard.keep("The gradients' norm"), torch.no_grad():
                reading.read_gradient_norm(grads)
        return reading

    def _add_outside(self, update: tuple[keras.Optimizer, Cells]) -> None:
        """Takes an update in a loop by hand, where nothing tells when a step ends."""
        recorders = self.recorders()
        self._add_row(recorders, [update])
        for recorder in recorders:
            recorder.count_iterations(1)

    def _add_row(
        self,
        recorders: Sequence[RowTaker],
        updates: list[tuple[keras.Optimizer, Cells]],
    ) -> None:
        cells = self.join(updates)
        self.add_row(recorders, tuple(cells), [self._rows.add(cells)])

    # What the host asks.

    def fetch(self, rows: Sequence[Any], columns: tuple[str, ...]) -> np.ndarray:
        return np.concatenate([each.table() for each in self.pack(rows)])

    def pack(self, rows: Sequence[list[RowSlice]]) -> list[RowSlice]:
        return joined(itertools.chain.from_iterable(rows))

    def is_ready(self, row: Any) -> bool:
        return True

    def copy_weights(self) -> list[Any]:
        model = self.model()
        assert model is not None
        return [
            variable.value.detach().clone() for variable in model.trainable_variables
        ]

    def measure(self, before: list[Any]) -> tuple[LayerMeasure, np.ndarray]:
        model = self.model()
        assert model is not None
        measure, _ = self.measure_of(model)
        with torch.no_grad():
            return measure, measure.table(before).cpu().numpy()
