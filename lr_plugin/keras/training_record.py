"""The record of one training, from its first iteration to its end."""

import dataclasses
import functools
import importlib.metadata
from collections.abc import Mapping
from typing import Any

import keras

import lr_plugin
from lr_plugin import schema
from lr_plugin.keras.capture import outside_rows, unseen
from lr_plugin.keras.capture.backends import (
    create_landscape_sampler,
    create_layer_sampler,
)
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.describe_optimizer import (
    describe_optimizer,
    describe_schedule,
)
from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.epoch_metrics import number_metrics
from lr_plugin.keras.guard import Guard
from lr_plugin.keras.metric_direction import MetricDirections
from lr_plugin.keras.run_log import ClaimFolder, RunLog
from lr_plugin.keras.training_summary import TrainingSummary

_NOTHING_TRAINED = (
    "No iteration was recorded: no weight of this model is trained. Make some layers "
    "trainable, or train without this callback."
)
_NO_LANDSCAPE = (
    "The loss landscape was not measured: nothing here knows how on this backend "
    "of Keras. It is measured on TensorFlow."
)


class TrainingRecord:
    """Records one training of a model and writes it in the background.

    Attributes:
        recorder: Takes the rows.
    """

    def __init__(
        self,
        model: keras.Model,
        *,
        layer_samples: int,
        landscape_samples: int,
        gradient_norm: bool,
        guard: Guard,
    ):
        """Hooks into the model, before its step is traced.

        Args:
            layer_samples: How often to sample the layers; 0 for never.
            landscape_samples: How often to sample the loss landscape; 0 for never.
            gradient_norm: Whether to record the gradients' norm.
            guard: Takes notes on what could not be recorded.

        Raises:
            ValueError: The model is not compiled.
        """
        self._guard = guard
        self._log = RunLog(guard)
        self._layer_samples = layer_samples
        self._landscape_samples = landscape_samples
        self._directions = MetricDirections()
        self.recorder = Recorder(
            model,
            on_rows=functools.partial(_add_rows, self._log, self._guard),
            gradient_norm=gradient_norm,
            layer_sampler=self._layer_sampler(None),
            landscape_sampler=self._landscape_sampler(None),
            guard=self._guard,
        )
        self._log.watch(self.recorder)
        self.recorder.attach()
        self._log.read_notes = self.recorder.note_reader()

    def begin(
        self,
        *,
        claim_folder: ClaimFolder,
        num_iterations: int | None,
        run_info: schema.RunInfo,
        steps_before: int = 0,
    ) -> None:
        """Begins the record; no iteration may have run before.

        Args:
            claim_folder: Takes what is trained from which row on and returns where to
                write.
            num_iterations: Expected length of the training; None if unknown.
            run_info: What the caller knows; this class adds what the model knows.
            steps_before: What is added to the optimizer's iterations.
        """
        model = self.recorder.model
        self.recorder.begin_lifetime()
        self.recorder.attach()
        self.recorder.drain.steps_before = steps_before
        self.recorder.sampler = self._layer_sampler(num_iterations)
        self.recorder.landscape_sampler = self._landscape_sampler(num_iterations)
        # Only one of several workers may write; all take part in summing the loss.
        is_chief = self.recorder.is_chief
        with self._guard.keep("What is trained"):
            run_info = _complete(run_info, model, self._guard)
        self._log.begin(run_info, claim_folder if is_chief else lambda *_: None)

    @property
    def summary(self) -> TrainingSummary | None:
        """What the rows that were taken over so far amount to."""
        return self._log.summary

    def drain(self) -> None:
        """Takes over what the training has done so far."""
        self.recorder.drain()

    def begin_epoch(self, epoch: int) -> None:
        """Notes the epoch, counted from 0, that begins now."""
        self._log.set_first_epoch(epoch)

    def end_epoch(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Writes the epoch's end with its metrics."""
        metrics = number_metrics(logs, note=self._guard.note)
        values = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        text = f"Epoch {epoch + 1} ended" + (f": {values}." if values else ".")
        details: dict[str, Any] = {"epoch": epoch, **metrics}
        with self._guard.keep("Which values of a metric are better"):
            model = self.recorder.model
            details[schema.HIGHER_IS_BETTER] = self._directions.find(model, metrics)
        self.add_event("epoch_end", None, text, details)
        self._log.write_new_notes()

    def add_event(
        self, kind: str, step: int | None, text: str, details: Mapping[str, Any]
    ) -> None:
        """Writes an event at a step; None means the last iteration so far."""
        self.drain()
        self._log.add_event(kind, step, text, details)

    def flush(self) -> None:
        """Waits until what was recorded so far is on disk."""
        self.drain()
        self._log.flush()

    def end(self) -> list[str]:
        """Ends the recording and waits until it is on disk.

        Returns:
            Sentences about what could not be recorded, and why.
        """
        recorder = self.recorder
        recorder.detach()
        self._log.close()
        drain = recorder.drain
        gaps: list[str] = []
        if self._guard.has_failed:
            return gaps
        if recorder.num_calls and not drain.num_rows:
            trains = bool(recorder.model.trainable_variables)
            gaps.append(unseen.update_unseen() if trains else _NOTHING_TRAINED)
        elif drain.num_rows and not recorder.sees_loss:
            gaps.append(unseen.loss_unseen())
        gaps += [note for note in recorder.notes if note in outside_rows.NOTES]
        if drain.num_lost_rows:
            gaps.append(
                f"{drain.num_lost_rows} iterations were not recorded: they ran in one "
                "call of the train function that is longer than the buffer."
            )
        return gaps

    def _layer_sampler(self, num_iterations: int | None) -> Any:
        if not self._layer_samples:
            return None
        sampler = None
        with self._guard.keep("A sample of the layers"):
            sampler = create_layer_sampler(
                num_samples=self._layer_samples,
                num_iterations=num_iterations,
                on_sample=self._log.add_layers,
            )
        return sampler

    def _landscape_sampler(self, num_iterations: int | None) -> Any:
        if not self._landscape_samples:
            return None
        sampler = None
        with self._guard.keep("The loss landscape"):
            sampler = create_landscape_sampler(
                num_samples=self._landscape_samples,
                num_iterations=num_iterations,
                on_sample=self._log.add_landscape,
            )
            if sampler is None:
                self._guard.note(_NO_LANDSCAPE)
        return sampler


def _add_rows(log: RunLog, guard: Guard, rows: schema.Rows) -> None:
    with guard.keep("Some iterations"):
        log.add_rows(dict(rows))


def _complete(
    run_info: schema.RunInfo, model: keras.Model, guard: Guard
) -> schema.RunInfo:
    names = ("keras", keras.backend.backend(), "tensorboard")
    versions = {name: importlib.metadata.version(name) for name in names}
    optimizer = model.optimizer
    return dataclasses.replace(
        run_info,
        optimizer=describe_optimizer(optimizer, note=guard.note),
        schedule=describe_schedule(optimizer, note=guard.note),
        steps_per_execution=model.steps_per_execution,
        accumulation_steps=optimizer_state.accumulation_steps(optimizer),
        versions={**versions, "tensorboard-plugin-lr": lr_plugin.__version__},
    )
