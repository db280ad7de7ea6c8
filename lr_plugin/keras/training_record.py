"""The record of one training, from its first iteration to its end."""

import dataclasses
import importlib.metadata
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

import lr_plugin
from lr_plugin import schema
from lr_plugin.background import BackgroundWriter
from lr_plugin.keras import optimizer_state
from lr_plugin.keras.layer_sampler import LayerSampler
from lr_plugin.keras.recorder import Recorder
from lr_plugin.keras.row_events import RowEventFinder
from lr_plugin.keras.training_summary import TrainingSummary, extend_summary
from lr_plugin.writer import RunWriter

_IDLE_SECS = 2.0


class TrainingRecord:
    """Records one training of a model and writes it in the background."""

    def __init__(
        self,
        model: keras.Model,
        *,
        choose_logdir: Callable[[int], str],
        num_iterations: int | None,
        run_info: schema.RunInfo,
        layer_samples: int,
        gradient_norm: bool,
    ):
        """Begins to record.

        Args:
            choose_logdir: Takes the first step and returns where to write.
            num_iterations: Expected length of the training; None if unknown.
            run_info: What the caller knows; this class adds what the model knows.
            layer_samples: How often to sample the layers; 0 for never.
            gradient_norm: Whether to record the gradients' norm.
        """
        optimizer = model.optimizer
        self._choose_logdir = choose_logdir
        self._run_info = dataclasses.replace(
            run_info,
            optimizer=optimizer_state.describe_optimizer(optimizer),
            schedule=optimizer_state.describe_schedule(optimizer),
            steps_per_execution=model.steps_per_execution,
            accumulation_steps=optimizer_state.accumulation_steps(optimizer),
            versions=_versions(),
        )
        # Only one of several workers may write; all take part in summing the loss.
        self._is_chief = model.distribute_strategy.extended.should_save_summary
        self._writer: BackgroundWriter | None = None
        self._waiting: list[Callable[[RunWriter], None]] = []
        self._event_finder = RowEventFinder(
            has_schedule=self._run_info.schedule["class_name"] != "constant",
            accumulation_steps=self._run_info.accumulation_steps,
        )
        self.summary: TrainingSummary | None = None
        sampler = None
        if layer_samples:
            sampler = LayerSampler(
                num_samples=layer_samples,
                num_iterations=num_iterations,
                on_sample=self._on_layers,
            )
        self._recorder = Recorder(
            model,
            on_rows=self._on_rows,
            gradient_norm=gradient_norm,
            layer_sampler=sampler,
        )
        self._recorder.attach()

    def drain(self) -> None:
        """Takes over what the training has done so far."""
        self._recorder.drain()

    def begin_epoch(self, epoch: int) -> None:
        """Notes the epoch, counted from 0, that begins now."""
        if self.summary is None:
            self._run_info = dataclasses.replace(self._run_info, first_epoch=epoch)

    def end_epoch(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Writes the epoch's end with its metrics."""
        self.drain()
        metrics = {name: float(value) for name, value in logs.items()}
        values = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        text = f"Epoch {epoch + 1} ended" + (f": {values}." if values else ".")
        self.add_event("epoch_end", None, text, {"epoch": epoch, **metrics})

    def add_event(
        self, kind: str, step: int | None, text: str, details: Mapping[str, Any]
    ) -> None:
        """Writes an event at a step; None means the last iteration so far."""
        if step is None:
            self.drain()
            step = self.summary.last_step if self.summary is not None else 0
        event = schema.Event(kind, step, text, details)
        self._submit(lambda writer: writer.write_event(event))

    def flush(self) -> None:
        """Waits until what was recorded so far is on disk."""
        self.drain()
        if self._writer is not None:
            self._writer.flush()

    def end(self) -> None:
        """Ends the recording and waits until it is on disk."""
        self._recorder.detach()
        if self._writer is not None:
            self._writer.close()

    def explain_gaps(self) -> list[str]:
        """Says in sentences what of this training could not be recorded, and why."""
        recorder = self._recorder
        gaps = []
        if recorder.num_calls and not recorder.num_rows:
            gaps.append(
                "No iteration was recorded: this model's `train_step` does not call "
                "`self.optimizer.apply` or `apply_gradients`, through which the rate "
                "is seen."
            )
        elif recorder.num_rows and not recorder.sees_loss:
            gaps.append(
                "The loss was not recorded: this model's `train_step` calls neither "
                "`self.compute_loss` nor `self.optimizer.scale_loss`, through which it "
                "is seen."
            )
        if recorder.num_lost_rows:
            gaps.append(
                f"{recorder.num_lost_rows} iterations were not recorded: they ran in "
                "one call of the train function that is longer than the buffer."
            )
        return gaps

    def _on_rows(self, rows: dict[str, np.ndarray]) -> None:
        if self.summary is None:
            self._begin_writing(int(rows[schema.STEP][0]))
        self.summary = extend_summary(self.summary, rows)
        events = self._event_finder.find(rows)

        def write(writer: RunWriter) -> None:
            writer.write_rows(rows)
            for event in events:
                writer.write_event(event)

        self._submit(write)

    def _begin_writing(self, first_step: int) -> None:
        """Opens the run as soon as its first step is known.

        Not before: another callback may restore a checkpoint when training begins.
        """
        run_info = dataclasses.replace(
            self._run_info, first_step=first_step, notes=self.explain_gaps()
        )
        if self._is_chief:
            recorder = weakref.ref(self._recorder)
            self._writer = BackgroundWriter(
                self._choose_logdir(first_step), on_idle=lambda: _drain(recorder)
            )
        waiting, self._waiting = self._waiting, []
        self._submit(lambda writer: writer.write_run_info(run_info))
        if first_step > 0:
            text = f"Training went on from step {first_step}."
            event = schema.Event("restart", first_step, text)
            self._submit(lambda writer: writer.write_event(event))
        for call in waiting:
            self._submit(call)

    def _on_layers(
        self, step: int, layers: list[str], samples: dict[str, np.ndarray]
    ) -> None:
        self._submit(lambda writer: writer.write_layers(step, layers, samples))

    def _submit(self, call: Callable[[RunWriter], None]) -> None:
        if self.summary is None and self._writer is None:
            self._waiting.append(call)
        elif self._writer is not None:
            self._writer.submit(call)


def _drain(recorder: weakref.ref[Recorder]) -> bool:
    """Takes over what is new if training pauses; False if nobody trains any more."""
    alive = recorder()
    if alive is None:
        return False
    alive.drain_if_idle(_IDLE_SECS)
    return True


def _versions() -> dict[str, str]:
    names = ("keras", "tensorflow", "tensorboard")
    versions = {name: importlib.metadata.version(name) for name in names}
    return {**versions, "tensorboard-plugin-lr": lr_plugin.__version__}
