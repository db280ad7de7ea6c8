"""What a run can be asked, whoever wrote it."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.layer_samples import LayerSamples
from lr_plugin.reader.recording import TimedEvent
from lr_plugin.reader.run_summary import RunSummary
from lr_plugin.reader.window.window import Window
from lr_plugin.rows import Rows


class Run(Protocol):
    """A run to draw: recorded by this package, or joined from others' scalars."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns that can be asked for, `step` and `wall_time` among them."""

    @property
    def last_step(self) -> int:
        """The last iteration that is known; -1 if there is none."""

    @property
    def events(self) -> Sequence[TimedEvent]:
        """What happened, by step."""

    def summarize(self) -> RunSummary:
        """Sums up the whole run, under TensorBoard's name for it."""

    def read_window(
        self,
        columns: Sequence[str],
        start: int,
        stop: int,
        *,
        max_points: int,
        max_rows: int,
    ) -> Window:
        """Reads the rows with `start <= step < stop`, as few as `max_points`.

        Args:
            columns: Of measurements, and `applied`; `step` and `wall_time` come too.
            max_rows: How many single iterations may be read; what else there is to
                draw is known by its extremes.
        """

    def export_rows(self, start: int, stop: int) -> Iterator[Rows]:
        """Reads every row with `start <= step < stop`, in pieces."""

    def find_findings(self) -> Sequence[Finding]:
        """Finds silent mistakes, the worst first."""

    def read_range_tests(self) -> Sequence[dict[str, Any]]:
        """Reads the fields of every `RangeTestRecord`, the latest first."""

    def read_layers(self) -> LayerSamples:
        """Reads the samples of single layers."""

    def read_landscape(self) -> Landscape:
        """Reads what other rates would have done."""
