"""Lengths of time in a run: `500` updates, `5ep` epochs or `30%` of the run."""

import dataclasses
import math
import re

_PATTERN = re.compile(r"(?P<value>\d+(?:\.\d+)?)(?P<unit>ep|%|)")
_SYNTAX = "a duration: 500 (updates), 5ep (epochs) or 30% (of the run)"


@dataclasses.dataclass(frozen=True)
class RunLength:
    """The length of a run, against which durations are measured.

    Where gradients are accumulated, several batches make one update of the weights, so
    that an epoch need not be a whole number of updates.

    Args:
        batches_per_epoch: Batches in one pass over the training data.
        num_epochs: Passes in the whole run. None where it has no end.
        batches_per_update: More than 1 where gradients are accumulated.
    """

    batches_per_epoch: int
    num_epochs: int | None
    batches_per_update: int = 1

    @property
    def num_updates(self) -> int | None:
        if self.num_epochs is None:
            return None
        return self.num_epochs * self.batches_per_epoch // self.batches_per_update


@dataclasses.dataclass(frozen=True)
class Duration:
    """A length with its unit, not measured against a run yet.

    Args:
        value: At least 0; whole where the unit is updates.
        unit: "" (updates), "ep" (epochs) or "%" (of the run).
    """

    value: float
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Reads `500`, `5ep`, `2.5ep` or `30%`.

        Raises:
            ValueError: The text is none of these; the message says what would be.
        """
        match = _PATTERN.fullmatch(text.strip())
        if not match:
            raise ValueError(_SYNTAX)
        value, unit = float(match["value"]), match["unit"]
        if unit == "" and not value.is_integer():
            raise ValueError(_SYNTAX)
        if unit == "%" and value > 100:
            raise ValueError(f"{_SYNTAX}, at most 100%")
        return cls(value, unit)

    def resolve(self, length: RunLength) -> int:
        """Measures the duration in updates, to the nearest, at least 1 unless zero.

        Raises:
            ValueError: The duration is a share, and the run never ends.
        """
        batches = self._batches(length)
        return max(1, _round(batches / length.batches_per_update)) if batches else 0

    def resolve_batches(self, length: RunLength) -> int:
        """Measures the duration in batches, by the rules of `resolve`."""
        batches = self._batches(length)
        return max(1, _round(batches)) if batches else 0

    def _batches(self, length: RunLength) -> float:
        if self.unit == "":
            return self.value * length.batches_per_update
        if self.unit == "ep":
            return self.value * length.batches_per_epoch
        if length.num_epochs is None:
            raise ValueError(
                f"A share of a run needs a run with an end. Received: {self}, with "
                "a dataset that never ends. Give updates instead, such as 500."
            )
        return self.value / 100 * length.num_epochs * length.batches_per_epoch

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}" if self.unit else str(int(self.value))


def _round(value: float) -> int:
    # Python would round 12.5 updates to 12, the even number; users expect 13.
    return math.floor(value + 0.5)


ONE_EPOCH = Duration(1, "ep")
