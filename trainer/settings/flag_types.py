"""The kinds of values that flags have: how each is read, checked and written."""

import dataclasses
import math
import os
import re
from typing import Any, Protocol

from trainer.nearest import nearest
from trainer.settings.durations import Duration
from trainer.settings.imported_function import is_function


class FlagType(Protocol):
    """Reads a flag's text, and checks its value wherever that came from."""

    def parse(self, text: str) -> Any:
        """Reads the value that `text` stands for; ValueError where it is none."""

    def check(self, value: Any) -> None:
        """Raises ValueError, which says what must hold, where `value` is refused."""

    def format(self, value: Any) -> str:
        """Writes the text that `parse` reads back as `value`."""


@dataclasses.dataclass(frozen=True)
class Number:
    """A finite number within bounds, or one of `words`."""

    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    words: tuple[str, ...] = ()

    def parse(self, text: str) -> float | str:
        if text in self.words:
            return text
        try:
            return float(text)
        except ValueError:
            raise ValueError(self._rule()) from None

    def check(self, value: Any) -> None:
        if isinstance(value, str) and value in self.words:
            return
        if (
            isinstance(value, (bool, str))
            or not math.isfinite(value)
            or (self.above is not None and not value > self.above)
            or (self.at_least is not None and not value >= self.at_least)
            or (self.below is not None and not value < self.below)
            or (self.at_most is not None and not value <= self.at_most)
        ):
            raise ValueError(self._rule())

    def format(self, value: Any) -> str:
        return repr(value) if isinstance(value, float) else str(value)

    def _rule(self) -> str:
        bounds = {
            "above": self.above,
            "at least": self.at_least,
            "below": self.below,
            "at most": self.at_most,
        }
        given = [
            f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None
        ]
        rule = " ".join(["a number", " and ".join(given)]).strip()
        return " or ".join([rule, *self.words])


@dataclasses.dataclass(frozen=True)
class Share:
    """A share of another number, in percent: `10%`."""

    percent: float

    def of(self, whole: float) -> float:
        """Gives this share of `whole`."""
        return self.percent / 100 * whole

    def __str__(self) -> str:
        return f"{self.percent:g}%"


@dataclasses.dataclass(frozen=True)
class NumberOrShare(Number):
    """A number within bounds, or a `Share` from 0 to 100 %."""

    def parse(self, text: str) -> Any:
        if not text.endswith("%"):
            return super().parse(text)
        try:
            return Share(float(text[:-1]))
        except ValueError:
            raise ValueError(self._rule()) from None

    def check(self, value: Any) -> None:
        if not isinstance(value, Share):
            super().check(value)
        elif not 0 <= value.percent <= 100:
            raise ValueError(self._rule())

    def _rule(self) -> str:
        return f"{super()._rule()}, or a share such as 10%"


@dataclasses.dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    at_least: int
    at_most: int | None = None

    def parse(self, text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise ValueError(self._rule()) from None

    def check(self, value: Any) -> None:
        if (
            isinstance(value, bool)
            or int(value) != value
            or value < self.at_least
            or (self.at_most is not None and value > self.at_most)
        ):
            raise ValueError(self._rule())

    def format(self, value: Any) -> str:
        return str(value)

    def _rule(self) -> str:
        if self.at_most is not None:
            return f"a whole number from {self.at_least} to {self.at_most}"
        return f"a whole number of at least {self.at_least}"


@dataclasses.dataclass(frozen=True)
class Length:
    """A Duration: `500`, `5ep` or `30%`; above 0 unless `or_zero`."""

    or_zero: bool = False

    def parse(self, text: str) -> Duration:
        return Duration.parse(text)

    def check(self, value: Any) -> None:
        if not isinstance(value, Duration):
            raise ValueError("a Duration, as Duration.parse reads it")
        if value.value == 0 and not self.or_zero:
            raise ValueError("longer than 0")

    def format(self, value: Any) -> str:
        return str(value)


@dataclasses.dataclass(frozen=True)
class PixelSize:
    """Height and width of an image: `96`, or `96x128`."""

    def parse(self, text: str) -> tuple[int, int]:
        found = re.fullmatch(r"(\d+)(?:x(\d+))?", text)
        if found is None:
            raise ValueError(self._rule())
        height, width = found.groups()
        return int(height), int(width or height)

    def check(self, value: Any) -> None:
        if len(value) != 2 or min(value) < 1:
            raise ValueError(self._rule())

    def format(self, value: Any) -> str:
        return "x".join(map(str, value))

    def _rule(self) -> str:
        return "a size in pixels, 96 or 96x128 (height x width)"


@dataclasses.dataclass(frozen=True)
class Several:
    """Values of one kind with commas between them."""

    kind: FlagType

    def parse(self, text: str) -> tuple[Any, ...]:
        return tuple(self.kind.parse(part.strip()) for part in text.split(","))

    def check(self, value: Any) -> None:
        for part in value:
            self.kind.check(part)

    def format(self, value: Any) -> str:
        return ",".join(self.kind.format(part) for part in value)


@dataclasses.dataclass(frozen=True)
class OneOf:
    """One of some names; the error for a wrong one suggests the closest."""

    names: tuple[str, ...]

    def parse(self, text: str) -> str:
        return text

    def check(self, value: Any) -> None:
        if value not in self.names:
            raise ValueError(
                f"one of {', '.join(self.names)}{nearest(value, self.names)}"
            )

    def format(self, value: Any) -> str:
        return str(value)


@dataclasses.dataclass(frozen=True)
class OneOfOrFunction(OneOf):
    """One of some names, or the user's `module:function`."""

    def check(self, value: Any) -> None:
        if not is_function(str(value)):
            super().check(value)


@dataclasses.dataclass(frozen=True)
class Text:
    """Any text but the empty one."""

    def parse(self, text: str) -> str:
        return text

    def check(self, value: Any) -> None:
        if not value:
            raise ValueError("a name that is not empty")

    def format(self, value: Any) -> str:
        return str(value)


@dataclasses.dataclass(frozen=True)
class Place(Text):
    """A file, a folder or another text; ~ is the home folder."""

    def parse(self, text: str) -> str:
        return os.path.expanduser(text)


@dataclasses.dataclass(frozen=True)
class Switch:
    """On or off: `--name`, `--noname`, `--name=true`, `--name=false`."""

    def parse(self, text: str) -> bool:
        # t, f, 1 and 0 as absl has them, in flagfiles of other programs.
        if text.lower() not in ("true", "false", "t", "f", "1", "0"):
            raise ValueError("true or false")
        return text.lower() in ("true", "t", "1")

    def check(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise ValueError("true or false")

    def format(self, value: Any) -> str:
        return str(value).lower()
