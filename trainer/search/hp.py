"""Learning rate, schedule and optimizer as hyperparameters of the user's model.

What is searched is written as in the trainer's flags: "1e-4..1e-1", "adam,sgd".
"""

from typing import Any

import keras
import keras_tuner

from lr_plugin.keras.schedules import Schedule
from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.optimizers.building import base_learning_rate, build_optimizer
from trainer.planning.plan import Plan, build_plan
from trainer.search.hyperparameters import choose_settings, filled_in
from trainer.settings.config import SETTINGS, Config
from trainer.settings.durations import RunLength
from trainer.settings.open_values import parse_open
from trainer.settings.search_space import check_corners, with_default_space


def hp_learning_rate(
    hp: keras_tuner.HyperParameters, space: str = "1e-4..1e-1"
) -> float:
    """Draws a learning rate, evenly in its logarithm.

    Args:
        space: From the lowest to the highest, such as "1e-4..1e-1", or those to choose
            from, with commas: "0.001,0.01".
    """
    config = _config({"learning_rate": space}, epochs=1)
    check_corners(config)
    return choose_settings(hp, config)["learning_rate"]


def hp_schedule(
    hp: keras_tuner.HyperParameters,
    *,
    steps_per_epoch: int,
    epochs: int,
    **settings: Any,
) -> Schedule:
    """Draws a learning rate schedule for Keras; a number where it is constant.

    Args:
        steps_per_epoch, epochs: The training's length, against which durations are
            measured.
        **settings: As the trainer's flags, with their ranges and choices:
            `learning_rate="1e-4..1e-1"`, `schedule="constant,cosine"`,
            `warmup="0%..10%"`, ...; see `python -m trainer --help`.

    Raises:
        ConfigError: There is no such setting, or its value is refused.
    """
    return _plan(hp, steps_per_epoch, epochs, settings)[1].learning_rate


def hp_optimizer(
    hp: keras_tuner.HyperParameters,
    *,
    steps_per_epoch: int,
    epochs: int,
    **settings: Any,
) -> keras.Optimizer:
    """Draws an optimizer with its schedule; arguments as of `hp_schedule`.

    Among the settings may be `optimizer="adam,sgd"` and parameters of optimizers, such
    as `momentum="0.8..0.99"`, which count for the optimizers that have them.

    Raises:
        ConfigError: There is no such setting, or its value is refused.
    """
    return build_optimizer(*_plan(hp, steps_per_epoch, epochs, settings))


def _plan(
    hp: keras_tuner.HyperParameters,
    steps_per_epoch: int,
    epochs: int,
    settings: dict[str, Any],
) -> tuple[Config, Plan]:
    config = with_default_space(_config(settings, epochs))
    check_corners(config)
    config = filled_in(config, choose_settings(hp, config))
    length = RunLength(steps_per_epoch, epochs, config.accumulate)
    return config, build_plan(config, base_learning_rate(config), length)


def _config(settings: dict[str, Any], epochs: int) -> Config:
    given: dict[str, Any] = {}
    for name, value in settings.items():
        if name not in SETTINGS:
            raise ConfigError(
                f"Every setting must be one of the trainer's flags. Received: {name}"
                f"{nearest(name, SETTINGS)}. See python -m trainer --help."
            )
        kind = SETTINGS[name].kind
        given[name] = parse_open(kind, value) if isinstance(value, str) else value
    return Config(**{"mode": "search", "epochs": epochs, **given})
