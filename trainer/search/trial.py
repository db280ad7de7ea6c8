"""One training of a search: a run like any other, which is watched and can go on."""

import dataclasses
import math
import pathlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from lr_plugin.keras import LearningRateLogger
from lr_plugin.keras.epoch_metrics import number_metrics
from trainer.data.loading import Data
from trainer.runs.folder import begin_run, run_folder
from trainer.runs.hparams import HPARAMS, with_numbers, write_settings
from trainer.settings.config import Config
from trainer.train import (
    build_training,
    compiled_model,
    fit_and_record,
    restore_training,
)
from trainer.training.checkpoint import read_checkpoint
from trainer.training.epoch_history import HISTORY, read_history
from trainer.training.lost_files import LostFiles


@dataclasses.dataclass(frozen=True)
class TrialRun:
    """The result of one training of a trial.

    Attributes:
        folder: The run folder.
        epochs: What was reported at the end of each epoch, by its number.
        last_step: The last iteration.
        is_hopeless: Whether it was ended early.
        lost: Its files that could not be written.
    """

    folder: pathlib.Path
    epochs: Mapping[int, Mapping[str, float]]
    last_step: int
    is_hopeless: bool
    lost: LostFiles = dataclasses.field(default_factory=LostFiles)

    def has_diverged(self, objective: str) -> bool:
        """Tells whether the loss or the objective is not finite at the end."""
        last = list(self.epochs.values())[-1]
        return not (math.isfinite(last["loss"]) and math.isfinite(last[objective]))


class TakenOver(Exception):  # noqa: N818 - not an error: another trains it
    """Another worker has the trial now; this one must not write to it any more."""


class TrialWatch(keras.callbacks.Callback):
    """Ends a training that diverges or is hopeless, or that another worker has now.

    Args:
        objective: The name of what is compared.
        is_hopeless: Takes the values of the objective so far, by epoch.
        is_taken: Asked after every batch whether another worker has the trial.

    Attributes:
        epochs: What was reported at the end of each epoch, by its number.
        is_hopeless: Whether it ended the training because others are better.
    """

    def __init__(
        self,
        objective: str,
        *,
        is_hopeless: Callable[[Sequence[float]], bool],
        is_taken: Callable[[], bool],
    ):
        super().__init__()
        self._objective = objective
        self._ask_if_hopeless = is_hopeless
        self._is_taken = is_taken
        self.epochs: dict[int, Mapping[str, float]] = {}
        self.is_hopeless = False

    def go_on(self, epochs: Mapping[int, Mapping[str, float]]) -> None:
        """Takes over the epochs that another program may have trained before."""
        self.epochs = dict(epochs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._is_taken():
            raise TakenOver
        if not math.isfinite(float(logs["loss"])):
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        # Not from history.csv, for which there may be no room. A program that was
        # killed may have trained epochs that are trained again.
        self.epochs = {i: row for i, row in self.epochs.items() if i < epoch}
        self.epochs[epoch] = number_metrics(logs or {}, note=lambda _: None)
        values = [row[self._objective] for row in self.epochs.values()]
        if not math.isfinite(values[-1]):
            self.model.stop_training = True
        elif epoch + 1 < self.params["epochs"] and self._ask_if_hopeless(values):
            self.is_hopeless = True
            self.model.stop_training = True


def train_trial(
    config: Config,
    data: Data,
    watch: TrialWatch,
    *,
    extra: Mapping[str, Any],
    epochs: int,
    begin_at: pathlib.Path | None = None,
) -> TrialRun:
    """Trains in <logdir>/<run>, from the last checkpoint there if there is one.

    Args:
        config: The settings of this training; its `epochs` shape the schedule.
        extra: What the tab shows with the run; must have `hparams`.
        epochs: How many epochs to train now, at most `config.epochs`.
        begin_at: The folder of a training that this one continues.

    Raises:
        ConfigError: The settings do not fit the data.
        Interrupted: Ctrl-C or SIGTERM; a checkpoint of that moment is written.
        TakenOver: Another worker has the trial.
    """
    folder = run_folder(config)
    before = read_checkpoint(begin_at / "checkpoints") if begin_at else None
    checkpoint = read_checkpoint(folder / "checkpoints")
    history = read_history(folder / HISTORY)
    if checkpoint is not None:
        first_epoch = 0 if before is None else before.epoch
        if not history.keys() >= set(range(first_epoch, checkpoint.epoch)):
            # There was no room for them: only another training knows these scores.
            checkpoint = None
    is_new = checkpoint is None
    if is_new:
        # A worker that was killed before its first checkpoint may have left a folder.
        shutil.rmtree(folder, ignore_errors=True)
        checkpoint, history = before, {}
    # Otherwise Keras would keep something of every trial in memory.
    keras.utils.clear_session()
    training = build_training(config, data)
    model = compiled_model(training)
    if checkpoint is not None:
        restore_training(checkpoint, model, training)
    lost = LostFiles()
    if is_new:
        begin_run(config)
        with lost.keep(HPARAMS):
            write_settings(folder, with_numbers(extra["hparams"]))
    watch.go_on(history)
    logger = LearningRateLogger(
        folder,
        landscape_samples=config.landscape_samples,
        resume=True,
        run_info=extra,
    )
    if checkpoint is None or checkpoint.epoch < epochs:
        fit_and_record(
            training,
            model,
            logger,
            folder,
            resumed=checkpoint,
            epochs=epochs,
            callbacks=[watch],
            lost=lost,
        )
    return TrialRun(
        folder=folder,
        epochs=watch.epochs,
        last_step=_last_step(model, logger),
        is_hopeless=watch.is_hopeless,
        lost=lost,
    )


def _last_step(model: keras.Model, logger: LearningRateLogger) -> int:
    if logger.summary is not None:
        return logger.summary.last_step
    # Another program has trained all of it.
    return int(model.optimizer.iterations.numpy()) - 1


def remove_checkpoints(folder: pathlib.Path) -> None:
    """Removes what is needed only to go on with a training."""
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
