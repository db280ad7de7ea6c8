"""Oracles of small searches, whose trials a test ends with scores of its own."""

import keras_tuner
from keras_tuner.engine.trial import TrialStatus

from trainer.search.hyperparameters import choose_settings
from trainer.search.oracle import build_oracle
from trainer.settings.config import Config
from trainer.settings.open_values import Range

LOSS = keras_tuner.Objective("val_loss", "min")


def make_oracle(folder, objective=LOSS, **settings):
    settings.setdefault("learning_rate", Range(1e-4, 1e-1))
    config = Config(mode="search", **settings)
    hp = keras_tuner.HyperParameters()
    choose_settings(hp, config)
    oracle = build_oracle(config, objective, hp)
    oracle._set_project_dir(str(folder), "state")
    oracle.verbose = 0
    return oracle


def end(oracle, trial, value):
    oracle.update_trial(trial.trial_id, {oracle.objective.name: value}, step=0)
    trial.status = TrialStatus.COMPLETED
    oracle.end_trial(trial)
