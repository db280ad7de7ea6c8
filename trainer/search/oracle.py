"""keras-tuner's oracles, which choose the trials, made safe for lost workers."""

import functools
import json
import math
import pathlib
import sys
import time
import warnings
from typing import Any

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import Trial, TrialStatus
from sklearn.exceptions import ConvergenceWarning

from trainer.errors import ConfigError
from trainer.remote_logdir import shown_path
from trainer.search.state import (
    UNREADABLE,
    is_set_aside,
    load_trials,
    order_trials,
    save_state,
)
from trainer.settings.config import Config

_NUM_TRIALS = 20
# More than the values that are drawn for one.
_DRAWS_OF_TRIAL = 1000


class PatientOracle(keras_tuner.Oracle):
    """What all searches add to the oracle that chooses their trials.

    The trial of a lost worker is given to the next worker that asks; none is told that
    the search is over as long as that may happen. Asking for a trial is a sign of life:
    a worker that asks again while it has a trial is given the same one.

    Attributes:
        failure: Why the search was given up; None if it was not.
    """

    # Those of keras-tuner.
    trials: dict[str, Trial]
    ongoing_trials: dict[str, Trial]
    start_order: list[str]
    end_order: list[str]
    _retry_queue: list[str]

    failure: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether as many trials have ended as there may be."""
        return bool(self.max_trials) and len(self.end_order) >= self.max_trials

    @keras_tuner.synchronized
    def create_trial(self, tuner_id: str) -> Trial:
        self._last_heard[tuner_id] = time.monotonic()
        if self.failure:
            self.tuner_ids.discard(tuner_id)
            return Trial(self.get_space(), status=TrialStatus.STOPPED)
        trial = super().create_trial(tuner_id)
        if trial.status == TrialStatus.STOPPED and self.ongoing_trials:
            self.tuner_ids.add(tuner_id)
            trial.status = TrialStatus.IDLE
        return trial

    @keras_tuner.synchronized
    def end_trial(self, trial: Trial) -> None:
        if trial.trial_id in self.end_order:
            # Its worker was taken for lost, and another has trained it meanwhile.
            return
        if trial.trial_id in self._retry_queue:
            self._retry_queue.remove(trial.trial_id)
        super().end_trial(trial)

    @keras_tuner.synchronized
    def drop_lost(self, after_secs: float) -> dict[str, Trial | None]:
        """Takes the trials away from workers that were silent for `after_secs`.

        Returns:
            The trial of each of these workers by its id, None where it had none.
        """
        now = time.monotonic()
        lost = {
            tuner_id: self.ongoing_trials.get(tuner_id)
            for tuner_id in {*self.tuner_ids, *self.ongoing_trials}
            if now - self._last_heard.setdefault(tuner_id, now) > after_secs
        }
        for tuner_id, trial in lost.items():
            self.tuner_ids.discard(tuner_id)
            self.ongoing_trials.pop(tuner_id, None)
            if trial is not None:
                self._retry_queue.append(trial.trial_id)
        if lost:
            self.save()
        return lost

    def save(self) -> None:
        save_state(self, pathlib.Path(self._get_oracle_fname()))

    def reload(self) -> None:
        """Restores the search, and what is whole of it where some is damaged.

        Raises:
            ConfigError: The order of its rounds cannot be found out without its file.
        """
        self.trials = load_trials(pathlib.Path(self._project_dir))
        path = pathlib.Path(self._get_oracle_fname())
        try:
            self.set_state(json.loads(path.read_text("utf-8")))
        except UNREADABLE as error:
            self._rebuild_state(path, error)
        lost = {name for name, trial in self.trials.items() if is_set_aside(trial)}
        self.start_order = [name for name in self.start_order if name not in lost]
        self.end_order = [name for name in self.end_order if name not in lost]
        ongoing = [trial.trial_id for trial in self.ongoing_trials.values()]
        queue = dict.fromkeys([*self._retry_queue, *ongoing])
        # keras-tuner saves a trial's end before it takes it off the list of ongoing.
        over = lost.union(self.end_order)
        self._retry_queue = [name for name in queue if name not in over]
        self.ongoing_trials = {}

    def heard_at(self, tuner_id: str) -> float | None:
        """Gives when a worker that has not left was heard last; None for others."""
        if tuner_id not in {*self.tuner_ids, *self.ongoing_trials}:
            return None
        return self._last_heard.get(tuner_id)

    def _save_trial(self, trial: Trial) -> None:
        folder = pathlib.Path(self._get_trial_dir(trial.trial_id))
        save_state(trial, folder / "trial.json")

    def _rebuild_state(self, path: pathlib.Path, error: Exception) -> None:
        """Makes the state of the trials that there are."""
        if isinstance(self, keras_tuner.oracles.HyperbandOracle):
            raise ConfigError(
                "`--resume` must find the state of the search. Received: "
                f"{shown_path(path)}, which cannot be read ({type(error).__name__}); "
                "the rounds of --tuner=hyperband are written there alone. Begin again "
                "with another --run."
            ) from error
        print(
            f"warning: {shown_path(path)} cannot be read. The search goes on from its "
            f"{len(self.trials)} trials.",
            file=sys.stderr,
        )
        self.start_order, self.end_order, self._retry_queue = order_trials(self.trials)
        self.ongoing_trials = {}
        for name in self.start_order:
            hashed = self._compute_values_hash(self.trials[name].hyperparameters.values)
            self._tried_so_far.add(hashed)
            self._id_to_hash[name] = hashed
        # Beyond what has been drawn: the same values would only be tried again.
        self._seed_state = self.seed + _DRAWS_OF_TRIAL * len(self.trials)
        self.set_state(self.get_state())

    @property
    def _last_heard(self) -> dict[str, float]:
        return self.__dict__.setdefault("_last_heard_times", {})

    def _check_consecutive_failures(self) -> None:
        # An exception here would leave keras-tuner's lock locked forever.
        try:
            super()._check_consecutive_failures()
        except RuntimeError as error:
            self.failure = str(error)


class _Random(PatientOracle, keras_tuner.oracles.RandomSearchOracle):
    pass


class _Grid(PatientOracle, keras_tuner.oracles.GridSearchOracle):
    _ordered_ids: Any

    def set_state(self, state: dict[str, Any]) -> None:
        """Restores, beyond what keras-tuner does, where in the grid the search was."""
        super().set_state(state)
        values = {id: self.trials[id].hyperparameters.values for id in self.start_order}
        compare = functools.cmp_to_key(self._compare)
        in_order = sorted(self.start_order, key=lambda id: compare(values[id]))
        self._ordered_ids = type(self._ordered_ids)()
        for trial_id in in_order:
            self._ordered_ids.insert(trial_id)
        # keras-tuner tries what comes after each of these, unless it has been tried.
        self._populate_next = list(self.start_order)


class _Hyperband(PatientOracle, keras_tuner.oracles.HyperbandOracle):
    pass


class _Bayesian(PatientOracle, keras_tuner.oracles.BayesianOptimizationOracle):
    def populate_space(self, trial_id: str) -> dict[str, Any]:
        with warnings.catch_warnings():
            # It is about bounds within keras-tuner, which the user cannot set.
            warnings.filterwarnings("ignore", category=ConvergenceWarning)
            return super().populate_space(trial_id)

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Replaces, in what keras-tuner gives, the scores of trials that diverged.

        They are infinite, which keras-tuner turns into 0, the best that a loss can be.
        Here they count as the worst score of those that did not diverge, which keeps
        the Gaussian process away from them without distorting it.
        """
        vectors, scores = super()._vectorize_trials()
        finite = scores[np.isfinite(scores)]
        worst = finite.max() if finite.size else 1.0
        return vectors, np.where(np.isfinite(scores), scores, worst)


def build_oracle(
    config: Config,
    objective: keras_tuner.Objective,
    hyperparameters: keras_tuner.HyperParameters,
) -> PatientOracle:
    """Builds the oracle of `config.tuner`, with the whole space known at the start."""
    common: dict[str, Any] = {
        "objective": objective,
        "hyperparameters": hyperparameters,
        "seed": _spread_seed(config.seed),
        "allow_new_entries": False,
        "tune_new_entries": False,
    }
    if config.tuner == "hyperband":
        oracle = _Hyperband(max_epochs=config.epochs, **common)
        oracle.max_trials = config.max_trials
        return oracle
    if config.tuner == "grid":
        return _Grid(max_trials=config.max_trials, **common)
    build = _Random if config.tuner == "random" else _Bayesian
    return build(max_trials=config.max_trials or _NUM_TRIALS, **common)


def _spread_seed(seed: int) -> int:
    """Makes a seed that is far from those of other searches.

    keras-tuner adds 1 to the seed for every value that it draws, so that with seeds 1
    and 2 it would draw nearly the same values; and it takes 0 for no seed at all.
    """
    return int(np.random.SeedSequence(seed).generate_state(1)[0]) or 1


def worst_score(objective: keras_tuner.Objective) -> float:
    """Gives the score of a trial that diverged: a result that is worse than any."""
    return -math.inf if objective.direction == "max" else math.inf
