"""What the fields of a run's records may hold, checked wherever a value enters.

A value that means the same in another type is turned into that of the field: 94.0 and
numpy's 94 are the whole number 94. All others are refused with a sentence that names
the field. So what was written by mistake never reaches a reader, and what a file holds
never reaches code that expects something else.
"""

import dataclasses
import math
import numbers
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

# Steps travel as float64, to the browser too; up to here these are exact.
MAX_STEP = 1 << 53
# In the year 5138. JavaScript knows dates up to a hundred times that.
MAX_TIME = 1e11
_KIND = "kind"


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a field may hold.

    Attributes:
        description: What must hold of a value, for a sentence.
        convert: Gives the value as the field keeps it; raises ValueError or TypeError
            for one that it cannot hold.
    """

    description: str
    convert: Callable[[Any], Any]

    @property
    def metadata(self) -> dict[str, Any]:
        """What `dataclasses.field` is told of a field of this kind."""
        return {_KIND: self}

    def or_none(self) -> "Kind":
        """Gives the kind of a field that may hold nothing."""
        return Kind(
            f"{self.description}, or None",
            lambda value: None if value is None else self.convert(value),
        )

    def can_hold(self, value: Any) -> bool:
        """Tells whether a field of this kind can hold a value."""
        try:
            self.convert(value)
        except (ValueError, TypeError, OverflowError):
            return False
        return True

    def check(self, name: str, value: Any) -> Any:
        """Gives the value as the field `name` keeps it.

        Raises:
            ValueError: It cannot hold the value.
        """
        try:
            return self.convert(value)
        except (ValueError, TypeError, OverflowError):
            text = repr(value)
            shown = text if len(text) <= 80 else f"{text[:80]}..."
            raise ValueError(
                f"`{name}` must be {self.description}. Received: {shown}."
            ) from None


def check_fields(record: Any) -> None:
    """Checks and converts the fields of a frozen dataclass; for its `__post_init__`.

    Raises:
        ValueError: A field holds something else than it may.
    """
    for field in dataclasses.fields(record):
        kind = field.metadata.get(_KIND)
        if kind is not None:
            value = getattr(record, field.name)
            converted = kind.check(field.name, value)
            if converted is not value:
                object.__setattr__(record, field.name, converted)


def select_valid_fields(
    cls: type[Any], found: Mapping[str, Any], on_flaw: Callable[[str], None]
) -> dict[str, Any]:
    """Takes those fields of a dataclass that hold what they may.

    Args:
        on_flaw: Takes a sentence about each that does not.
    """
    valid = {}
    for field in dataclasses.fields(cls):
        if field.name not in found:
            continue
        kind = field.metadata.get(_KIND)
        try:
            value = found[field.name]
            valid[field.name] = kind.check(field.name, value) if kind else value
        except ValueError as error:
            on_flaw(str(error))
    return valid


def find_whole(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Finds which numbers of an array a field for whole ones may hold.

    Returns:
        All of them as int64, and for each whether it may.
    """
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    return whole, (whole == values) & (whole >= 0) & (whole <= MAX_STEP)


def _to_whole(value: Any) -> int:
    if type(value) is not int:
        if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
            raise ValueError
        whole = math.floor(value)
        if whole != value:
            raise ValueError
        value = whole
    if not 0 <= value <= MAX_STEP:
        raise ValueError
    return value


def _to_number(value: Any) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise ValueError
    return float(value)


def _to_time(value: Any) -> float:
    moment = _to_number(value)
    if not abs(moment) <= MAX_TIME:
        raise ValueError
    return moment


def _to_text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _to_name(value: Any) -> str:
    # Names of tags are UTF-8, which has no halves of a pair of surrogates.
    _to_text(value).encode()
    return value


def _to_mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError
    return value


def _to_description(value: Any) -> Mapping[str, Any]:
    found = _to_mapping(value)
    _to_text(found.get("class_name", ""))
    _to_mapping(found.get("config") or {})
    return found


def _is_sequence(value: Any) -> bool:
    return isinstance(value, list | tuple | np.ndarray)


def sequence_of(kind: Kind, description: str) -> Kind:
    """Gives the kind of a field that holds several values of one kind."""

    def convert(value: Any) -> tuple[Any, ...]:
        if not _is_sequence(value):
            raise ValueError
        return tuple(map(kind.convert, value))

    return Kind(description, convert)


def _to_pair(value: Any) -> tuple[float, float]:
    if not _is_sequence(value):
        raise ValueError
    low, high = value
    return _to_number(low), _to_number(high)


def _to_rates_by_name(value: Any) -> dict[str, float | None]:
    return {
        _to_text(name): None if rate is None else _to_number(rate)
        for name, rate in _to_mapping(value).items()
    }


WHOLE = Kind("a whole number from 0 to 2**53", _to_whole)
NUMBER = Kind("a number", _to_number)
TIME = Kind("a moment in seconds since 1970", _to_time)
TEXT = Kind("a text", _to_text)
NAME = Kind("a text that UTF-8 can hold", _to_name)
TEXTS = sequence_of(TEXT, "a list of texts")
MAPPING = Kind("a mapping from names to values", _to_mapping)
DESCRIPTION = Kind(
    "a mapping with `class_name`, a text, and `config`, a mapping", _to_description
)
NUMBERS = sequence_of(NUMBER, "a list of numbers")
CURVES = sequence_of(NUMBERS, "a list of lists of numbers")
PAIR = Kind("two numbers", _to_pair)
RATES_BY_NAME = Kind("a mapping from names to numbers or None", _to_rates_by_name)
