"""Reads the parameters of a request, and says in a sentence which one is wrong.

All of these raise `tensorboard.errors.InvalidArgumentError`.
"""

import dataclasses
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from tensorboard import errors

from lr_plugin import schema
from lr_plugin.reader.tensors import ALL_RUNS

_DEFAULT_COLUMNS = (schema.STEP, schema.LEARNING_RATE, schema.LOSS)
_CHOSEN_COLUMNS = (schema.LEARNING_RATE, schema.LOSS)
_DEFAULT_MAX_POINTS = 2000
_MAX_MAX_POINTS = 1_000_000
# Eight columns of a million points: 64 MB.
_MAX_NUMBERS = 8_000_000
_MAX_RUNS = 100

Arguments = Mapping[str, str]


def parse_run(arguments: Arguments) -> str:
    """Reads which run is asked for."""
    run = arguments.get("run")
    if not run:
        raise errors.InvalidArgumentError(
            "`run` must name a run, as the route `runs` lists them. Received none."
        )
    return run


def check_runs(runs: Sequence[str]) -> Sequence[str]:
    """Checks which runs are asked for, all that stands for `run`."""
    if not 1 <= len(runs) <= _MAX_RUNS or not all(runs):
        raise errors.InvalidArgumentError(
            f"`run` must name 1 to {_MAX_RUNS} runs, as the route `runs` lists them, "
            f"each in a `run` of its own. Received: {len(runs)}."
        )
    return runs


@dataclasses.dataclass(frozen=True)
class SeriesQuery:
    """What is asked for of a run's series.

    Attributes:
        columns: Their names, each once.
        start: The first step, or None.
        stop: The step after the last, or None.
        max_points: How many rows the answer may have.
        by_decades: Whether they are spread for a logarithmic axis of steps.
    """

    columns: Sequence[str]
    start: int | None
    stop: int | None
    max_points: int
    by_decades: bool

    @property
    def max_bytes(self) -> int:
        """How large the answer for one run may become."""
        return 8 * self.max_points * len(self.columns)


def parse_series(arguments: Arguments, *, num_runs: int = 1) -> SeriesQuery:
    """Reads what is asked for of each of so many runs."""
    columns = parse_columns(arguments)
    return SeriesQuery(
        columns,
        start=parse_int(arguments, "start"),
        stop=parse_int(arguments, "stop"),
        max_points=parse_max_points(arguments, num_runs * len(columns)),
        by_decades=parse_spacing(arguments) == "log",
    )


def parse_columns(arguments: Arguments) -> Sequence[str]:
    """Reads which columns are asked for, each once."""
    text = arguments.get("columns")
    if text is None:
        return _DEFAULT_COLUMNS
    columns = text.split(",")
    if not all(columns):
        raise errors.InvalidArgumentError(
            f"`columns` must be names separated by commas. Received: {text[:200]!r}."
        )
    ((repeated, num_times),) = Counter(columns).most_common(1)
    if num_times > 1:
        raise errors.InvalidArgumentError(
            f"`columns` must name each column once. Received: {repeated[:200]!r} "
            f"{num_times} times."
        )
    return columns


def parse_tags(arguments: Arguments) -> Mapping[str, Mapping[str, str]]:
    """Reads which tags of other programs' runs are to be drawn, by run and column."""
    text = arguments.get("tags")
    if not text:
        return {}
    try:
        found = json.loads(text)
        is_right = all(
            set(tags) <= set(_CHOSEN_COLUMNS)
            and all(isinstance(tag, str) for tag in tags.values())
            for tags in found.values()
        )
    except (ValueError, AttributeError, TypeError, RecursionError):
        is_right = False
    if not is_right:
        raise errors.InvalidArgumentError(
            '`tags` must be JSON such as {"run1": {"learning_rate": "optim/lr", '
            f'"loss": "train/loss"}}}}, with "{ALL_RUNS}" for all runs. '
            f"Received: {text[:200]!r}."
        )
    return found


def parse_int(arguments: Arguments, name: str) -> int | None:
    """Reads a whole number; None where it is not given."""
    text = arguments.get(name)
    if text is None:
        return None
    try:
        number = int(text)
        np.int64(number)
    except (ValueError, OverflowError) as error:
        raise errors.InvalidArgumentError(
            f"`{name}` must be a whole number. Received: {text[:200]!r}."
        ) from error
    return number


def parse_max_secs(arguments: Arguments) -> float:
    """Reads after how many seconds an answer may be brief; never if not given."""
    text = arguments.get("max_secs", "inf")
    try:
        max_secs = float(text)
    except ValueError:
        max_secs = math.nan
    if not max_secs >= 0:
        raise errors.InvalidArgumentError(
            "`max_secs` must be a number of seconds of at least 0. "
            f"Received: {text[:200]!r}."
        )
    return max_secs


def parse_max_points(arguments: Arguments, num_columns: int) -> int:
    """Reads how many points of each of so many columns are asked for."""
    given = parse_int(arguments, "max_points")
    max_points = _DEFAULT_MAX_POINTS if given is None else given
    if not 1 <= max_points <= _MAX_MAX_POINTS:
        raise errors.InvalidArgumentError(
            f"`max_points` must be from 1 to {_MAX_MAX_POINTS}. Received: {max_points}."
        )
    if max_points * num_columns > _MAX_NUMBERS:
        raise errors.InvalidArgumentError(
            f"`max_points` must be at most {_MAX_NUMBERS // num_columns} for "
            f"{num_columns} columns in all. Received: {max_points}. Ask for fewer "
            "points, or for a part of the columns."
        )
    return max_points


def parse_spacing(arguments: Arguments) -> str:
    """Reads on which axis the points are to be spread, linear or log."""
    spacing = arguments.get("spacing", "linear")
    if spacing not in ("linear", "log"):
        raise errors.InvalidArgumentError(
            f"`spacing` must be linear or log. Received: {spacing[:200]!r}."
        )
    return spacing
