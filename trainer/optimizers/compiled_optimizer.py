"""The optimizer that the user's model was compiled with, as far as flags keep it."""

import inspect

import keras
from keras.optimizers.schedules import LearningRateSchedule

from trainer.errors import ConfigError
from trainer.optimizers.building import check_parameters, given_parameters
from trainer.optimizers.moving_momentum import with_moving_momentum
from trainer.planning.phases import Phase, plan_phases
from trainer.planning.plan import Plan
from trainer.planning.rate_flags import RATE_FLAGS
from trainer.settings.config import Config
from trainer.settings.durations import RunLength


def keeps_compiled_optimizer(model: keras.Model, optimizer: str | None) -> bool:
    """Tells whether a model is trained by the optimizer that it was compiled with.

    Args:
        optimizer: --optimizer, which would take its place.
    """
    return optimizer is None and model.compiled and model.optimizer is not None


def plan_compiled_optimizer(
    model: keras.Model, config: Config, batches_per_epoch: int
) -> tuple[Phase, ...]:
    """Plans the rate of the optimizer that a model was compiled with.

    Flags of the rate change it.

    Raises:
        ConfigError: The optimizer has a schedule, and flags would change that.
    """
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    if hasattr(optimizer, "optimizers"):
        raise ConfigError(
            "`--model` must be compiled with one optimizer. Received: a "
            f"{type(optimizer).__name__} in --model={config.model}. Compile it with "
            "one of them, or give --optimizer."
        )
    # Keras offers no public way to ask an optimizer for its schedule.
    rate = optimizer._learning_rate
    if config.learning_rate is not None:
        return plan_phases(config, float(config.learning_rate), batches_per_epoch)
    if not isinstance(rate, LearningRateSchedule) and not callable(rate):
        number = float(keras.ops.convert_to_numpy(rate))
        return plan_phases(config, number, batches_per_epoch)
    asked = [
        name
        for name, default in RATE_FLAGS.items()
        if getattr(config, name) is not default
    ]
    if config.scale_learning_rate != "none":
        asked.append("scale_learning_rate")
    if asked or config.unfreeze_after is not None:
        name = asked[0] if asked else "unfreeze_after"
        raise ConfigError(
            f"`--{name}` needs --learning_rate where the model's optimizer has a "
            f"schedule of its own. Received: --{name} without it, a "
            f"{type(rate).__name__} in --model={config.model}. Add --learning_rate or "
            f"leave --{name} out."
        )
    plan = Plan(
        learning_rate=rate,
        momentum=None,
        lines=(f"Schedule: the model's own, {type(rate).__name__}.",),
    )
    length = RunLength(batches_per_epoch, config.epochs, config.accumulate)
    return (Phase(0, config.epochs, config, length, plan),)


def rebuild_optimizer(
    optimizer: keras.optimizers.Optimizer, config: Config, plan: Plan
) -> keras.optimizers.Optimizer:
    """Builds a fresh optimizer of the same class and settings, with the rate of `plan`.

    Raises:
        ConfigError: Flags give parameters that it does not have.
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    kind = type(optimizer)
    check_parameters(config, kind)
    changes = given_parameters(config)
    if config.accumulate > 1:
        changes["gradient_accumulation_steps"] = config.accumulate
    settings = {**optimizer.get_config(), **changes}
    settings["learning_rate"] = plan.learning_rate
    known = inspect.signature(kind).parameters
    if not any(p.kind is p.VAR_KEYWORD for p in known.values()):
        settings = {name: value for name, value in settings.items() if name in known}
    if plan.momentum is not None:
        kind = with_moving_momentum(kind, plan.momentum)
    rebuilt = kind(**settings)
    # What `exclude_from_weight_decay` stores is not in the configuration.
    names = ("_exclude_from_weight_decay_pattern",)
    for name in names:
        if hasattr(optimizer, name):
            setattr(rebuilt, name, getattr(optimizer, name))
    return rebuilt
