"""A run of another program, as it was joined from scalars."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.findings.findings import sort_findings
from lr_plugin.reader.foreign.foreign_findings import (
    ForeignRecording,
    find_foreign_findings,
)
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.landscape.landscape import Landscape, join_landscape
from lr_plugin.reader.layer_samples import LayerSamples
from lr_plugin.reader.outcome.best_epochs import BestEpoch, find_best_epochs
from lr_plugin.reader.outcome.known_rows import KnownRows, know_all
from lr_plugin.reader.outcome.moment import to_float
from lr_plugin.reader.outcome.outcome import (
    find_divergence,
    find_final_loss,
    find_lowest_loss,
)
from lr_plugin.reader.recording import TimedEvent
from lr_plugin.reader.run import Run
from lr_plugin.reader.run_summary import (
    ColumnSummary,
    Contents,
    LossSummary,
    RunSummary,
)
from lr_plugin.reader.window.window import Window, choose_from_rows
from lr_plugin.rows import (
    WALL_TIME,
    Rows,
    count_bytes,
    count_rows,
    slice_rows,
    slice_steps,
)

# How many rows are sent at once.
_ROWS_PER_PIECE = 65_536


@dataclasses.dataclass(frozen=True, eq=False)
class ForeignRun(Run):
    """Rows at hand, at least one, and what was said beside them.

    Attributes:
        run: The run's name as TensorBoard has it.
        version: Changes with every new point.
        rows: With `step`, `learning_rate`, `wall_time` and, if there is one, `loss`;
            others as `learning_rate:<tag>` and `loss:<tag>`.
        apart: The rows of a loss that could not be joined with the rate; None if there
            is none.
        tags: The tags that they come from, by column.
        tag_choices: The tags that may be drawn, by column.
        timed_events: Restarts, and what epochs ended with, by step.
        epochs: Where epochs begin.
        notes: Sentences for the user about what was joined and what was left out.
        is_sampled: Whether TensorBoard has left out points.
        num_rates_left_out: How many rates were in force at no loss.
    """

    run: str
    version: str
    rows: Rows
    apart: Rows | None
    tags: Mapping[str, str]
    tag_choices: Mapping[str, Sequence[str]]
    timed_events: Sequence[TimedEvent]
    epochs: Epochs
    notes: Sequence[str]
    is_sampled: bool
    num_rates_left_out: int

    @property
    def nbytes(self) -> int:
        """About how much memory this takes."""
        num_bytes = count_bytes(self.rows) + count_bytes(self.apart or {})
        return 2000 + num_bytes + 500 * len(self.timed_events)

    @property
    def columns(self) -> Sequence[str]:
        """The columns that can be asked for, `step` and `wall_time` among them."""
        return tuple(self.rows)

    @property
    def last_step(self) -> int:
        """The last step that is known."""
        return int(self.rows[schema.STEP][-1])

    @property
    def events(self) -> Sequence[TimedEvent]:
        """What happened, by step."""
        return self.timed_events

    def summarize(self) -> RunSummary:
        """Sums up the whole run, under TensorBoard's name for it."""
        steps, times = self.rows[schema.STEP], self.rows[WALL_TIME]
        known, of_loss = self._know()
        has_loss = schema.LOSS in of_loss.overview.columns
        lengths = {start.length for start in self.epochs.starts[-1:]}
        return RunSummary(
            run=self.run,
            source="scalars",
            num_iterations=len(steps),
            first_step=int(steps[0]),
            last_step=self.last_step,
            columns=list(self.columns),
            start_time=float(np.min(times)),
            last_time=float(np.max(times)),
            tags=self.tags,
            tag_choices=self.tag_choices,
            is_sampled=self.is_sampled,
            num_rates_left_out=self.num_rates_left_out,
            learning_rate=ColumnSummary(**_summarize(self.rows[schema.LEARNING_RATE])),
            loss=self._summarize_loss(of_loss) if has_loss else None,
            diverged_at=find_divergence(of_loss, self.epochs) if has_loss else None,
            best_epochs=self._find_best_epochs(known),
            steps_per_epoch=next(iter(lengths), None),
            epoch_marks=self.epochs.list_marks() if self.epochs.are_known else [],
            notes=list(self.notes),
            findings=self._find_findings(known, of_loss),
            has=Contents(events=bool(self.timed_events)),
            version=self.version,
        )

    def read_window(
        self,
        columns: Sequence[str],
        start: int,
        stop: int,
        *,
        max_points: int,
        max_rows: int,
    ) -> Window:
        """Chooses points from the rows, however many may be read."""
        rows = slice_steps(self.rows, start, stop)
        window = choose_from_rows(rows, columns, max_points)
        places = np.searchsorted(self.rows[schema.STEP], window.columns[schema.STEP])
        times = self.rows[WALL_TIME][places]
        return dataclasses.replace(window, columns={**window.columns, WALL_TIME: times})

    def export_rows(self, start: int, stop: int) -> Iterator[Rows]:
        """Gives every row with `start <= step < stop`, in pieces."""
        rows = slice_steps(self.rows, start, stop)
        for begin in range(0, count_rows(rows), _ROWS_PER_PIECE):
            yield slice_rows(rows, begin, begin + _ROWS_PER_PIECE)

    def find_findings(self) -> Sequence[Finding]:
        """Finds silent mistakes, the worst first."""
        return self._find_findings(*self._know())

    def read_range_tests(self) -> Sequence[dict[str, Any]]:
        """Gives no tests."""
        return ()

    def read_layers(self) -> LayerSamples:
        """Gives no samples."""
        return LayerSamples()

    def read_landscape(self) -> Landscape:
        """Gives one without samples."""
        return join_landscape([], Beginnings(), lambda _: None, optimizer={})

    def _find_best_epochs(self, known: KnownRows) -> dict[str, BestEpoch]:
        """Finds the best values, of the epochs that they are said to be of."""
        said = {
            event.step: event.details.get("epoch")
            for event in self.events
            if event.kind != "restart"
        }
        return {
            metric: dataclasses.replace(best, epoch=said[best.step])
            for metric, best in find_best_epochs(
                known, self.events, self.epochs
            ).items()
        }

    def _know(self) -> tuple[KnownRows, KnownRows]:
        """Gives the rows, and those of the loss, where it could not be joined.

        What is said of the loss is true whether it was joined or not.
        """
        known = know_all(self.rows)
        return known, known if self.apart is None else know_all(self.apart)

    def _find_findings(self, known: KnownRows, of_loss: KnownRows) -> Sequence[Finding]:
        found = self._find_in(known)
        if of_loss is not known:
            found = sort_findings([*found, *self._find_in(of_loss)])
        return found

    def _find_in(self, known: KnownRows) -> Sequence[Finding]:
        recording = ForeignRecording(
            run=self.run,
            tags={},
            run_infos=(),
            beginnings=Beginnings(),
            clock=np.empty((2, 0)),
            overview=known.overview,
            events=self.timed_events,
            last_rows={},
            known_epochs=self.epochs,
        )
        is_every_step = bool((np.diff(known.overview.steps) == 1).all())
        return find_foreign_findings(recording, known, is_every_step=is_every_step)

    def _summarize_loss(self, known: KnownRows) -> LossSummary:
        assert known.rows is not None
        losses, final = known.rows[schema.LOSS], find_final_loss(known)
        return LossSummary(
            **_summarize(losses),
            final=final.loss,
            final_is_exact=final.is_exact and not self.is_sampled,
            lowest=find_lowest_loss(known, self.epochs),
            num_nonfinite=int(np.sum(~np.isfinite(losses))),
        )


def _summarize(values: np.ndarray) -> dict[str, float]:
    finite = np.where(np.isfinite(values), values, np.nan)
    return {
        "first": to_float(values[0]),
        "last": to_float(values[-1]),
        "min": to_float(np.fmin.reduce(finite)),
        "max": to_float(np.fmax.reduce(finite)),
    }
