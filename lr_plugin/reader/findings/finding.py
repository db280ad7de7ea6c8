"""What a finding is, and how it writes numbers."""

import dataclasses
import math

from lr_plugin.reader.outcome.moment import Moment


@dataclasses.dataclass(frozen=True)
class Finding:
    """One mistake.

    Attributes:
        kind: What it is, in snake case.
        severity: "error", "warning" or "info".
        text: Sentences for the user.
        step: The iteration that shows it; None if its row is not at hand.
        epoch: Of that row, counted from 0; None if the run does not say.
        learning_rate: Of that row; None if it was not recorded.
        loss: Of that row; None if it was not recorded.
    """

    kind: str
    severity: str
    text: str
    step: int | None
    epoch: int | None = None
    learning_rate: float | None = None
    loss: float | None = None


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a finding points to.

    Attributes:
        moment: The very row; None if it is not at hand.
        first_step, last_step: Between which it is.
    """

    moment: Moment | None
    first_step: int
    last_step: int

    def __str__(self) -> str:
        """Names the iteration, and its epoch as people count them, from 1."""
        if self.moment is None:
            return f"iterations {self.first_step:,} to {self.last_step:,}"
        words = f"iteration {self.moment.step:,}"
        if self.moment.epoch is not None:
            words += f" (epoch {self.moment.epoch + 1:,})"
        return words

    @property
    def with_rate(self) -> str:
        """Names the iteration and the rate that it used."""
        if self.moment is None or self.moment.learning_rate is None:
            return str(self)
        return f"{self}, where the rate was {shorten(self.moment.learning_rate)}"


def make_finding(kind: str, severity: str, text: str, place: Place) -> Finding:
    """Makes a finding that points to a place."""
    if place.moment is None:
        return Finding(kind, severity, text, None)
    return Finding(kind, severity, text, **dataclasses.asdict(place.moment))


def shorten(value: float) -> str:
    """Writes a number with three significant digits, as the tab does.

    At least the digits before the point: 2,468, and 1.23e-5 rather than 1.23e-05.
    """
    if math.isnan(value):
        return "NaN"
    rounded = f"{value:.3g}"
    size = abs(float(rounded))
    if 1000 <= size < 1e6:
        return f"{value:,.0f}"
    if "e" not in rounded and (size == 0 or not size < 1e-3):
        return rounded
    mantissa, exponent = f"{value:.2e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"
