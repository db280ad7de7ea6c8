"""Builds any optimizer of Keras by its name, with the parameters that flags set."""

import inspect
from collections.abc import Container
from typing import Any

import keras

from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.optimizers.moving_momentum import with_moving_momentum
from trainer.planning.plan import Plan
from trainer.settings.config import Config
from trainer.settings.optimizer import (
    DEFAULT_OPTIMIZER,
    PARAMETERS,
    OptimizerFlags,
)

_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")

# These hold other optimizers and cannot train alone.
_WRAPPERS = {"LossScaleOptimizer", "MultiOptimizer", "OptimizerMap", "Optimizer"}


def base_learning_rate(config: Config) -> float:
    """Gives --learning_rate, or the default of the optimizer in Keras.

    Raises:
        ConfigError: It is auto; a range test has to replace that before.
    """
    if config.learning_rate == "auto":
        raise ConfigError(
            "`--learning_rate` must be a number where no range test comes first. "
            f"Received: --learning_rate=auto --mode={config.mode}. Find one with "
            "--mode=range_test."
        )
    if config.learning_rate is not None:
        return float(config.learning_rate)
    parameters = inspect.signature(find_class(config.optimizer)).parameters
    return parameters["learning_rate"].default


def has_parameter(optimizer: str, name: str) -> bool:
    """Tells whether the optimizer of this name takes the parameter.

    Raises:
        ConfigError: Keras has no optimizer of this name.
    """
    return name in inspect.signature(find_class(optimizer)).parameters


def check_optimizer(config: Config) -> None:
    """Refuses parameters that the optimizer does not have.

    Raises:
        ConfigError: One of them was given, or they contradict each other.
    """
    # None is that of a compiled model, which is checked once the model is there.
    if config.optimizer is not None:
        check_parameters(config, find_class(config.optimizer))


def check_parameters(
    config: Config, optimizer_class: type[keras.optimizers.Optimizer]
) -> None:
    """Refuses parameters that `optimizer_class` does not have.

    Raises:
        ConfigError: One of them was given, or they contradict each other.
    """
    known = inspect.signature(optimizer_class).parameters
    given = given_parameters(config)
    for name in given:
        if name not in known:
            has = ", ".join(each for each in PARAMETERS if each in known)
            raise ConfigError(
                f"`--{name}` must be a parameter of the optimizer. Received: --{name} "
                f"with --optimizer={config.optimizer or optimizer_class.__name__}, "
                f"which has {has}. Leave --{name} out or change --optimizer."
            )
    clips = [name for name in _CLIPS if name in given]
    if len(clips) > 1:
        raise ConfigError(
            "Gradients can be clipped in one way only. Received: "
            f"{' '.join(f'--{name}' for name in clips)}. Leave all but one out."
        )
    if config.cycle_momentum is not None:
        _check_cycle_momentum(config, known)


def build_optimizer(config: Config, plan: Plan) -> keras.optimizers.Optimizer:
    """Builds `config.optimizer`, with Keras' defaults for what is not set.

    Raises:
        ConfigError: As `check_optimizer`.
    """
    check_optimizer(config)
    arguments = given_parameters(config)
    if config.accumulate > 1:
        arguments["gradient_accumulation_steps"] = config.accumulate
    optimizer = find_class(config.optimizer)
    if plan.momentum is not None:
        return with_moving_momentum(optimizer, plan.momentum)(
            learning_rate=plan.learning_rate, **arguments
        )
    return optimizer(learning_rate=plan.learning_rate, **arguments)


def given_parameters(flags: OptimizerFlags) -> dict[str, Any]:
    """Collects the parameters that were given, by name."""
    values = {name: getattr(flags, name) for name in PARAMETERS}
    return {name: value for name, value in values.items() if value is not None}


def _check_cycle_momentum(flags: OptimizerFlags, known: Container[str]) -> None:
    if "momentum" not in known and "beta_1" not in known:
        raise ConfigError(
            "`--cycle_momentum` needs an optimizer with momentum or beta_1. Received: "
            f"--optimizer={flags.optimizer}. Use sgd, rmsprop or one of the Adam "
            "family."
        )
    for name in ("momentum", "beta_1"):
        if name in given_parameters(flags):
            raise ConfigError(
                f"`--{name}` and --cycle_momentum both set the momentum. Received: "
                "both. Leave one of them out."
            )


def find_class(name: str | None) -> type[keras.optimizers.Optimizer]:
    """Finds the class of an optimizer by its name, in any case.

    Args:
        name: --optimizer; None is the default.

    Raises:
        ConfigError: Keras has no optimizer of this name.
    """
    name = name or DEFAULT_OPTIMIZER
    classes = _optimizer_classes()
    found = classes.get(name.lower().replace("_", ""))
    if found is None:
        names = sorted(classes)
        raise ConfigError(
            f"`--optimizer` must be one of {', '.join(names)}{nearest(name, names)}. "
            f"Received: --optimizer={name}. For example --optimizer=adam."
        )
    return found


def _optimizer_classes() -> dict[str, type[keras.optimizers.Optimizer]]:
    return {
        name.lower(): value
        for name, value in vars(keras.optimizers).items()
        if inspect.isclass(value)
        and issubclass(value, keras.optimizers.Optimizer)
        and name not in _WRAPPERS
    }
