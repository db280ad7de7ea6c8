"""Everything about a recorded run that is small enough to be kept as a whole."""

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from tensorboard.data.provider import TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.reader import history
from lr_plugin.reader.epochs import Epochs, find_epochs
from lr_plugin.reader.fence.event_check import take_text
from lr_plugin.reader.fence.flaws import Note
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.overview import Overview, build_overview
from lr_plugin.reader.raw_blocks import Blocks
from lr_plugin.reader.tensors import (
    Scope,
    Tag,
    TensorStore,
    as_tensor_event,
    find_version,
    tags_with,
)
from lr_plugin.rows import WALL_TIME, Rows

_Record = TypeVar("_Record")


@dataclasses.dataclass(frozen=True)
class TimedEvent(schema.Event):
    """An event and when it was written, in seconds since the epoch."""

    wall_time: float = math.nan


@dataclasses.dataclass(frozen=True)
class Recording:
    """What TensorBoard knows of a run, but for its single iterations.

    Attributes:
        run: The run's name as TensorBoard has it.
        tags: By name.
        run_infos: What was written when a training began, first to last; trainings
            that a later one replaced as a whole are left out.
        beginnings: Of every training, the replaced ones included.
        clock: Steps, rising, and when they were reached. Shape [2, num_moments].
        events: By step.
        last_rows: The last block of iterations, or no columns.
    """

    run: str
    tags: Mapping[str, Tag]
    run_infos: Sequence[schema.RunInfo]
    beginnings: Beginnings
    clock: np.ndarray
    overview: Overview
    events: Sequence[TimedEvent]
    last_rows: Rows

    @property
    def nbytes(self) -> int:
        """About how much memory this takes."""
        return (
            self.overview.nbytes + 500 * len(self.events) + 5000 * len(self.run_infos)
        )

    @property
    def version(self) -> str:
        """Changes whenever TensorBoard has something new of the run."""
        return find_version(self.tags)

    @property
    def run_info(self) -> schema.RunInfo:
        """What is known of the latest training."""
        return self.run_infos[-1] if self.run_infos else schema.RunInfo()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that can be asked for."""
        return (schema.STEP, *self.overview.columns, schema.APPLIED, WALL_TIME)

    @property
    def is_range_test(self) -> bool:
        """Whether its rows are those of a range test, which is to diverge."""
        return metadata.RANGE_TEST_TAG in self.tags

    @functools.cached_property
    def num_iterations(self) -> int:
        """How many iterations were recorded."""
        return int(self.overview.num_rows.sum())

    def count_beginnings(self, last_step: int) -> int:
        """Counts the trainings that began at `last_step` or before, replaced ones too.

        A new file repeats the beginning of its training.
        """
        steps, times = self.beginnings.steps, self.beginnings.times
        return len(np.unique(times[steps <= last_step]))

    @property
    def num_planned_steps(self) -> int | None:
        """At which step the run is to end; None if unknown.

        The latest training's plan comes after the steps that the run had before: for
        trainings in a loop, it is the sum so far.
        """
        info = self.run_info
        if not info.steps_per_epoch or not info.epochs:
            return None
        num_epochs = max(info.epochs - info.first_epoch, 0)
        planned = info.first_step + num_epochs * info.steps_per_epoch
        return max(int(planned), self.overview.last_step + 1)

    @functools.cached_property
    def epochs(self) -> Epochs:
        """Where epochs begin."""
        run_infos = self.run_infos
        if not run_infos and self.events:
            run_infos = [schema.RunInfo()]
        return find_epochs(run_infos, self.events, self.overview.last_step)

    def estimate_times(
        self, steps: np.ndarray, blocks: Blocks | None = None
    ) -> np.ndarray:
        """Estimates when iterations happened, in seconds since the epoch.

        Interpolates between the moments at which trainings began and at which
        iterations were written.

        Args:
            blocks: Every block of the run, if these can be read.
        """
        clock = self.clock
        if blocks is not None:
            ends = np.stack([blocks.first_steps[1:] - 1, blocks.wall_times[:-1]])
            clock = _sort_clock(np.concatenate([clock, ends], axis=1))
        if not clock.size:
            return np.full(len(steps), np.nan)
        return np.interp(steps, clock[0], clock[1])


def load_recordings(
    store: TensorStore, scope: Scope, runs: Mapping[str, Mapping[str, Tag]]
) -> dict[str, Recording]:
    """Reads everything but the single iterations, the range tests and the layers.

    Args:
        runs: The tags of each run, by name.

    Returns:
        Recordings by run; what cannot be read at all is missing, and noted.
    """
    to_read = {
        run: [tag for name, tag in tags.items() if name.startswith(_READ_PREFIXES)]
        for run, tags in runs.items()
    }
    # The block that was written last, which TensorBoard always keeps.
    blocks = {run: tags_with(metadata.ITERATIONS_PREFIX, t) for run, t in runs.items()}
    latest = {
        run: [max(tags, key=lambda tag: tag.max_wall_time)]
        for run, tags in blocks.items()
        if tags
    }
    for run in runs:
        store.flaws.forget(run)
    last_blocks = dict(store.read(scope, latest, last_only=True))
    recordings = {}
    # One after the other: of hundreds of runs, the overviews as TensorBoard keeps them
    # take as much memory as what is made of them.
    for run, data in store.read(scope, to_read):
        with store.flaws.keep(run):
            note = functools.partial(store.flaws.note, run)
            last_block = last_blocks.get(run, [])
            recordings[run] = make_recording(
                run, runs[run], data, last_block, note=note
            )
    return recordings


_READ_PREFIXES = (
    metadata.RUN_INFO_TAG,
    metadata.OVERVIEW_PREFIX,
    metadata.EVENTS_PREFIX,
)


def make_recording(
    run: str,
    tags: Mapping[str, Tag],
    data: Sequence[tuple[Tag, TensorDatum]],
    last_block: Sequence[tuple[Tag, TensorDatum]] = (),
    *,
    note: Note,
) -> Recording:
    """Makes a recording of a run's events, each with its tag.

    Args:
        data: Of all tags but those of blocks; others than are needed do no harm.
        last_block: The block that was written last, if it is known.
        note: Takes a sentence about each part that is left out.
    """
    begins = [datum for tag, datum in data if tag.name == metadata.RUN_INFO_TAG]
    beginnings = Beginnings(
        steps=np.array([datum.step for datum in begins], np.int64),
        times=np.array([datum.wall_time for datum in begins], np.float64),
    )
    last_rows: Rows = {}
    for tag, datum in last_block:
        last_rows = schema.unpack_block(datum.step, datum.numpy, tag.columns)
    overview = build_overview(
        [
            as_tensor_event(tag, datum)
            for tag, datum in data
            if tag.name.startswith(metadata.OVERVIEW_PREFIX)
        ],
        beginnings,
        last_step=int(last_rows[schema.STEP][-1]) if last_rows else None,
    )
    # A training that began at or after the beginning of a later one was replaced whole.
    valid_begins = select_valid(begins, Beginnings())
    return Recording(
        run=run,
        tags=tags,
        run_infos=parse_records(schema.RunInfo, "run info", valid_begins, note),
        beginnings=beginnings,
        clock=_make_clock(valid_begins, overview),
        overview=overview,
        events=_read_events(data, beginnings, note),
        last_rows=last_rows,
    )


def select_valid(
    data: Sequence[TensorDatum], beginnings: Beginnings
) -> list[TensorDatum]:
    """Selects the events of one tag that nothing later replaced, in order."""
    data = sorted(data, key=lambda datum: datum.wall_time)
    steps = np.array([datum.step for datum in data], np.int64)
    times = np.array([datum.wall_time for datum in data], np.float64)
    ends = history.find_ends(steps, times, beginnings)
    return [data[i] for i in np.flatnonzero(steps < ends)]


def _make_clock(begins: Sequence[TensorDatum], overview: Overview) -> np.ndarray:
    # A training begins before its first iteration, after the last of the one before.
    began = [[datum.step - 0.5, datum.wall_time] for datum in begins]
    written = np.stack([overview.written_steps - 1, overview.written_times])
    return _sort_clock(np.concatenate([np.array(began).reshape(-1, 2).T, written], 1))


def _sort_clock(clock: np.ndarray) -> np.ndarray:
    return clock[:, np.lexsort((clock[1], clock[0]))]


def _read_events(
    data: Sequence[tuple[Tag, TensorDatum]], beginnings: Beginnings, note: Note
) -> list[TimedEvent]:
    by_tag: dict[str, list[TensorDatum]] = {}
    for tag, datum in data:
        if tag.name.startswith(metadata.EVENTS_PREFIX):
            by_tag.setdefault(tag.name, []).append(datum)
    events = [
        dataclasses.replace(event, wall_time=datum.wall_time)
        for found in by_tag.values()
        for datum in select_valid(found, beginnings)
        for event in parse_records(TimedEvent, "event", [datum], note)
    ]
    return sorted(events, key=lambda event: (event.step, event.wall_time))


def parse_records(
    cls: type[_Record], what: str, data: Sequence[TensorDatum], note: Note
) -> list[_Record]:
    """Reads records from the texts of events; what is none is left out and noted.

    Args:
        what: What the user calls such a record.
    """
    records = []
    for datum in data:

        def leave_out(flaw: str, step: int = datum.step) -> None:
            note(f"A part of its {what} at step {step} is left out: {flaw}")

        try:
            text = take_text(datum.numpy)
            records.append(schema.from_json(cls, text, on_flaw=leave_out))
        except ValueError as error:
            note(f"Its {what} at step {datum.step} is left out: {error}")
    return records
