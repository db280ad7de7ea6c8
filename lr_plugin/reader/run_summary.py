"""One line about a run, for a list of many."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.landscape.headroom import LandscapeSummary
from lr_plugin.reader.outcome.best_epochs import BestEpoch
from lr_plugin.reader.outcome.moment import Moment


@dataclasses.dataclass(frozen=True)
class ColumnSummary:
    """The values of a column.

    Attributes:
        first: Of the row of the run's first step; None if that row is not at hand.
        last: Of the last row; None if that row is not at hand.
        min, max: Of the finite values; NaN where there is none.
    """

    first: float | None
    last: float | None
    min: float
    max: float


@dataclasses.dataclass(frozen=True)
class LossSummary(ColumnSummary):
    """The losses of a run.

    Attributes:
        final: See `find_final_loss`.
        final_is_exact: Whether it is the mean of the very rows.
        lowest: See `find_lowest_loss`.
        num_nonfinite: How many are NaN or infinite.
    """

    final: float
    final_is_exact: bool
    lowest: Moment | None
    num_nonfinite: int


@dataclasses.dataclass(frozen=True)
class BlockCounts:
    """How many blocks of iterations there are.

    Attributes:
        written: In the run.
        kept: In TensorBoard's memory, at most.
        in_files: Whether every iteration can be read from the event files.
    """

    written: int
    kept: int
    in_files: bool


@dataclasses.dataclass(frozen=True)
class Contents:
    """What a run has beside its iterations."""

    events: bool = False
    range_test: bool = False
    layers: bool = False
    landscape: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class RunSummary:
    """A run, as the route `runs` describes it; http_api.md explains each field.

    What is not known of a run of another program has its default, as has what takes
    the reading of rows where the summary is brief.
    """

    run: str
    source: str
    num_iterations: int
    first_step: int
    last_step: int
    columns: Sequence[str]
    start_time: float | None
    last_time: float | None
    tags: Mapping[str, str] = dataclasses.field(default_factory=dict)
    tag_choices: Mapping[str, Sequence[str]] = dataclasses.field(default_factory=dict)
    is_sampled: bool = False
    num_rates_left_out: int = 0
    blocks: BlockCounts | None = None
    learning_rate: ColumnSummary | None = None
    loss: LossSummary | None = None
    diverged_at: Moment | None = None
    best_epochs: Mapping[str, BestEpoch] = dataclasses.field(default_factory=dict)
    num_not_applied: int = 0
    optimizer: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    schedule: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    steps_per_epoch: int | None = None
    epochs: int | None = None
    epoch_marks: Sequence[tuple[int, int]] = ()
    notes: Sequence[str] = ()
    extra: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    findings: Sequence[Finding] = ()
    landscape: LandscapeSummary | None = None
    has: Contents = Contents()
    version: str = ""
    is_brief: bool = False

    @functools.cached_property
    def as_json(self) -> dict[str, Any]:
        """All of it as plain data, not to be changed.

        Made once, and not copied: for hundreds of runs with hundreds of epochs, that
        takes a second.
        """
        return {
            field.name: _make_plain(getattr(self, field.name))
            for field in dataclasses.fields(self)
        }


def _make_plain(value: Any) -> Any:
    """Makes plain data of a record, or of the records in a sequence or a mapping."""
    if isinstance(value, Mapping):
        return {key: _make_plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple) and value and _is_record(value[0]):
        return [dataclasses.asdict(one) for one in value]
    return dataclasses.asdict(value) if _is_record(value) else value


def _is_record(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)
