"""Trains, records every iteration, and can go on from a checkpoint."""

import functools
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import keras

from lr_plugin.keras import LearningRateLogger, MultiplyOnPlateau
from lr_plugin.keras.training_summary import join_summaries
from trainer.data.batches import Position
from trainer.models.compilation import compile_model
from trainer.models.frozen_layers import unfreeze_body
from trainer.models.user_models import sample_batch
from trainer.planning.phases import Phase
from trainer.planning.plateau import build_plateau, plateau_state
from trainer.training.best_weights import BestWeights
from trainer.training.checkpoint import Checkpoint, restore_checkpoint
from trainer.training.checkpointing import CheckpointWriter, StopRequest
from trainer.training.epoch_history import HISTORY, history_writer
from trainer.training.lost_files import LostFiles
from trainer.training.one_training import fit
from trainer.training.stop_at_nan import StopAtNan
from trainer.training.training import Training, in_order, phase_optimizer


def restore_training(
    checkpoint: Checkpoint, model: keras.Model, training: Training
) -> None:
    """Puts a compiled model and the generators into the state of the checkpoint.

    Raises:
        ConfigError: It is the checkpoint of another model or optimizer.
    """
    phase = _phase_of(training, checkpoint.epoch)
    if phase.is_unfrozen:
        _unfreeze(training, model, phase)
    # A checkpoint written between two parts of the run has the optimizer of the first
    # part. The second part begins with a fresh one.
    is_under_way = _is_under_way(phase, checkpoint)
    restore_checkpoint(checkpoint, model, with_optimizer=is_under_way)
    # Keras makes the variables of the metrics in the first step. An epoch that goes on
    # needs them at its beginning, to restore what they had counted.
    num_examples = model.distribute_strategy.num_replicas_in_sync
    batch = sample_batch(training.data, training.config.dataset, num_examples)
    model.test_on_batch(*batch)
    model.reset_metrics()


def fit_and_record(
    training: Training,
    model: keras.Model,
    logger: LearningRateLogger,
    folder: pathlib.Path,
    *,
    resumed: Checkpoint | None = None,
    epochs: int | None = None,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    best: BestWeights | None = None,
    lost: LostFiles | None = None,
) -> None:
    """Trains, records every iteration, and writes history and checkpoints.

    Args:
        folder: The run folder.
        resumed: The checkpoint from which `model` was restored.
        epochs: How many epochs to train; None for all of the run, as planned.
        callbacks: Called after the logger and before the checkpoint is written.
        best: Keeps the best weights; none are kept if None.
        lost: Told of files that cannot be written; the training goes on without.

    Raises:
        Interrupted: Ctrl-C or SIGTERM; a checkpoint of that moment is written.
    """
    end = epochs or training.config.epochs
    if best is not None and resumed is not None:
        best.restore(resumed.counters.get("best", {}))
    lost = LostFiles() if lost is None else lost
    summary = None
    with StopRequest() as stop:
        for phase in training.phases:
            begins_here = resumed is None or resumed.epoch < phase.end_epoch
            if not begins_here or phase.first_epoch >= end or model.stop_training:
                continue
            if resumed is None and phase.is_unfrozen:
                _unfreeze(training, model, phase)
            is_under_way = resumed is not None and _is_under_way(phase, resumed)
            _Part(training, phase, model, logger, folder, best, stop, lost).fit(
                resumed=resumed if is_under_way else None,
                end_epoch=min(phase.end_epoch, end),
                callbacks=callbacks,
            )
            summary = join_summaries(summary, logger.summary)
            resumed = None
    logger.summary = summary


class _Part:
    """The training of one phase, with its callbacks."""

    def __init__(
        self,
        training: Training,
        phase: Phase,
        model: keras.Model,
        logger: LearningRateLogger,
        folder: pathlib.Path,
        best: BestWeights | None,
        stop: StopRequest,
        lost: LostFiles,
    ):
        self._training = training
        self._phase = phase
        self._model = model
        self._logger = logger
        self._folder = folder
        self._best = best
        self._stop = stop
        self._lost = lost
        self._position = Position()
        self._plateau = self._plateau_callback()

    def fit(
        self,
        *,
        resumed: Checkpoint | None,
        end_epoch: int,
        callbacks: Sequence[keras.callbacks.Callback],
    ) -> None:
        training, phase, logger = self._training, self._phase, self._logger
        first_epoch, first_batch = phase.first_epoch, 0
        if resumed is not None:
            first_epoch, first_batch = resumed.epoch, resumed.num_batches
        every_callback: list[keras.callbacks.Callback] = []
        if self._plateau is not None:
            steps_per_epoch = self._training.batches.steps_per_epoch
            self._plateau.state = plateau_state(
                None if resumed is None else resumed.counters.get("plateau"),
                num_batches=first_epoch * steps_per_epoch + first_batch,
            )
            every_callback.append(self._plateau)
        history = history_writer(self._folder / HISTORY, first_epoch, self._lost)
        every_callback += [logger, history, *callbacks]
        if self._best is not None:
            every_callback.append(self._best)
        if training.config.stop_at_nan:
            every_callback.append(StopAtNan())
        first_step = phase.first_epoch * training.batches.steps_per_epoch
        logger.count_from(first_step)
        if phase.is_unfrozen and resumed is None:
            mark = functools.partial(
                logger.add_event, "unfrozen", phase.lines[0], step=first_step
            )
            every_callback.append(
                keras.callbacks.LambdaCallback(on_train_begin=lambda logs: mark())
            )
        writer = CheckpointWriter(
            self._folder / "checkpoints",
            self._position,
            every_batches=training.config.checkpoint_every.resolve_batches(
                training.run_length
            ),
            counters=self._counters,
            before_write=logger.flush,
            stop=self._stop,
            lost=self._lost,
            resumed=resumed,
            first_epoch=first_epoch,
        )
        try:
            fit(
                self._model,
                training.batches,
                self._position,
                [*every_callback, writer],
                epochs=end_epoch,
                first_epoch=first_epoch,
                first_batch=first_batch,
                validation_data=validation_data(training),
                # A moving bar is for terminals; elsewhere one line an epoch will do.
                verbose=1 if sys.stdout.isatty() else 2,
            )
        except Exception:
            # Where an exception ends a training, Keras does not tell the callbacks.
            logger.on_train_end()
            if history.csv_file is not None:
                history.on_train_end()
            raise

    def _counters(self) -> dict[str, Any]:
        counters: dict[str, Any] = {
            "first_epoch": self._phase.first_epoch,
            "best": self._best.state if self._best is not None else {},
        }
        if self._plateau is not None:
            counters["plateau"] = self._plateau.state
        return counters

    def _plateau_callback(self) -> MultiplyOnPlateau | None:
        config, logger = self._training.config, self._logger
        if config.plateau is None:
            return None

        def on_cut(line: str, **numbers: Any) -> None:
            print(f"\n{line}")
            logger.add_event("plateau", line, **numbers)

        return build_plateau(config, self._training.run_length, on_cut=on_cut)


def validation_data(training: Training) -> Any:
    """Puts the held-out examples into batches; None without any."""
    if training.data.validation is None:
        return None
    return in_order(training.data.validation, training.config.batch_size)


def _phase_of(training: Training, epoch: int) -> Phase:
    """Finds the part of the run with this epoch; after the end, the last part."""
    for phase in training.phases:
        if epoch < phase.end_epoch:
            return phase
    return training.phases[-1]


def _is_under_way(phase: Phase, checkpoint: Checkpoint) -> bool:
    """Tells whether the checkpoint was written in this part of the run."""
    return checkpoint.counters.get("first_epoch", 0) == phase.first_epoch


def _unfreeze(training: Training, model: keras.Model, phase: Phase) -> None:
    with model.distribute_strategy.scope():
        unfreeze_body(model, training.kept_frozen)
        compile_model(model, phase_optimizer(model, phase.config, phase.plan))
