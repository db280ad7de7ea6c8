"""A run of another framework, as it was joined from scalars."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.epochs import Epochs
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.layer_samples import LayerSamples
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
    LossSummary,
    RunSummary,
)
from lr_plugin.reader.window.window import Window, choose_from_rows
from lr_plugin.rows import WALL_TIME, Rows, count_rows, slice_steps, take_column


@dataclasses.dataclass(frozen=True, eq=False)
class ForeignRun(Run):
    """Rows at hand; nothing else is known of the run.

    Attributes:
        run: The run's name as TensorBoard has it.
        version: Changes with every new point.
        rows: With `step`, `learning_rate`, `wall_time` and, if there is one, `loss`.
        tags: The tags that they come from, by column.
        notes: Sentences for the user about what the join left out.
    """

    run: str
    version: str
    rows: Rows
    tags: Mapping[str, str]
    notes: Sequence[str]

    @property
    def columns(self) -> Sequence[str]:
        """The columns that can be asked for, `step` and `wall_time` among them."""
        return tuple(self.rows)

    @property
    def last_step(self) -> int:
        """The last iteration that is known; -1 if there is none."""
        return int(max(self.rows[schema.STEP], default=-1))

    @property
    def events(self) -> Sequence[TimedEvent]:
        """Nothing: scalars do not tell."""
        return ()

    def summarize(self) -> RunSummary:
        """Sums up the whole run, under TensorBoard's name for it."""
        steps, times = self.rows[schema.STEP], self.rows[WALL_TIME]
        known = know_all(self.rows) if len(steps) else None
        diverged_at = None
        if known is not None and schema.LOSS in self.rows:
            diverged_at = find_divergence(known, _NO_EPOCHS)
        return RunSummary(
            run=self.run,
            source="scalars",
            num_iterations=len(steps),
            first_step=int(steps[0]) if len(steps) else 0,
            last_step=self.last_step,
            columns=list(self.columns),
            start_time=float(np.min(times)) if len(times) else None,
            last_time=float(np.max(times)) if len(times) else None,
            tags=self.tags,
            learning_rate=self._summarize_rate(),
            loss=self._summarize_loss(known),
            diverged_at=diverged_at,
            notes=list(self.notes),
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
        return choose_from_rows(rows, [*columns, WALL_TIME], max_points)

    def export_rows(self, start: int, stop: int) -> Iterator[Rows]:
        """Gives the rows with `start <= step < stop` in one piece."""
        return iter([slice_steps(self.rows, start, stop)])

    def find_findings(self) -> Sequence[Finding]:
        """Finds nothing: too little is known."""
        return ()

    def read_range_tests(self) -> Sequence[dict[str, Any]]:
        """Gives no tests."""
        return ()

    def read_layers(self) -> LayerSamples:
        """Gives no samples."""
        return LayerSamples()

    def _summarize_rate(self) -> ColumnSummary | None:
        rates = take_column(self.rows, schema.LEARNING_RATE)
        return ColumnSummary(**_summarize(rates)) if count_rows(self.rows) else None

    def _summarize_loss(self, known: KnownRows | None) -> LossSummary | None:
        if known is None or schema.LOSS not in self.rows:
            return None
        final = find_final_loss(known)
        return LossSummary(
            **_summarize(self.rows[schema.LOSS]),
            final=final.loss,
            final_is_exact=final.is_exact,
            lowest=find_lowest_loss(known, _NO_EPOCHS),
            num_nonfinite=int(np.sum(~np.isfinite(self.rows[schema.LOSS]))),
        )


_NO_EPOCHS = Epochs(starts=(), last_step=-1, planned=None)


def _summarize(values: np.ndarray) -> dict[str, float]:
    finite = np.where(np.isfinite(values), values, np.nan)
    return {
        "first": to_float(values[0]),
        "last": to_float(values[-1]),
        "min": to_float(np.fmin.reduce(finite)),
        "max": to_float(np.fmax.reduce(finite)),
    }
