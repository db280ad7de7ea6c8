"""One run: load, build, compile, fit, record, save."""

import math
import pathlib
import shlex
from collections.abc import Mapping
from typing import Any

from lr_plugin.keras import LearningRateLogger
from trainer.remote_logdir import shown_path
from trainer.runs.folder import begin_run, check_run_folder, checkpoint_of
from trainer.runs.hparams import (
    HPARAMS,
    with_numbers,
    write_end,
    write_settings,
)
from trainer.runs.names import CLASSES_FILE, write_names
from trainer.runs.recorded_run import read_recorded
from trainer.runs.results import write_results
from trainer.runs.summary import print_summary
from trainer.settings.config import SETTINGS, Config
from trainer.training.best_weights import BestWeights
from trainer.training.checkpointing import Interrupted
from trainer.training.lost_files import LostFiles
from trainer.training.recorded_training import (
    fit_and_record,
    restore_training,
    validation_data,
)
from trainer.training.strategy import separate_logdir
from trainer.training.training import Training, build_training, compiled_model

__all__ = [
    "DivergedError",
    "LostFilesError",
    "Training",
    "build_training",
    "compiled_model",
    "extra_info",
    "fit_and_record",
    "restore_training",
    "train",
    "validation_data",
]


def train(config: Config, extra: Mapping[str, Any] | None = None) -> pathlib.Path:
    """Trains as `config` says and leaves everything in the run's folder.

    Args:
        extra: What the tab shows with the run; all settings, if None.

    Returns:
        The run's folder: flags.txt repeats the run, model.keras is the trained model
        and best.keras the one of the epoch with the lowest validation loss,
        history.csv has a row per epoch, history.png draws it, evaluation.json has the
        scores, classes.txt says which output is which class, learning_rate/ holds the
        recorded iterations, checkpoints/ what --resume goes on from.

    Raises:
        ConfigError: The flags ask for something impossible; nothing was written.
        Interrupted: Ctrl-C or SIGTERM; a checkpoint of that moment is written.
        DivergedError: The loss was not finite in the end; all files are written.
        LostFilesError: The training has ended, and some files could not be written.
        LostWorkersError: Another of several machines ended; checkpoints are written.
    """
    with separate_logdir(config) as config:
        return _train(config, extra)


def _train(config: Config, extra: Mapping[str, Any] | None) -> pathlib.Path:
    check_run_folder(config)
    training = build_training(config)
    model = compiled_model(training)
    resumed = checkpoint_of(config, epochs=config.epochs) if config.resume else None
    if resumed is not None:
        restore_training(resumed, model, training)
    for line in training.lines:
        print(line)
    if resumed is not None and training.batches.resume_line:
        print(training.batches.resume_line)
    folder = begin_run(training.config)
    lost = LostFiles()
    with lost.keep(CLASSES_FILE):
        write_names(training.data, folder)
    shown = extra or extra_info(training.config)
    # Of several workers only the chief keeps the run.
    is_chief = model.distribute_strategy.extended.should_save_summary
    if is_chief and resumed is None:
        with lost.keep(HPARAMS):
            write_settings(folder, with_numbers(shown["hparams"]))
    logger = LearningRateLogger(
        # The folder is this run's alone: one that is resumed goes on in it.
        folder,
        landscape_samples=training.config.landscape_samples,
        resume=True,
        run_info=shown,
    )
    best = BestWeights(folder, lost)
    try:
        fit_and_record(
            training, model, logger, folder, resumed=resumed, best=best, lost=lost
        )
    except Interrupted as stopped:
        advice = (
            "Go on with" if stopped.is_saved else "Go on from an earlier moment with"
        )
        print(
            f"\n{stopped} {advice}: python -m trainer --resume "
            f"--logdir={shlex.quote(shown_path(folder.parent))} "
            f"--run={shlex.quote(folder.name)}"
        )
        raise
    record = read_recorded(folder)
    scores = write_results(training, model, logger.summary, record, folder, best, lost)
    has_diverged = logger.summary is not None and not math.isfinite(
        logger.summary.last_loss
    )
    if is_chief:
        with lost.keep(HPARAMS):
            write_end(folder, has_ended_well=not has_diverged)
        print_summary(scores, logger.summary, record, folder, training.config)
    if logger.summary is not None and has_diverged:
        raise DivergedError(logger.summary.last_loss, folder)
    if lost:
        raise LostFilesError(lost, folder)
    return folder


class LostFilesError(Exception):
    """A training has ended well, but not all of its files could be written."""

    def __init__(self, lost: LostFiles, folder: pathlib.Path):
        super().__init__(
            "All files of a run must be written. Received: a training that has ended, "
            f"without {lost.describe()} in {shown_path(folder)}. Make room there, or "
            "choose another --logdir."
        )


class DivergedError(Exception):
    """The loss of a training was not finite in the end: nothing was learned."""

    def __init__(self, loss: float, folder: pathlib.Path):
        super().__init__(
            f"The training must end with a finite loss. Received: {loss} in "
            f"{shown_path(folder)}. Lower --learning_rate, or find one with "
            "--mode=range_test."
        )


def extra_info(config: Config) -> dict[str, dict[str, int | float | str]]:
    """Collects what the tab shows of a run beside its curves."""
    values = {
        name: getattr(config, name) for name, flag in SETTINGS.items() if flag.is_shown
    }
    return {
        "hparams": {
            name: value if isinstance(value, (int, float, str)) else str(value)
            for name, value in values.items()
            if value is not None
        }
    }
