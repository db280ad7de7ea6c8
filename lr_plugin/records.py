"""What is said of a run beside its rows: how it began, and what happened."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from lr_plugin import fields

_Record = TypeVar("_Record")
# Of a record that cannot be written as it is; configurations have three or four levels.
_MAX_DEPTH = 10
_MAX_DIGITS = 18
# The recorder tries some twenty rates. Readers put all samples in one table, as wide as
# the widest of them.
_MAX_POINTS = 256


def _field(kind: fields.Kind, **arguments: Any) -> Any:
    """Declares a field of a record by the kind of its values."""
    return dataclasses.field(metadata=kind.metadata, **arguments)


@dataclasses.dataclass(frozen=True)
class RunInfo:
    """What is known about a training when it begins.

    Attributes:
        optimizer: `{"class_name": "Adam", "config": {...}}`.
        schedule: `{"class_name": "CosineDecay", "config": {...}}`; the class name is
            "constant" for a plain number and "callable" for a function.
        steps_per_epoch: Iterations in an epoch; None if the data set is endless or
            its length unknown.
        epochs: The epoch at which training is to end; None if unknown.
        first_step: Iteration at which this training begins.
        first_epoch: Epoch at which this training begins, counted from 0.
        steps_per_execution: Iterations in one call of the compiled function.
        accumulation_steps: Micro-batches that make one update.
        versions: Library name to version.
        notes: Sentences for the user about what could not be recorded, and why.
        extra: What else the program that trains wants to show, by name; `hparams` holds
            hyperparameters, `score` the objective of a trial.
    """

    optimizer: Mapping[str, Any] = _field(fields.DESCRIPTION, default_factory=dict)
    schedule: Mapping[str, Any] = _field(fields.DESCRIPTION, default_factory=dict)
    steps_per_epoch: int | None = _field(fields.WHOLE.or_none(), default=None)
    epochs: int | None = _field(fields.WHOLE.or_none(), default=None)
    first_step: int = _field(fields.WHOLE, default=0)
    first_epoch: int = _field(fields.WHOLE, default=0)
    steps_per_execution: int = _field(fields.WHOLE, default=1)
    accumulation_steps: int = _field(fields.WHOLE, default=1)
    versions: Mapping[str, str] = _field(fields.MAPPING, default_factory=dict)
    notes: Sequence[str] = _field(fields.TEXTS, default=())
    extra: Mapping[str, Any] = _field(fields.MAPPING, default_factory=dict)

    def __post_init__(self) -> None:
        fields.check_fields(self)


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that happened at one iteration.

    Attributes:
        kind: What it is, in snake case: "epoch_end", "learning_rate_set", "plateau",
            "restart", "skipped_updates", "nonfinite_loss", "score".
        step: The iteration at which it happened. Within a kind, each event's step is
            greater than the one before.
        text: One sentence for the user.
        details: Numbers and names by key, for programs.
    """

    kind: str = _field(fields.NAME)
    step: int = _field(fields.WHOLE)
    text: str = _field(fields.TEXT)
    details: Mapping[str, Any] = _field(fields.MAPPING, default_factory=dict)

    def __post_init__(self) -> None:
        fields.check_fields(self)


@dataclasses.dataclass(frozen=True)
class RangeTestRecord:
    """The result of a learning rate range test.

    Attributes:
        learning_rates: The rate of every update, rising. Shape [num_steps].
        losses: The loss of every update, one list per repeat; a repeat that diverged is
            shorter. Shape [num_repeats, <= num_steps].
        smoothed: The curve from which the suggestions follow. Shape [<= num_steps].
        suggestion: The recommended rate, or None.
        interval: Lower and upper rate that hold the suggestion with 90 % confidence,
            or None.
        reason: Why this suggestion, or why there is none.
        suggestions: Rate by the name of the rule that gave it; None where a rule has
            no answer.
        usable_band: From the first clear improvement to divergence, or None.
        stop_reason: Why the test ended, as after "because": "all rates were tried".
        loss_name: What `losses` are, as the label of an axis.
    """

    learning_rates: Sequence[float] = _field(fields.NUMBERS)
    losses: Sequence[Sequence[float]] = _field(fields.CURVES)
    smoothed: Sequence[float] = _field(fields.NUMBERS)
    suggestion: float | None = _field(fields.NUMBER.or_none())
    interval: tuple[float, float] | None = _field(fields.PAIR.or_none())
    reason: str = _field(fields.TEXT)
    suggestions: Mapping[str, float | None] = _field(
        fields.RATES_BY_NAME, default_factory=dict
    )
    usable_band: tuple[float, float] | None = _field(
        fields.PAIR.or_none(), default=None
    )
    stop_reason: str = _field(fields.TEXT, default="")
    loss_name: str = _field(fields.TEXT, default="batch loss")

    def __post_init__(self) -> None:
        fields.check_fields(self)


@dataclasses.dataclass(frozen=True)
class LandscapeSample:
    """What other rates would have done with one update of a training.

    Measured on the batch that came next, which the update had not seen: its loss at the
    weights before the update plus multiples of it.

    Attributes:
        used_rate: The rate of the update.
        critical_rate: The smallest rate at which the update would have raised the loss;
            infinite if none of `rates` did, and the smallest of them if that one did.
        loss: The loss without the update.
        rates: The rates that were tried, rising, `used_rate` among them, at most 256.
            Shape [num_points].
        loss_changes: The loss with the update at each rate, minus `loss`; infinite
            where it was not finite. Shape [num_points].
    """

    used_rate: float = _field(fields.NUMBER)
    critical_rate: float = _field(fields.NUMBER)
    loss: float = _field(fields.NUMBER)
    rates: Sequence[float] = _field(fields.NUMBERS)
    loss_changes: Sequence[float] = _field(fields.NUMBERS)

    def __post_init__(self) -> None:
        fields.check_fields(self)
        if len(self.rates) != len(self.loss_changes) or not self.rates:
            raise ValueError(
                "`rates` and `loss_changes` must have a number for each point. "
                f"Received: {len(self.rates)} and {len(self.loss_changes)} numbers."
            )
        if len(self.rates) > _MAX_POINTS:
            raise ValueError(
                f"`rates` must be at most {_MAX_POINTS}. Received: {len(self.rates)} "
                "rates. Try fewer of them."
            )


def to_json(record: Any) -> str:
    """Serializes one of the dataclasses above.

    Values that JSON does not know are written as their `repr`, so that an optimizer's
    configuration can always be recorded. NaN and infinity are kept, in the notation of
    Python's `json`.
    """
    # Not `dataclasses.asdict`, which copies every value, however large it is.
    found = {
        field.name: getattr(record, field.name) for field in dataclasses.fields(record)
    }
    try:
        return json.dumps(found, default=_plain_value)
    except (TypeError, ValueError, RecursionError):
        # Keys that are no names, or values that contain themselves.
        return json.dumps(_with_plain_keys(found, depth=0), default=_plain_value)


def from_json(
    cls: type[_Record],
    text: str | bytes,
    *,
    on_flaw: Callable[[str], None] | None = None,
) -> _Record:
    """Restores what `to_json` wrote; keys of a later version are ignored.

    Args:
        on_flaw: Takes a sentence about each field that holds something else than it
            may, and is left out; if None, the first of them is an error.

    Raises:
        ValueError: The text is no such record.
    """
    try:
        found = json.loads(text, parse_int=_parse_int)
    except RecursionError as error:
        raise ValueError("A record's text must be JSON of a few levels.") from error
    except ValueError as error:
        raise ValueError(f"A record's text must be JSON. Received: {error}.") from error
    known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if not isinstance(found, dict):
        raise ValueError(
            f"A record's text must be a JSON object. Received: {found!r:.80}."
        )
    values = {name: value for name, value in found.items() if name in known}
    try:
        return cls(**values)
    except (ValueError, TypeError):
        if on_flaw is None:
            raise
    flaws: list[str] = []
    valid = fields.select_valid_fields(cls, values, flaws.append)
    try:
        record = cls(**valid)
    except TypeError as error:
        missing = f"A record must have all fields. Received: {', '.join(valid)}."
        raise ValueError(flaws[0] if flaws else missing) from error
    for flaw in flaws:
        on_flaw(flaw)
    return record


def _parse_int(text: str) -> int | float:
    # Of so many digits that neither numpy nor the browser has such a whole number.
    return int(text) if len(text) <= _MAX_DIGITS else float(text)


def _plain_value(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    return repr(value)


def _with_plain_keys(value: Any, *, depth: int) -> Any:
    """Copies nested values with texts as keys; what is deeper than most is a `repr`."""
    if depth > _MAX_DEPTH:
        return "..."
    if isinstance(value, Mapping):
        return {
            str(name): _with_plain_keys(one, depth=depth + 1)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_with_plain_keys(one, depth=depth + 1) for one in value]
    return value
