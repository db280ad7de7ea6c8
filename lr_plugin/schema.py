"""What a recorded run consists of, and how it is packed into tensors.

Needs numpy alone, so that whoever writes or reads a run shares one definition.

A run is a sequence of rows, one per iteration (one call of the training step), in the
order in which they happened; `lr_plugin.rows` says how rows travel.

`step` counts the optimizer's iterations from 0: it is the position for which the
schedule was asked. It never falls within one training. It repeats where loss scaling
skipped an update, because the optimizer then does not advance. A resumed run writes
some steps again; what is written later replaces what was written earlier.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from lr_plugin import fields
from lr_plugin.records import Event as Event
from lr_plugin.records import LandscapeSample as LandscapeSample
from lr_plugin.records import RangeTestRecord as RangeTestRecord
from lr_plugin.records import RunInfo as RunInfo
from lr_plugin.records import from_json as from_json
from lr_plugin.records import to_json as to_json
from lr_plugin.rows import STEP as STEP
from lr_plugin.rows import WALL_TIME
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

# In the details of an `epoch_end` event: by metric, whether higher values are better.
HIGHER_IS_BETTER = "higher_is_better"

# Columns of measurements, in the order in which they are stored. Where a model has
# several optimizers, a column for each one's rate follows, and then whatever else the
# user measures.
VALUE_COLUMNS = (LEARNING_RATE, LOSS, STEP_SIZE, GRADIENT_NORM, MOMENTUM)

ROWS_PER_BLOCK = 1024
ROWS_PER_BUCKET = 256
# Blocks and overviews store a step as the distance to their first: float32 holds every
# whole number up to here.
MAX_DISTANCE = 1 << 24
# An overview event grows to this many buckets before the next one begins.
BUCKETS_PER_OVERVIEW = 64


def named_rate(optimizer: str) -> str:
    """Names the column of one optimizer's rate where a model has several."""
    return f"{LEARNING_RATE}:{optimizer}"


def value_columns(columns: Collection[str]) -> tuple[str, ...]:
    """Picks the measurements among columns (or rows), in the order of storage.

    They are all columns but those that say which row it is. Names with a colon are the
    package's own: of these only the rates of several optimizers are stored.
    """
    known = [name for name in VALUE_COLUMNS if name in columns]
    others = [
        name for name in columns if name not in {*known, STEP, APPLIED, WALL_TIME}
    ]
    return (*known, *filter(_is_stored, others))


def _is_stored(column: str) -> bool:
    return ":" not in column or column.startswith(named_rate(""))


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
    return as_float32(np.stack(columns, axis=1))


def as_float32(values: Any) -> np.ndarray:
    """Makes the array that is stored; what no float32 is as large as is infinite."""
    with np.errstate(over="ignore"):
        return np.asarray(values).astype(np.float32)


def unpack_block(first_step: int, tensor: np.ndarray, columns: Sequence[str]) -> Rows:
    """Restores the rows of a block.

    Args:
        first_step: The step of the block's event.
        tensor: What `pack_block` returned.
        columns: What `stored_columns` returned for the rows.

    Returns:
        `step` as int64, every other column as float32, `applied` included.

    Raises:
        ValueError: The tensor does not fit the columns, or its steps fall.
    """
    num_measurements = len(columns) - 2
    if num_measurements < 1 or tuple(columns[-2:]) != (APPLIED, STEP):
        raise ValueError(
            "A block's columns must be measurements, then `applied` and `step`. "
            f"Received: {list(columns)}."
        )
    if (
        tensor.ndim != 2
        or tensor.dtype.kind != "f"
        or not num_measurements <= tensor.shape[1] <= num_measurements + 2
        or not len(tensor)
    ):
        raise ValueError(
            f"A block must have shape [num_rows, {num_measurements} to "
            f"{num_measurements + 2}] for the columns {list(columns)}, and hold "
            f"fractions. Received: {tensor.dtype} of shape {list(tensor.shape)}."
        )
    num_rows, num_columns = tensor.shape
    rows = {name: tensor[:, i] for i, name in enumerate(columns[:num_columns])}
    offsets = _check_offsets(rows[STEP]) if STEP in rows else np.arange(num_rows)
    fields.WHOLE.check(STEP, first_step)
    fields.WHOLE.check(STEP, first_step + int(offsets[-1]))
    rows[STEP] = first_step + offsets
    rows.setdefault(APPLIED, np.ones(num_rows, np.float32))
    return rows


def _check_offsets(offsets: np.ndarray) -> np.ndarray:
    whole, is_valid = fields.find_whole(offsets)
    if not is_valid.all() or np.any(np.diff(whole) < 0):
        raise ValueError(
            "The steps of a block must be whole numbers that never fall. Received: "
            f"{offsets[:3].tolist()}..., as distances to its first."
        )
    check_distance(offsets)
    return whole


def check_distance(offsets: np.ndarray) -> None:
    """Checks that an array of fractions holds its distances between steps exactly.

    Raises:
        ValueError: It does not.
    """
    digits = np.finfo(offsets.dtype).nmant + 1
    if offsets.max(initial=0) > 2.0**digits:
        raise ValueError(
            f"Steps must be within 2**{digits} of the first one, as more digits than "
            f"{offsets.dtype} has are lost. Received: {offsets.max():.17g} beyond it."
        )


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
        values = as_float32(rows[name])
        finite = values[np.isfinite(values)]
        if len(finite):
            statistics = [finite.min(), finite.max(), finite.mean(dtype=np.float64)]
        else:
            statistics = [np.nan] * 3
        bucket += [*statistics, num_rows - len(finite)]
    return as_float32(bucket)
