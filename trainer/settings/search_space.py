"""What a search varies, written as the flags are: 1e-4..1e-1, or adam,sgd,rmsprop.

Nothing here imports TensorFlow or keras-tuner: a wrong range is answered at once.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from trainer.errors import ConfigError
from trainer.settings.durations import Duration
from trainer.settings.flag_types import FlagType, Length, Number, Several, Whole
from trainer.settings.schedule import SCHEDULE_FLAGS

if TYPE_CHECKING:
    from trainer.settings.config import Config

# Where trials differ by factors, not by differences.
LOG_SETTINGS = (
    "learning_rate",
    "decay",
    "end_learning_rate",
    "max_learning_rate",
    "batch_size",
    "epsilon",
    "weight_decay",
)

# In this order: what others depend on comes before them.
SEARCHABLE = (
    "schedule",
    "optimizer",
    "learning_rate",
    "decay",
    "decay_factor",
    "decay_every",
    "end_learning_rate",
    "schedule_length",
    "power",
    "max_learning_rate",
    "cycle",
    "cycle_growth",
    "cycle_factor",
    "gamma",
    "timescale",
    "decay_length",
    "warmup",
    "warmup_shape",
    "warmup_factor",
    "batch_size",
    "beta_1",
    "beta_2",
    "epsilon",
    "momentum",
    "rho",
    "weight_decay",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
)

# Say how to search, not how to train.
SEARCH_SETTINGS = (
    "search_space",
    "tuner",
    "max_trials",
    "objective",
    "trial_seeds",
    "stop_hopeless",
    "retrain_best",
    "lost_after_secs",
    "chief_wait_secs",
)

_MAX_CORNERS = 256


@dataclasses.dataclass(frozen=True)
class Range:
    """All values from `low` to `high`, both included."""

    low: Any
    high: Any


@dataclasses.dataclass(frozen=True)
class Choices:
    """One of some values."""

    values: tuple[Any, ...]


def parse_open(kind: FlagType, text: str) -> Any:
    """Reads a value, a `Range` or `Choices`; ValueError where it is none of these."""
    if ".." in text:
        low, high = text.split("..", 1)
        return Range(kind.parse(low.strip()), kind.parse(high.strip()))
    if "," in text and not isinstance(kind, Several):
        return Choices(tuple(kind.parse(part.strip()) for part in text.split(",")))
    return kind.parse(text)


def format_value(kind: FlagType, value: Any) -> str:
    """The text that `parse_open` reads back as `value`."""
    if isinstance(value, Range):
        return f"{kind.format(value.low)}..{kind.format(value.high)}"
    if isinstance(value, Choices):
        return ",".join(kind.format(each) for each in value.values)
    return kind.format(value)


def check_open(name: str, kind: FlagType, value: "Range | Choices") -> None:
    """Raises ValueError, saying what must hold, where a search cannot vary this."""
    if name not in SEARCHABLE:
        raise ValueError(f"one value: a search varies {', '.join(SEARCHABLE)}")
    if isinstance(value, Choices):
        for each in value.values:
            kind.check(each)
        if len(set(value.values)) < len(value.values):
            raise ValueError("values that differ from each other")
        return
    if not isinstance(kind, Number | Whole | Length):
        raise ValueError("a list with commas: a range is for numbers")
    ends = [value.low, value.high]
    if any(isinstance(end, str) for end in ends):
        raise ValueError("a range of numbers, such as 1e-4..1e-1")
    for end in ends:
        kind.check(end)
    low, high = ends
    if isinstance(low, Duration):
        if low.unit != high.unit and low.value:
            raise ValueError("a range with one unit, such as 0%..10%")
        low, high = low.value, high.value
    if low >= high:
        raise ValueError("a range whose lower end comes first, such as 1e-4..1e-1")
    if name in LOG_SETTINGS and low <= 0:
        raise ValueError("a range that begins above 0: it is searched by factors")


def open_settings(config: "Config") -> dict[str, "Range | Choices"]:
    """What the search varies, by name, parents first."""
    return {
        name: value
        for name in SEARCHABLE
        if isinstance(value := getattr(config, name), Range | Choices)
    }


def with_default_space(config: "Config") -> "Config":
    """The settings with something to search, where the flags leave all of it open.

    Raises:
        ConfigError: Every setting has one value.
    """
    changes: dict[str, Any] = {}
    if config.search_space == "auto":
        changes["learning_rate"] = "auto"
    if not open_settings(config):
        rate = changes.get("learning_rate", config.learning_rate)
        changes["learning_rate"] = Range(1e-4, 1e-1) if rate is None else rate
        of_schedules = {name for flags in SCHEDULE_FLAGS.values() for name in flags}
        shape = {"schedule", *of_schedules}
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
    """The rates to search where a range test gave this interval of its suggestion.

    The interval says where the loss falls fastest. The best rate of a whole training
    lies near it, and more often above than below: a factor of 3 down and of 10 up.
    """
    return Range(float(f"{low / 3:.3g}"), float(f"{high * 10:.3g}"))


def schedules_of(config: "Config") -> tuple[str, ...]:
    """The schedules that trials may have."""
    searched = open_settings(config).get("schedule")
    if isinstance(searched, Choices):
        return searched.values
    return (config.schedule_name,)


def optimizers_of(config: "Config") -> tuple[str, ...]:
    """The optimizers that trials may have."""
    searched = open_settings(config).get("optimizer")
    return searched.values if isinstance(searched, Choices) else (config.optimizer,)


def trial_config(config: "Config", settings: Mapping[str, Any]) -> "Config":
    """The settings of one training: those of the search, `settings` filled in.

    What belongs to another of the schedules that are tried is left out.

    Args:
        settings: A value for each that the search varies, except where it belongs to
            another schedule or optimizer; and more, such as `run`.

    Raises:
        ConfigError: They contradict each other.
    """
    schedule = settings.get("schedule", config.schedule_name)
    of_others = {
        name
        for other in schedules_of(config)
        for name in SCHEDULE_FLAGS[other]
        if name not in SCHEDULE_FLAGS[schedule]
    }
    # What does not count in this trial has no value in it.
    inactive = {name for name in open_settings(config) if name not in settings}
    left_out: dict[str, Any] = dict.fromkeys(of_others | inactive)
    return dataclasses.replace(
        config, **{"mode": "train", "search_space": None, **settings, **left_out}
    )


def corners(
    config: "Config",
    fill_in: Callable[["Config", Mapping[str, Any]], "Config"] = trial_config,
) -> Iterator["Config"]:
    """The trainings at the ends of all ranges, for each of the choices.

    Where these are very many, all ranges are at their low or all at their high end.

    Args:
        fill_in: Makes the settings of one.

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
