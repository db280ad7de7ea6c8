"""What a recorded run consists of, and how it is packed into tensors.

Needs numpy alone, so that whoever writes or reads a run shares one definition.

A run is a sequence of rows, one per iteration (one call of the training step), in the
order in which they happened; `lr_plugin.rows` says how rows travel.

`step` counts the optimizer's iterations from 0: it is the position for which the
schedule was asked. It never falls within one training. It repeats where loss scaling
skipped an update, because the optimizer then does not advance. A resumed run writes
some steps again; what is written later replaces what was written earlier.
"""

import dataclasses
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from lr_plugin.rows import STEP as STEP
from lr_plugin.rows import Rows as Rows

SCHEMA_VERSION = 1

# The directory below a run's log directory that holds the record. It is kept apart from
# other event files because TensorBoard's Python loader stops reading the older of two
# live files in one directory.
SUBDIRECTORY = "learning_rate"

LEARNING_RATE = "learning_rate"
LOSS = "loss"
APPLIED = "applied"
STEP_SIZE = "step_size"
GRADIENT_NORM = "gradient_norm"
MOMENTUM = "momentum"

# Columns of measurements, in the order in which they are stored. Where a model has
# several optimizers, a column for each one's rate follows.
VALUE_COLUMNS = (LEARNING_RATE, LOSS, STEP_SIZE, GRADIENT_NORM, MOMENTUM)

ROWS_PER_BLOCK = 1024
ROWS_PER_BUCKET = 256
# An overview event grows to this many buckets before the next one begins.
BUCKETS_PER_OVERVIEW = 64

_Record = TypeVar("_Record")


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

    optimizer: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    schedule: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    steps_per_epoch: int | None = None
    epochs: int | None = None
    first_step: int = 0
    first_epoch: int = 0
    steps_per_execution: int = 1
    accumulation_steps: int = 1
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    notes: Sequence[str] = ()
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)


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

    kind: str
    step: int
    text: str
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class RangeTestRecord:
    """The result of a learning rate range test.

    Attributes:
        learning_rates: The rate of every update, rising. Shape [num_steps].
        losses: The loss of every update, one list per repeat; a repeat that diverged is
            shorter. Shape [num_repeats][<= num_steps].
        smoothed: The curve from which the suggestions follow. Shape [<= num_steps].
        suggestion: The recommended rate, or None.
        interval: Lower and upper rate that hold the suggestion with 90 % confidence,
            or None.
        reason: Why this suggestion, or why there is none.
        suggestions: Rate by the name of the rule that gave it; None where a rule has
            no answer.
        usable_band: From the first clear improvement to divergence, or None.
        stop_reason: Why the test ended.
        loss_name: What `losses` are, as the label of an axis.
    """

    learning_rates: Sequence[float]
    losses: Sequence[Sequence[float]]
    smoothed: Sequence[float]
    suggestion: float | None
    interval: tuple[float, float] | None
    reason: str
    suggestions: Mapping[str, float | None] = dataclasses.field(default_factory=dict)
    usable_band: tuple[float, float] | None = None
    stop_reason: str = ""
    loss_name: str = "batch loss"


def to_json(record: Any) -> str:
    """Serializes one of the dataclasses above.

    Values that JSON does not know are written as their `repr`, so that an optimizer's
    configuration can always be recorded. NaN and infinity are kept, in the notation of
    Python's `json`.
    """
    return json.dumps(dataclasses.asdict(record), default=_plain_value)


def from_json(cls: type[_Record], text: str | bytes) -> _Record:
    """Restores what `to_json` wrote; keys of a later version are ignored."""
    known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    found = json.loads(text)
    return cls(**{name: value for name, value in found.items() if name in known})


def _plain_value(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return repr(value)


def named_rate(optimizer: str) -> str:
    """Names the column of one optimizer's rate where a model has several."""
    return f"{LEARNING_RATE}:{optimizer}"


def value_columns(columns: Collection[str]) -> tuple[str, ...]:
    """Picks the measurements among columns (or rows), in the order of storage."""
    known = [name for name in VALUE_COLUMNS if name in columns]
    return (*known, *(name for name in columns if name.startswith(named_rate(""))))


def stored_columns(measurements: Sequence[str]) -> tuple[str, ...]:
    """Names the columns of blocks with these measurements."""
    return (*measurements, APPLIED, STEP)


def overview_columns(measurements: Sequence[str]) -> tuple[str, ...]:
    """Names the columns of an overview of these measurements."""
    return (
        STEP,
        "num_rows",
        "num_applied",
        *(
            f"{name}:{statistic}"
            for name in measurements
            for statistic in ("min", "max", "mean", "num_nonfinite")
        ),
    )


def pack_block(rows: Rows) -> np.ndarray:
    """Packs rows into the tensor of one block; the block's event has the first step.

    `applied` and `step` come last and are left out where they can be inferred: `step`
    if the steps are consecutive, and then also `applied` if it is 1 throughout. So a
    usual row costs four bytes for each measurement and nothing else.

    Returns:
        float32 of shape [num_rows, num_columns], `num_columns` between the number of
        measurements and that number + 2. `step` is stored as the distance to the
        block's first step.
    """
    steps = rows[STEP]
    num_rows = len(steps)
    columns = [rows[name] for name in value_columns(rows)]
    applied = rows.get(APPLIED, np.ones(num_rows))
    offsets = steps - steps[0]
    if not np.array_equal(offsets, np.arange(num_rows)):
        columns += [applied, offsets]
    elif not np.all(applied == 1):
        columns += [applied]
    return np.stack(columns, axis=1).astype(np.float32)


def unpack_block(first_step: int, tensor: np.ndarray, columns: Sequence[str]) -> Rows:
    """Restores the rows of a block.

    Args:
        first_step: The step of the block's event.
        tensor: What `pack_block` returned.
        columns: What `stored_columns` returned for the rows.

    Returns:
        `step` as int64, every other column as float32, `applied` included.

    Raises:
        ValueError: The tensor's shape does not fit the columns.
    """
    num_measurements = len(columns) - 2
    if tensor.ndim != 2 or not (
        num_measurements <= tensor.shape[1] <= num_measurements + 2
    ):
        raise ValueError(
            f"A block must have shape [num_rows, {num_measurements} to "
            f"{num_measurements + 2}] for the columns {list(columns)}. "
            f"Received: shape {list(tensor.shape)}."
        )
    num_rows, num_columns = tensor.shape
    rows = {name: tensor[:, i] for i, name in enumerate(columns[:num_columns])}
    offsets = rows.get(STEP, np.arange(num_rows))
    rows[STEP] = first_step + offsets.astype(np.int64)
    rows.setdefault(APPLIED, np.ones(num_rows, np.float32))
    return rows


def summarize(rows: Rows, *, first_step: int) -> np.ndarray:
    """Summarizes at most ROWS_PER_BUCKET rows into one bucket of an overview.

    Minimum, maximum and mean are those of the finite values; NaN if there is none.

    Args:
        rows: At least one row.
        first_step: The step of the event that will hold the bucket.

    Returns:
        float32 of shape [num_columns], in the order of `overview_columns`. `step` is
        the distance of the bucket's first row to `first_step`.
    """
    num_rows = len(rows[STEP])
    applied = rows.get(APPLIED, np.ones(num_rows))
    bucket = [rows[STEP][0] - first_step, num_rows, np.sum(applied)]
    for name in value_columns(rows):
        values = rows[name]
        finite = values[np.isfinite(values)]
        if len(finite):
            statistics = [finite.min(), finite.max(), finite.mean(dtype=np.float64)]
        else:
            statistics = [np.nan] * 3
        bucket += [*statistics, num_rows - len(finite)]
    return np.array(bucket, np.float32)
