"""The record of one training, from its first iteration to its end."""

import dataclasses
import importlib.metadata
from collections.abc import Callable, Mapping
from typing import Any

import keras

import lr_plugin
from lr_plugin import schema
from lr_plugin.keras.capture import optimizer_state
from lr_plugin.keras.capture.layer_sampler import LayerSampler
from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.run_log import LOSS_UNSEEN, RunLog
from lr_plugin.keras.training_summary import TrainingSummary

_UPDATE_UNSEEN = (
    "No iteration was recorded: this model's `train_step` does not call "
    "`self.optimizer.apply` or `apply_gradients`, through which the rate is seen."
)


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
        steps_before: int = 0,
    ):
        """Begins to record.

        Args:
            choose_logdir: Takes the first step and returns where to write.
            num_iterations: Expected length of the training; None if unknown.
            run_info: What the caller knows; this class adds what the model knows.
            layer_samples: How often to sample the layers; 0 for never.
            gradient_norm: Whether to record the gradients' norm.
            steps_before: What is added to the optimizer's iterations.
        """
        # Only one of several workers may write; all take part in summing the loss.
        is_chief = model.distribute_strategy.extended.should_save_summary
        self._log = RunLog(
            _complete(run_info, model),
            choose_logdir=choose_logdir if is_chief else lambda first_step: None,
        )
        sampler = None
        if layer_samples:
            sampler = LayerSampler(
                num_samples=layer_samples,
                num_iterations=num_iterations,
                on_sample=self._log.add_layers,
            )
        self._recorder = Recorder(
            model,
            on_rows=self._log.add_rows,
            gradient_norm=gradient_norm,
            layer_sampler=sampler,
            steps_before=steps_before,
        )
        self._log.watch(self._recorder)
        self._recorder.attach()

    @property
    def summary(self) -> TrainingSummary | None:
        """What the rows that were taken over so far amount to."""
        return self._log.summary

    def drain(self) -> None:
        """Takes over what the training has done so far."""
        self._recorder.drain()

    def begin_epoch(self, epoch: int) -> None:
        """Notes the epoch, counted from 0, that begins now."""
        self._log.set_first_epoch(epoch)

    def end_epoch(self, epoch: int, logs: Mapping[str, Any]) -> None:
        """Writes the epoch's end with its metrics."""
        metrics = {name: float(value) for name, value in logs.items()}
        values = ", ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        text = f"Epoch {epoch + 1} ended" + (f": {values}." if values else ".")
        self.add_event("epoch_end", None, text, {"epoch": epoch, **metrics})

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
        self._recorder.detach()
        self._log.close()
        drain, gaps = self._recorder.drain, []
        if self._recorder.num_calls and not drain.num_rows:
            gaps.append(_UPDATE_UNSEEN)
        elif drain.num_rows and not self._recorder.sees_loss:
            gaps.append(LOSS_UNSEEN)
        if drain.num_lost_rows:
            gaps.append(
                f"{drain.num_lost_rows} iterations were not recorded: they ran in one "
                "call of the train function that is longer than the buffer."
            )
        return gaps


def _complete(run_info: schema.RunInfo, model: keras.Model) -> schema.RunInfo:
    names = ("keras", "tensorflow", "tensorboard")
    versions = {name: importlib.metadata.version(name) for name in names}
    optimizer = model.optimizer
    return dataclasses.replace(
        run_info,
        optimizer=optimizer_state.describe_optimizer(optimizer),
        schedule=optimizer_state.describe_schedule(optimizer),
        steps_per_execution=model.steps_per_execution,
        accumulation_steps=optimizer_state.accumulation_steps(optimizer),
        versions={**versions, "tensorboard-plugin-lr": lr_plugin.__version__},
    )
