"""What a search varies, and the trainings that may follow from it.

Nothing here imports TensorFlow or keras-tuner, so that a wrong range is refused at
once.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trainer.errors import ConfigError
from trainer.settings.config import SEARCHABLE, Config
from trainer.settings.durations import Duration
from trainer.settings.open_values import Choices, Range
from trainer.settings.schedule import FLAGS_OF_SCHEDULES, flags_of_schedule

_MAX_CORNERS = 256


def open_settings(config: Config) -> dict[str, Range | Choices]:
    """Collects what the search varies, by name; first what other settings depend on."""
    return {
        name: value
        for name in SEARCHABLE
        if isinstance(value := getattr(config, name), Range | Choices)
    }


def with_default_space(config: Config) -> Config:
    """Adds the default space where the flags say nothing of what to search.

    Raises:
        ConfigError: Every setting has one value.
    """
    changes: dict[str, Any] = {}
    if config.search_space == "auto":
        changes["learning_rate"] = "auto"
    if not open_settings(config):
        rate = changes.get("learning_rate", config.learning_rate)
        changes["learning_rate"] = Range(1e-4, 1e-1) if rate is None else rate
        shape = {"schedule", *FLAGS_OF_SCHEDULES}
        if all(getattr(config, name) is None for name in shape):
            changes["schedule"] = Choices(("constant", "exponential", "cosine"))
        if config.warmup is None:
            changes["warmup"] = Range(Duration(0, "%"), Duration(10, "%"))
    changed = dataclasses.replace(config, **changes)
    if not open_settings(changed) and changed.learning_rate != "auto":
        raise ConfigError(
            "`--mode=search` needs something to search. Received: one value for each "
            "setting. Give a range, such as --learning_rate=1e-4..1e-1, or choices, "
            "such as --optimizer=adam,sgd."
        )
    return changed


def around_interval(low: float, high: float) -> Range:
    """Chooses the rates to search where a range test gave this interval.

    The interval says where the loss falls fastest. The best rate of a whole training
    lies near it, and more often above than below: a factor of 3 down and of 10 up.
    """
    return Range(float(f"{low / 3:.3g}"), float(f"{high * 10:.3g}"))


def schedules_of(config: Config) -> tuple[str, ...]:
    """Lists the schedules that trials may have."""
    searched = open_settings(config).get("schedule")
    if isinstance(searched, Choices):
        return searched.values
    return (config.schedule_name,)


def optimizers_of(config: Config) -> tuple[str, ...]:
    """Lists the optimizers that trials may have."""
    searched = open_settings(config).get("optimizer")
    return searched.values if isinstance(searched, Choices) else (config.optimizer,)


def trial_config(config: Config, settings: Mapping[str, Any]) -> Config:
    """Makes the settings of one training: those of the search, `settings` filled in.

    Flags that belong to other schedules of the search are left out.

    Args:
        settings: A value for each setting that the search varies, except those that
            belong to another schedule or optimizer; and more, such as `run`.

    Raises:
        ConfigError: They contradict each other.
    """
    schedule = settings.get("schedule", config.schedule_name)
    of_others = {
        name
        for other in schedules_of(config)
        for name in flags_of_schedule(other)
        if name not in flags_of_schedule(schedule)
    }
    # A setting that has no effect in this trial has no value in it.
    inactive = {name for name in open_settings(config) if name not in settings}
    left_out: dict[str, Any] = dict.fromkeys(of_others | inactive)
    return dataclasses.replace(
        config, **{"mode": "train", "search_space": None, **settings, **left_out}
    )


def corners(
    config: Config,
    fill_in: Callable[[Config, Mapping[str, Any]], Config] = trial_config,
) -> Iterator[Config]:
    """Yields the trainings at the ends of all ranges, for each of the choices.

    Where these would be more than 256, either all ranges are at their low end or all
    are at their high end.

    Args:
        fill_in: Makes the settings of one training.

    Raises:
        ConfigError: The settings of one of them contradict each other.
    """
    spaces = open_settings(config)
    choices = {n: s.values for n, s in spaces.items() if isinstance(s, Choices)}
    ends = {n: (s.low, s.high) for n, s in spaces.items() if isinstance(s, Range)}
    sides = list(itertools.islice(itertools.product(*ends.values()), _MAX_CORNERS))
    num_choices = math.prod(len(values) for values in choices.values())
    if ends and num_choices * 2 ** len(ends) > _MAX_CORNERS:
        sides = list(zip(*ends.values(), strict=True))
    for chosen in itertools.product(*choices.values()):
        for side in sides:
            names, values = (*choices, *ends), (*chosen, *side)
            yield fill_in(config, dict(zip(names, values, strict=True)))


def check_corners(config: Config) -> None:
    """Checks the trainings at the ends of all ranges, for each of the choices.

    To be called once, when a search begins: it makes a `Config` for each of them.

    Raises:
        ConfigError: The settings of one of them contradict each other.
    """
    for _ in corners(config):
        pass  # Each is checked where it is made.
