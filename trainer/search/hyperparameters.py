"""Turns what a search varies into keras-tuner's hyperparameters, and back."""

import math
from collections.abc import Mapping
from typing import Any

import keras_tuner

from trainer.optimizers.building import has_parameter
from trainer.settings.config import SETTINGS, Config
from trainer.settings.durations import Duration
from trainer.settings.flag_types import Length, Whole
from trainer.settings.open_values import Choices, Range
from trainer.settings.optimizer import DEFAULT_OPTIMIZER, PARAMETERS
from trainer.settings.schedule import flags_of_schedule
from trainer.settings.search_space import (
    open_settings,
    optimizers_of,
    schedules_of,
    trial_config,
)

_GRID_POINTS = 5


def choose_settings(hp: keras_tuner.HyperParameters, config: Config) -> dict[str, Any]:
    """Declares what the search varies, and gives the trial's values by name.

    What belongs to another schedule or optimizer than the trial's is declared, on that
    condition, but has no value.
    """
    for name, space in open_settings(config).items():
        parent, values = _condition(config, name)
        condition = {"parent_name": parent, "parent_values": values}
        if config.tuner == "grid" and isinstance(space, Range):
            space = Choices(_grid(name, space))
        if isinstance(space, Choices):
            hp.Choice(name, [_plain(value) for value in space.values], **condition)
        else:
            _declare_range(hp, name, space, condition)
    return chosen_settings(config, hp.values)


def chosen_settings(config: Config, values: Mapping[str, Any]) -> dict[str, Any]:
    """Converts keras-tuner's values to settings; other hyperparameters are left out.

    Args:
        values: The values of the hyperparameters that are active in one trial.
    """
    settings = {}
    for name, value in values.items():
        if name not in SETTINGS:
            continue
        kind = SETTINGS[name].kind
        if isinstance(kind, Length):
            unit = _unit(config, name)
            value = (
                Duration.parse(value)
                if isinstance(value, str)
                else Duration(_rounded(value, unit), unit)
            )
        settings[name] = value
    return settings


def filled_in(config: Config, settings: Mapping[str, Any]) -> Config:
    """Makes the settings of one training, as `trial_config` does.

    A parameter that is given for several optimizers is left out where the trial's
    optimizer does not have it.

    Raises:
        ConfigError: They contradict each other.
    """
    plain = trial_config(config, settings)
    optimizers = optimizers_of(config)
    if len(optimizers) == 1:
        return plain
    foreign = {
        name: None
        for name in PARAMETERS
        if getattr(plain, name) is not None
        and not has_parameter(plain.optimizer or DEFAULT_OPTIMIZER, name)
        and any(has_parameter(other, name) for other in optimizers)
    }
    return trial_config(plain, foreign)


def _condition(config: Config, name: str) -> tuple[str | None, list[str] | None]:
    """Finds the setting on which this one depends, and the values that activate it."""
    schedules = schedules_of(config)
    owners = [s for s in schedules if name in flags_of_schedule(s)]
    if 0 < len(owners) < len(schedules):
        return "schedule", owners
    optimizers = optimizers_of(config)
    if name in PARAMETERS and len(optimizers) > 1:
        owners = [o for o in optimizers if has_parameter(o, name)]
        if 0 < len(owners) < len(optimizers):
            return "optimizer", owners
    return None, None


def _declare_range(
    hp: keras_tuner.HyperParameters,
    name: str,
    space: Range,
    condition: Mapping[str, Any],
) -> None:
    kind = SETTINGS[name].kind
    sampling = "log" if SETTINGS[name].searched == "by factors" else "linear"
    low, high = space.low, space.high
    if isinstance(kind, Length):
        low, high = low.value, high.value
    declare = hp.Int if isinstance(kind, Whole) else hp.Float
    declare(name, low, high, sampling=sampling, **condition)


def _grid(name: str, space: Range) -> tuple[Any, ...]:
    kind = SETTINGS[name].kind
    if isinstance(kind, Length):
        unit = space.high.unit
        points = _spread(space.low.value, space.high.value, by_factors=False)
        return tuple(Duration(_rounded(point, unit), unit) for point in points)
    by_factors = SETTINGS[name].searched == "by factors"
    points = _spread(space.low, space.high, by_factors=by_factors)
    if isinstance(kind, Whole):
        points = [round(point) for point in points]
    return tuple(dict.fromkeys(points))


def _spread(low: float, high: float, *, by_factors: bool) -> list[float]:
    shares = [i / (_GRID_POINTS - 1) for i in range(_GRID_POINTS)]
    if by_factors:
        points = [low * (high / low) ** share for share in shares]
    else:
        points = [low + (high - low) * share for share in shares]
    # Rounded to what the user meant: 0.001, not 0.0010000000002.
    return [float(f"{point:.10g}") for point in points]


def _unit(config: Config, name: str) -> str:
    space = getattr(config, name)
    return space.high.unit if isinstance(space, Range) else ""


def _rounded(value: float, unit: str) -> float:
    """Rounds a duration so that it is easy to read; updates are whole numbers."""
    return math.floor(value + 0.5) if unit == "" else round(value, 2)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Duration) else value
