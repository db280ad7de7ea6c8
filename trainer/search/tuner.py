"""The tuner: takes trials from the oracle, trains them, and reports the results."""

import contextlib
import pathlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import keras_tuner
from keras_tuner.engine import base_tuner
from keras_tuner.engine.trial import Trial, TrialStatus
from keras_tuner.errors import FatalError

from lr_plugin.full_disk import is_full_disk
from trainer.data.loading import Data
from trainer.errors import ConfigError
from trainer.remote_logdir import shown_path
from trainer.runs.folder import run_folder
from trainer.search.curves import is_hopeless, mean_curve
from trainer.search.hyperparameters import chosen_settings, filled_in
from trainer.search.names import shown_settings, trial_name, trial_number
from trainer.search.oracle import worst_score
from trainer.search.record import record_score
from trainer.search.state import save_state
from trainer.search.trial import (
    TakenOver,
    TrialRun,
    TrialWatch,
    remove_checkpoints,
    train_trial,
)
from trainer.settings.config import Config
from trainer.training.checkpointing import CHECKPOINTS, Interrupted
from trainer.training.lost_files import LostFiles

# The folder of keras-tuner's files, in the folder of the search.
STATE_FOLDER = "keras_tuner"

# No trial is ended before this share of the epochs: a warmup looks hopeless, too.
_MIN_SHARE = 0.4
_IDLE_SECS = 0.5


class StoppedSearch(FatalError):  # noqa: N818 - its cause may be no error
    """Ends the search, as keras-tuner lets only such errors do; the cause says why."""


class TrialTuner(base_tuner.BaseTuner):
    """Trains each trial as a run of the trainer, under a readable name.

    Args:
        oracle: Chooses the trials.
        config: The settings of the search.
        data: The data of all trials.
        signs_of_life: Takes a trial's id and returns a context in which the chief is
            told that this worker is alive. The context yields an event that is set when
            another worker has the trial.

    Attributes:
        lost: The files of trials that could not be written.
    """

    def __init__(
        self,
        oracle: keras_tuner.Oracle,
        config: Config,
        data: Data,
        *,
        signs_of_life: Callable[[str], Any] | None = None,
    ):
        self._config = config
        self._data = data
        self._folder = run_folder(config)
        self._signs_of_life = signs_of_life
        self._was_idle = self._was_taken = False
        self.lost = LostFiles()
        super().__init__(oracle, directory=str(self._folder), project_name=STATE_FOLDER)

    def pre_create_trial(self) -> None:
        if self._was_idle:
            # Asked twice in a row: there is no trial for this worker at present.
            time.sleep(_IDLE_SECS)
        self._was_idle = True

    def on_trial_begin(self, trial: Trial) -> None:
        self._was_idle = self._was_taken = False

    def on_trial_end(self, trial: Trial) -> None:
        if self._was_taken:
            return  # The worker that has it now reports it.
        if trial.message:
            number = trial_number(trial.trial_id)
            print(f"Trial {number} failed: {trial.message}", flush=True)
        super().on_trial_end(trial)

    def run_trial(self, trial: Trial, **_: Any) -> list[TrialRun]:
        """Trains with each seed.

        Raises:
            StoppedSearch: The settings are refused, or a signal stopped the program.
            TakenOver: Another worker has the trial.
        """
        values = trial.hyperparameters.values
        with self._watched(trial) as watch:
            runs: list[TrialRun] = []
            for number in range(self._config.trial_seeds):
                try:
                    run = self._train(trial, number, watch())
                except (ConfigError, Interrupted) as stopped:
                    raise StoppedSearch from stopped
                runs.append(run)
                if run.is_hopeless or run.has_diverged(self.oracle.objective.name):
                    break
        if "tuner/bracket" not in values:
            for run in runs:
                remove_checkpoints(run.folder)
                run.lost.discard(CHECKPOINTS)
        return runs

    def save(self) -> None:
        # The chief saves the state for its workers.
        if not self._is_worker():
            self.oracle.save()
            save_state(self, pathlib.Path(self._get_tuner_fname()))

    def reload(self) -> None:
        # The tuner has no state of its own; its file says only that there is a search.
        if not self._is_worker():
            self.oracle.reload()

    def _get_tuner_fname(self) -> str:
        # The same name for a chief and a program alone, so that either can go on.
        return str(pathlib.Path(self.project_dir) / "tuner.json")

    def _run_and_update_trial(self, trial: Trial, *args: Any, **kwargs: Any) -> None:
        """Trains and reports.

        Raises:
            StoppedSearch: There is no room for the state of the search: that is no
                failure of this trial, with which --resume goes on.
        """
        try:
            runs = self.run_trial(trial, *args, **kwargs)
            self._report(trial, runs)
        except TakenOver:
            self._was_taken = True
        except OSError as error:
            if is_full_disk(error):
                raise StoppedSearch from error
            raise

    def _report(self, trial: Trial, runs: Sequence[TrialRun]) -> None:
        """Reports the objective of every epoch, to compare other trials with."""
        objective = self.oracle.objective
        curve = mean_curve(runs, objective.name)
        has_diverged = any(run.has_diverged(objective.name) for run in runs)
        if has_diverged:
            # It counts as the worst result, whatever it was before it diverged.
            curve = {max(curve): worst_score(objective)}
        for epoch, value in curve.items():
            self.oracle.update_trial(
                trial.trial_id, {objective.name: value}, step=epoch
            )
        best = max if objective.direction == "max" else min
        self._record(trial, runs, best(curve.values()), has_diverged)

    def _train(self, trial: Trial, number: int, watch: TrialWatch) -> TrialRun:
        values = trial.hyperparameters.values
        settings = chosen_settings(self._config, values)
        seed = self._config.seed + number
        where = self._place(trial.trial_id, values, number)
        config = filled_in(
            self._config,
            {
                **settings,
                "seed": seed,
                "logdir": shown_path(where.parent),
                "run": where.name,
                "resume": False,
            },
        )
        shown = shown_settings(settings)
        if self._config.trial_seeds > 1:
            shown["seed"] = seed
        begin_at = None
        if "tuner/trial_id" in values:
            before = self.oracle.get_trial(values["tuner/trial_id"])
            begin_at = self._place(
                before.trial_id, before.hyperparameters.values, number
            )
        return train_trial(
            config,
            self._data,
            watch,
            extra={
                "hparams": shown,
                "search": self._config.run,
                "trial": trial_number(trial.trial_id),
            },
            epochs=values.get("tuner/epochs", config.epochs),
            begin_at=begin_at,
        )

    def _place(
        self, trial_id: str, values: Mapping[str, Any], number: int
    ) -> pathlib.Path:
        """Finds the folder of one training."""
        name = trial_name(trial_id, chosen_settings(self._config, values))
        folder = self._folder / name
        if self._config.trial_seeds > 1:
            return folder / f"seed-{self._config.seed + number}"
        return folder

    @contextlib.contextmanager
    def _watched(self, trial: Trial) -> Iterator[Callable[[], TrialWatch]]:
        """Gives a function that makes a callback aware of other trials and workers."""
        with contextlib.ExitStack() as stack:
            is_taken: Callable[[], bool] = bool
            if self._signs_of_life is not None:
                is_taken = stack.enter_context(
                    self._signs_of_life(trial.trial_id)
                ).is_set
            yield lambda: TrialWatch(
                self.oracle.objective.name,
                is_hopeless=self._is_hopeless,
                is_taken=is_taken,
            )

    def _is_hopeless(self, values: Sequence[float]) -> bool:
        config, objective = self._config, self.oracle.objective
        num_epochs = len(values)
        if not config.stop_hopeless or config.tuner == "hyperband":
            return False
        if num_epochs < _MIN_SHARE * config.epochs:
            return False
        peers = [
            [each.mean() for each in trial.metrics.get_history(objective.name)]
            # A number above any: keras-tuner has no way to ask for all.
            for trial in self.oracle.get_best_trials(1_000_000)
            if trial.status == TrialStatus.COMPLETED
        ]
        return is_hopeless(values, peers, objective.direction)

    def _record(
        self, trial: Trial, runs: Sequence[TrialRun], score: float, has_diverged: bool
    ) -> None:
        objective = self.oracle.objective
        number = trial_number(trial.trial_id)
        text = f"Trial {number} ended: {objective.name} {score:.5g}."
        if has_diverged:
            text = f"Trial {number} diverged."
        elif runs[-1].is_hopeless:
            text += " It was ended early: others were better by then."
        for run in runs:
            with run.lost.keep("score"):
                record_score(
                    run.folder,
                    score,
                    objective=objective.name,
                    direction=objective.direction,
                    step=run.last_step,
                    text=text,
                )
            self.lost.include(run.lost, str(run.folder.relative_to(self._folder)))
