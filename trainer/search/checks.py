"""Checks, before the first trial of a search, what needs Keras to be loaded."""

import dataclasses

import keras_tuner
from keras_tuner.engine.metrics_tracking import infer_metric_direction

from trainer.data.loading import Data
from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.optimizers.building import base_learning_rate, check_optimizer
from trainer.planning.phases import plan_phases
from trainer.search.hyperparameters import filled_in
from trainer.settings.config import Config
from trainer.settings.search_space import corners
from trainer.train import build_training, compiled_model

_BY_DEFAULT = ("val_accuracy", "val_loss", "accuracy", "loss")


def example_config(config: Config) -> Config:
    """Gives the settings of one training of the search, at some rate if none is known.

    Raises:
        ConfigError: Settings of the search contradict each other.
    """
    return next(corners(_with_some_rate(config), filled_in))


def choose_objective(config: Config, data: Data) -> keras_tuner.Objective:
    """Chooses what trials are compared by, and whether more or less is better.

    Raises:
        ConfigError: The model does not report it, or its direction is not known.
    """
    known = build_training(example_config(config), data).reported
    default = next(name for name in _BY_DEFAULT if name in known)
    direction, _, name = (config.objective or default).rpartition(":")
    if name not in known:
        raise ConfigError(
            f"`--objective` must be one of {', '.join(known)}{nearest(name, known)}. "
            f"Received: --objective={config.objective}, which the model does not "
            f"report. For example --objective={default}."
        )
    if direction:
        return keras_tuner.Objective(name, direction)
    direction = infer_metric_direction(name)
    if direction is None:
        raise ConfigError(
            f"`--objective` must say what is better. Received: --objective={name}, of "
            f"which that is not known. Write --objective=min:{name} or max:{name}."
        )
    return keras_tuner.Objective(name, direction)


def check_space(config: Config, data: Data) -> None:
    """Plans the trainings at the corners of the space, so that no trial is refused.

    Raises:
        ConfigError: One of them is impossible.
    """
    training = build_training(example_config(config), data)
    compiled_model(training)
    num_steps = {training.config.batch_size: training.run_length.batches_per_epoch}
    for corner in corners(_with_some_rate(config), filled_in):
        if training.user_model is not None or corner.batch_size not in num_steps:
            length = build_training(corner, data).run_length
            num_steps[corner.batch_size] = length.batches_per_epoch
        if training.user_model is None:
            check_optimizer(corner)
            rate = base_learning_rate(corner)
            plan_phases(corner, rate, num_steps[corner.batch_size])


def _with_some_rate(config: Config) -> Config:
    if config.learning_rate != "auto":
        return config
    return dataclasses.replace(
        config, learning_rate=config.range_test_min, search_space=None
    )
