"""One training of a search: a run like any other, watched, and taken up again."""

import dataclasses
import math
import pathlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from lr_plugin.keras import LearningRateLogger
from trainer.data.loading import Data
from trainer.runs.folder import begin_run
from trainer.search.record import record_begin
from trainer.settings.config import Config
from trainer.train import (
    build_training,
    compiled_model,
    fit_and_record,
    restore_training,
)
from trainer.training.checkpoint import read_checkpoint
from trainer.training.epoch_history import read_history


@dataclasses.dataclass(frozen=True)
class TrialRun:
    """What one training of a trial came to.

    Attributes:
        folder: Of its run.
        epochs: What its history says of each epoch, by number.
        last_step: The last iteration.
        is_hopeless: Whether it was ended early.
    """

    folder: pathlib.Path
    epochs: Mapping[int, Mapping[str, float]]
    last_step: int
    is_hopeless: bool

    def has_diverged(self, objective: str) -> bool:
        """Whether its loss or the objective is not finite at the end."""
        last = list(self.epochs.values())[-1]
        return not (math.isfinite(last["loss"]) and math.isfinite(last[objective]))


class TakenOver(Exception):  # noqa: N818 - not an error: another trains it
    """The trial is another worker's now; this one must not write to it any more."""


class TrialWatch(keras.callbacks.Callback):
    """Ends a training that diverges, that is hopeless, or that is another's now.

    Args:
        objective: What is compared.
        is_hopeless: Takes the values of the objective so far, by epoch.
        is_taken: Asked after every batch.
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
        self._history = pathlib.Path()
        self.is_hopeless = False

    def follow(self, history: pathlib.Path) -> None:
        """Names the history.csv that an earlier callback writes."""
        self._history = history

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._is_taken():
            raise TakenOver
        if not math.isfinite(float(logs["loss"])):
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        # From the file, because earlier epochs may have been another program's.
        values = [row[self._objective] for row in read_history(self._history).values()]
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
        config: Of this training; its `epochs` shape the schedule.
        extra: What the tab shows with the run, `hparams` among it.
        epochs: Where this training ends, at most `config.epochs`.
        begin_at: The folder of a training that this one continues.

    Raises:
        ConfigError: The settings do not fit the data.
        Interrupted: Ctrl-C or SIGTERM; a checkpoint of that moment is written.
        TakenOver: The trial is another worker's.
    """
    folder = pathlib.Path(config.logdir) / str(config.run)
    checkpoint = read_checkpoint(folder / "checkpoints")
    is_new = checkpoint is None
    if is_new:
        # What a worker left that was killed before its first checkpoint.
        shutil.rmtree(folder, ignore_errors=True)
        if begin_at is not None:
            checkpoint = read_checkpoint(begin_at / "checkpoints")
    # Else Keras would remember every trial.
    keras.utils.clear_session()
    training = build_training(config, data)
    model = compiled_model(training)
    if checkpoint is not None:
        restore_training(checkpoint, model, training)
    if is_new:
        begin_run(config)
        record_begin(folder, extra["hparams"])
    watch.follow(folder / "history.csv")
    logger = LearningRateLogger(folder, run_info=extra)
    if checkpoint is None or checkpoint.epoch < epochs:
        fit_and_record(
            training,
            model,
            logger,
            folder,
            resumed=checkpoint,
            epochs=epochs,
            callbacks=[watch],
        )
    return TrialRun(
        folder=folder,
        epochs=read_history(folder / "history.csv"),
        last_step=_last_step(model, logger),
        is_hopeless=watch.is_hopeless,
    )


def _last_step(model: keras.Model, logger: LearningRateLogger) -> int:
    if logger.summary is not None:
        return logger.summary.last_step
    # All was trained before this program began.
    return int(model.optimizer.iterations.numpy()) - 1


def remove_checkpoints(folder: pathlib.Path) -> None:
    """Frees what only a training that goes on needs."""
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
