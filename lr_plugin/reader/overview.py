"""The summary of a whole run: minimum, maximum and mean of every 256 iterations."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from lr_plugin import fields, schema
from lr_plugin.reader import history
from lr_plugin.reader.history import Beginnings
from lr_plugin.rows import Rows, count_rows, join_rows, select_rows, slice_rows

_STATISTICS = ("min", "max", "mean", "num_nonfinite")


@dataclasses.dataclass(frozen=True)
class TensorEvent:
    """A tensor as TensorBoard keeps it, with what its tag says of its columns."""

    step: int
    wall_time: float
    tensor: np.ndarray
    columns: Sequence[str]


@dataclasses.dataclass(frozen=True)
class Overview:
    """Buckets of iterations in order; together they hold every iteration of a run.

    Attributes:
        steps: The first step of each bucket. Shape [num_buckets].
        num_rows: Shape [num_buckets].
        num_applied: How many of the rows changed the weights. Shape [num_buckets].
        statistics: Arrays of shape [num_buckets, 4] by column: the minimum, maximum and
            mean of the finite values, NaN where there is none, and the number of
            values that are not finite.
        written_steps: The steps by which the run had come, at `written_times`.
        written_times: In seconds since the epoch.
        last_step: The last iteration.
    """

    steps: np.ndarray
    num_rows: np.ndarray
    num_applied: np.ndarray
    statistics: Mapping[str, np.ndarray]
    written_steps: np.ndarray
    written_times: np.ndarray
    last_step: int

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of measurements, in the order of storage."""
        return tuple(self.statistics)

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        arrays = [self.steps, self.num_rows, self.num_applied, self.written_times]
        return sum(a.nbytes for a in [*arrays, *self.statistics.values()])

    @property
    def last_steps(self) -> np.ndarray:
        """The last step of each bucket. Shape [num_buckets]."""
        following = np.append(self.steps[1:] - 1, self.last_step)
        return np.maximum(following, self.steps)

    def find_window(self, start: int, stop: int) -> slice:
        """Finds the buckets that have iterations at `start` or later, before `stop`."""
        begin = int(np.searchsorted(self.last_steps, start))
        end = int(np.searchsorted(self.steps, stop))
        return slice(begin, max(begin, end))


def build_overview(
    events: Sequence[TensorEvent],
    beginnings: Beginnings,
    *,
    last_step: int | None = None,
) -> Overview:
    """Joins the overviews of a run, whatever it went back to and wrote again.

    Args:
        events: Of all tags that hold overviews.
        beginnings: Of all trainings of the run.
        last_step: The last iteration; taken from the buckets, if None.
    """
    events = sorted(events, key=lambda event: event.wall_time)
    times = np.array([event.wall_time for event in events], np.float64)
    first_steps = np.array([event.step for event in events], np.int64)
    ends = history.find_ends(first_steps, times, beginnings)
    # Where a later training began, regardless of the overviews themselves.
    training_ends = history.find_ends(
        np.full_like(first_steps, history.NEVER), times, beginnings
    )
    columns = dict.fromkeys(name for event in events for name in event.columns)
    names = schema.value_columns(
        [name.removesuffix(":min") for name in columns if name.endswith(":min")]
    )
    valid = [i for i in range(len(events)) if first_steps[i] < ends[i]]
    parts = []
    # Those with the same columns are unpacked at once: there may be thousands.
    for _, group in itertools.groupby(valid, key=lambda i: tuple(events[i].columns)):
        chosen = list(group)
        lengths = [len(events[i].tensor) for i in chosen]
        counts, statistics = _unpack([events[i] for i in chosen], names)
        # The training that replaced the end of the last bucket took its rows.
        replaced_at = np.repeat(training_ends[chosen], lengths)
        counts["num_rows"] = np.minimum(
            counts["num_rows"], replaced_at - counts["step"]
        )
        counts["num_applied"] = np.minimum(counts["num_applied"], counts["num_rows"])
        counts["time"] = np.repeat(times[chosen], lengths)
        is_valid = counts["step"] < np.repeat(ends[chosen], lengths)
        parts.append((select_rows(counts, is_valid), select_rows(statistics, is_valid)))
    # Nothing, where a training has begun anew and has no row yet.
    no_counts = {name: np.empty(0, np.int64) for name in (*_COUNTS, "time")}
    no_statistics = {name: np.empty((0, 4), np.float32) for name in names}
    counts = join_rows([no_counts, *(counts for counts, _ in parts)])
    steps, num_rows = counts["step"], counts["num_rows"]
    if last_step is None and len(steps):
        last_step = int(steps[-1] + num_rows[-1]) - 1
    # Of the buckets that were written together, the last tells how far the run was.
    is_latest = np.diff(counts["time"], append=np.inf) > 0
    return Overview(
        steps=steps,
        num_rows=num_rows,
        num_applied=counts["num_applied"],
        statistics=join_rows([no_statistics, *(statistics for _, statistics in parts)]),
        written_steps=(steps + num_rows)[is_latest],
        written_times=counts["time"][is_latest],
        last_step=-1 if last_step is None else last_step,
    )


_COUNTS = ("step", "num_rows", "num_applied")
# A writer puts 256 rows into a bucket. So many more are still counted exactly.
_MAX_ROWS_OF_BUCKET = 1 << 40


def check_overviews(tensors: Sequence[np.ndarray], columns: Sequence[str]) -> None:
    """Checks the tensors of overviews with the same columns, all of them at once.

    A long run has hundreds, and to check them all takes as long as to check one.

    Args:
        tensors: At least one, all of the same type.

    Raises:
        ValueError: One does not fit its columns, or counts what cannot be.
    """
    measured = [name.removesuffix(":min") for name in columns if name.endswith(":min")]
    needed = {f"{name}:{each}" for name in measured for each in _STATISTICS}
    if not {*_COUNTS, *needed} <= set(columns):
        raise ValueError(
            f"An overview's columns must be {', '.join(_COUNTS)}, and four statistics "
            f"for each measurement. Received: {list(columns)}."
        )
    for tensor in tensors:
        is_filled = tensor.shape[1:] == (len(columns),) and len(tensor) > 0
        if not is_filled or tensor.dtype.kind != "f":
            raise ValueError(
                "An overview must hold fractions of shape [num_buckets, "
                f"{len(columns)}], of one bucket at least. Received: {tensor.dtype} of "
                f"shape {list(tensor.shape)}."
            )
    indices = [columns.index(name) for name in _COUNTS]
    counts = np.concatenate([tensor[:, indices] for tensor in tensors])
    steps, num_rows, num_applied = counts.T.astype(np.float64)
    with np.errstate(invalid="ignore"):
        rises = np.diff(steps, prepend=0) >= 0
        # Each overview counts its steps from its own first one.
        rises[np.cumsum([0, *map(len, tensors[:-1])])] = True
        is_valid = (
            (steps >= 0)
            & (steps <= fields.MAX_STEP)
            & rises
            & (num_rows >= 1)
            & (num_rows <= _MAX_ROWS_OF_BUCKET)
            & (num_applied >= 0)
            & (num_applied <= num_rows)
        )
    schema.check_distance(counts[:, 0][is_valid])
    if not is_valid.all():
        raise ValueError(
            "An overview's buckets must have rising steps and at least one row each. "
            f"Received: {counts[~is_valid][0].tolist()}."
        )


def _unpack(
    events: Sequence[TensorEvent], names: Sequence[str]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Takes overviews of the same columns apart; a column that they lack is NaN.

    Returns:
        `_COUNTS`, and statistics of shape [num_buckets, 4], by name.
    """
    index = {name: i for i, name in enumerate(events[0].columns)}
    tensor = np.concatenate([event.tensor for event in events])
    first_steps = [event.step for event in events]
    counts = {name: tensor[:, index[name]].astype(np.int64) for name in _COUNTS}
    counts["step"] += np.repeat(first_steps, [len(e.tensor) for e in events])
    statistics = {}
    for name in names:
        if f"{name}:min" in index:
            columns = [index[f"{name}:{statistic}"] for statistic in _STATISTICS]
            statistics[name] = tensor[:, columns]
        else:
            statistics[name] = np.full((len(tensor), 4), np.nan, np.float32)
            statistics[name][:, 3] = 0
    return counts, statistics


def summarize_rows(rows: Rows, columns: Sequence[str]) -> Overview:
    """Makes the overview of rows that the writer would have made of them."""
    first_step = int(rows[schema.STEP][0])
    buckets = [
        schema.summarize(
            slice_rows(rows, i, i + schema.ROWS_PER_BUCKET), first_step=first_step
        )
        for i in range(0, count_rows(rows), schema.ROWS_PER_BUCKET)
    ]
    names = schema.overview_columns(columns)
    event = TensorEvent(first_step, 0.0, np.stack(buckets), names)
    steps = rows[schema.STEP]
    overview = build_overview([event], Beginnings(), last_step=int(steps[-1]))
    # As far from the first step as they are, which the tensor may not hold exactly.
    return dataclasses.replace(overview, steps=steps[:: schema.ROWS_PER_BUCKET])


def describe_rows(rows: Rows) -> Overview:
    """Makes an overview of rows in which each row is a bucket of its own."""
    steps = rows[schema.STEP].astype(np.int64)
    statistics = {}
    for name in schema.value_columns(rows):
        is_finite = np.isfinite(rows[name])
        values = np.where(is_finite, rows[name], np.nan)
        statistics[name] = np.stack([values, values, values, ~is_finite], axis=1)
    return Overview(
        steps=steps,
        num_rows=np.ones(len(steps), np.int64),
        num_applied=rows.get(schema.APPLIED, np.ones(len(steps))).astype(np.int64),
        statistics=statistics,
        written_steps=np.empty(0, np.int64),
        written_times=np.empty(0),
        last_step=int(steps[-1]),
    )
