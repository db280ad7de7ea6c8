"""What a search may vary a setting over: 1e-4..1e-1, or adam,sgd,rmsprop."""

import dataclasses
from typing import Any

from trainer.settings.durations import Duration
from trainer.settings.flag_types import FlagType, Length, Number, Several, Whole


@dataclasses.dataclass(frozen=True)
class Range:
    """All values from `low` to `high`, both included."""

    low: Any
    high: Any


@dataclasses.dataclass(frozen=True)
class Choices:
    """One of some values."""

    values: tuple[Any, ...]


def is_open(kind: FlagType, text: str) -> bool:
    """Tells whether a text is a range, `1e-4..1e-1`, or choices, `adam,sgd`."""
    return ".." in text or ("," in text and not isinstance(kind, Several))


def parse_open(kind: FlagType, text: str) -> Any:
    """Reads a value, a `Range` or `Choices`; ValueError for any other text."""
    if ".." in text:
        low, high = text.split("..", 1)
        return Range(kind.parse(low.strip()), kind.parse(high.strip()))
    if "," in text and not isinstance(kind, Several):
        return Choices(tuple(kind.parse(part.strip()) for part in text.split(",")))
    return kind.parse(text)


def format_value(kind: FlagType, value: Any) -> str:
    """Writes the text that `parse_open` reads back as `value`."""
    if isinstance(value, Range):
        return f"{kind.format(value.low)}..{kind.format(value.high)}"
    if isinstance(value, Choices):
        return ",".join(kind.format(each) for each in value.values)
    return kind.format(value)


def check_open(kind: FlagType, value: Range | Choices, *, by_factors: bool) -> None:
    """Raises ValueError, which says what must hold, where a search cannot vary this.

    Args:
        by_factors: Whether trials are to differ by factors; 0 cannot be multiplied.
    """
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
    if by_factors and low <= 0:
        raise ValueError("a range that begins above 0: it is searched by factors")
