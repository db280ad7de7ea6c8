"""Reads the parameters of a request, and says in a sentence which one is wrong.

All of these raise `tensorboard.errors.InvalidArgumentError`.
"""

import json
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

Arguments = Mapping[str, str]


def parse_run(arguments: Arguments) -> str:
    """Reads which run is asked for."""
    run = arguments.get("run")
    if not run:
        raise errors.InvalidArgumentError(
            "`run` must name a run, as the route `runs` lists them. Received none."
        )
    return run


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
    if len(set(columns)) < len(columns):
        repeated = max(columns, key=columns.count)
        raise errors.InvalidArgumentError(
            f"`columns` must name each column once. Received: {repeated[:200]!r} "
            f"{columns.count(repeated)} times."
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


def parse_max_points(arguments: Arguments, num_columns: int) -> int:
    """Reads how many points of each of so many columns are asked for."""
    max_points = parse_int(arguments, "max_points")
    if max_points is None:
        return _DEFAULT_MAX_POINTS
    if not 1 <= max_points <= _MAX_MAX_POINTS:
        raise errors.InvalidArgumentError(
            f"`max_points` must be from 1 to {_MAX_MAX_POINTS}. Received: {max_points}."
        )
    if max_points * num_columns > _MAX_NUMBERS:
        raise errors.InvalidArgumentError(
            f"`max_points` must be at most {_MAX_NUMBERS // num_columns} for "
            f"{num_columns} columns. Received: {max_points}. Ask for fewer points, or "
            "for a part of the columns."
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
