"""The rows of a run of another program, made of its scalars."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.foreign.join import Joined, Refused, join
from lr_plugin.reader.foreign.points import Points
from lr_plugin.reader.foreign.tag_choice import PLUS, TagChoice
from lr_plugin.rows import WALL_TIME, Rows

# So many rates and losses beside those that are drawn first.
_MAX_OTHERS = 16
LOSS_PREFIX = f"{schema.LOSS}:"


@dataclasses.dataclass(frozen=True, eq=False)
class ForeignRows:
    """The rows of a run, and how they were made.

    Attributes:
        rows: One for each loss; for each rate where there is no loss. Columns are
            `step`, `learning_rate`, `loss`, then other rates and losses by their tags,
            and `wall_time`.
        base: The points that the rows are made of.
        rate: The points of the rate.
        rate_tag: Its tag.
        loss_tag: The tag of the loss; None if there is none beside the rate.
        joined: How they were joined; None if there is no loss.
        refused: The loss that could not be joined with the rate, and why.
        apart: The rows of that loss, with `step`, `loss` and `wall_time`.
        other_rates: Tags of rates that are not drawn first.
        other_losses: Tags of losses that are not drawn first.
    """

    rows: Rows
    base: Points
    rate: Points
    rate_tag: str
    loss_tag: str | None
    joined: Joined | None
    refused: tuple[str, Refused] | None
    apart: Rows | None
    other_rates: Sequence[str]
    other_losses: Sequence[str]

    @property
    def num_rates_left_out(self) -> int:
        """How many rates were logged that were in force at no loss."""
        if self.joined is None:
            return 0
        # They never fall.
        used = self.joined.numbers[self.joined.numbers >= 0]
        num_used = np.count_nonzero(np.diff(used)) + (len(used) > 0)
        return len(self.rate) - int(num_used)


def make_rows(choice: TagChoice, points: Mapping[str, Points]) -> ForeignRows | None:
    """Makes the rows of a run; None if no rate was logged yet."""
    rates = [tag for tag in choice.rates if tag in points]
    if not rates:
        return None
    points = {**points, **_add_sums(choice.losses, points)}
    losses = [tag for tag in choice.losses if tag in points]
    rate_tag, loss_tag, joined, refused = rates[0], None, None, None
    rate = points[rate_tag]
    # What stands first may not have been logged at all.
    num_tried = max(choice.may_stand_in - len(choice.losses) + len(losses), 1)
    for tag in losses[:num_tried]:
        found = join(rate, points[tag])
        if isinstance(found, Joined):
            loss_tag, joined, refused = tag, found, None
            break
        refused = refused or (tag, found)
    base = rate if loss_tag is None else points[loss_tag]
    rows = {schema.STEP: base.steps, schema.LEARNING_RATE: rate.values}
    if loss_tag is not None and joined is not None:
        rows[schema.LEARNING_RATE] = _hold(rate, joined)
        rows[schema.LOSS] = base.values
    others = [tag for tag in losses if tag not in (loss_tag, rate_tag)]
    for tag in _name_columns(rates[1:]):
        found = join(points[tag], base)
        if isinstance(found, Joined):
            rows[schema.named_rate(tag)] = _hold(points[tag], found)
    for tag in _name_columns(others):
        values = _take_same_steps(points[tag], base)
        if values is not None:
            rows[LOSS_PREFIX + tag] = values
    apart: Rows | None = None
    if refused is not None:
        first = points[refused[0]]
        apart = {
            schema.STEP: first.steps,
            schema.LOSS: _shorten(first.values),
            WALL_TIME: first.wall_times,
        }
    rows = {name: _shorten(values) for name, values in rows.items()}
    rows[WALL_TIME] = base.wall_times
    return ForeignRows(
        rows, base, rate, rate_tag, loss_tag, joined, refused, apart, rates[1:], others
    )


def _name_columns(tags: Sequence[str]) -> list[str]:
    """Takes the tags that become columns; a comma would part a column's name."""
    return [tag for tag in tags if "," not in tag][:_MAX_OTHERS]


def _add_sums(losses: Sequence[str], points: Mapping[str, Points]) -> dict[str, Points]:
    """Adds up the parts of a loss where all were logged."""
    sums = {}
    for loss in losses:
        parts = [points[part] for part in loss.split(PLUS) if part in points]
        if loss not in points and len(parts) == len(loss.split(PLUS)):
            steps = functools.reduce(np.intersect1d, [part.steps for part in parts])
            taken = [np.isin(part.steps, steps) for part in parts]
            kept = [p.values[t] for p, t in zip(parts, taken, strict=True)]
            sums[loss] = dataclasses.replace(
                parts[0],
                steps=steps,
                values=np.sum(kept, axis=0),
                wall_times=parts[0].wall_times[taken[0]],
                written=parts[0].written[taken[0]],
            )
    return {loss: points for loss, points in sums.items() if len(points)}


def _hold(rate: Points, joined: Joined) -> np.ndarray:
    """Takes the rate in force at each row, NaN where none was logged yet."""
    return np.where(joined.numbers < 0, np.nan, rate.values[joined.numbers])


def _take_same_steps(points: Points, base: Points) -> np.ndarray | None:
    """Takes the value at each row's step, NaN where there is none; None if nowhere."""
    if points.counted != base.counted:
        return None
    places = np.minimum(np.searchsorted(points.steps, base.steps), len(points) - 1)
    is_there = points.steps[places] == base.steps
    return np.where(is_there, points.values[places], np.nan) if is_there.any() else None


def _shorten(values: np.ndarray) -> np.ndarray:
    """Stores values as float32 if they are: most are logged so."""
    if values.dtype != np.float64:
        return values
    with np.errstate(over="ignore"):
        short = values.astype(np.float32)
    return short if np.array_equal(short, values, equal_nan=True) else values
