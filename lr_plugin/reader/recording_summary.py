"""Sums up a recording, from what is kept of it as a whole."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from lr_plugin import metadata, schema
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.landscape.headroom import LandscapeSummary
from lr_plugin.reader.outcome.best_epochs import find_best_epochs
from lr_plugin.reader.outcome.known_rows import KnownRows
from lr_plugin.reader.outcome.moment import Moment, to_float
from lr_plugin.reader.outcome.outcome import (
    find_divergence,
    find_final_loss,
    find_lowest_loss,
)
from lr_plugin.reader.recording import Recording
from lr_plugin.reader.run_summary import (
    BlockCounts,
    ColumnSummary,
    Contents,
    LossSummary,
    RunSummary,
)
from lr_plugin.reader.tensors import tags_with
from lr_plugin.rows import Rows


def summarize_recording(
    recording: Recording,
    known: KnownRows,
    *,
    max_kept_blocks: int,
    in_files: bool,
    first_row: Rows = MappingProxyType({}),
    findings: Sequence[Finding] = (),
    landscape: LandscapeSummary | None = None,
) -> RunSummary:
    """Sums up a recording.

    Args:
        known: Its rows, as far as they are known.
        max_kept_blocks: How many blocks TensorBoard keeps of a run; 0 is all.
        in_files: Whether every iteration can be read from the event files.
        first_row: The row of the run's first step, or no columns.
    """
    overview, tags = recording.overview, recording.tags
    run_info = recording.run_info
    num_blocks = -(-recording.num_iterations // schema.ROWS_PER_BLOCK)
    num_kept = min(num_blocks, max_kept_blocks) if max_kept_blocks else num_blocks
    times = recording.clock[1]
    return RunSummary(
        run=recording.run,
        source="recorded",
        num_iterations=recording.num_iterations,
        first_step=int(overview.steps[0]) if len(overview) else 0,
        last_step=overview.last_step,
        columns=list(recording.columns),
        start_time=float(times.min()) if times.size else None,
        last_time=float(max(tag.max_wall_time for tag in tags.values())),
        blocks=BlockCounts(written=num_blocks, kept=num_kept, in_files=in_files),
        learning_rate=_summarize_rate(recording, first_row),
        loss=_summarize_loss(recording, known, first_row),
        diverged_at=_find_divergence(recording, known),
        best_epochs=find_best_epochs(known, recording.events, recording.epochs),
        num_not_applied=int((overview.num_rows - overview.num_applied).sum()),
        optimizer=run_info.optimizer,
        schedule=run_info.schedule,
        steps_per_epoch=run_info.steps_per_epoch,
        epochs=recording.epochs.planned,
        epoch_marks=recording.epochs.list_marks(),
        notes=list(
            dict.fromkeys(note for info in recording.run_infos for note in info.notes)
        ),
        extra=_collect_extra(recording),
        findings=findings,
        landscape=landscape,
        has=Contents(
            events=bool(tags_with(metadata.EVENTS_PREFIX, tags)),
            range_test=metadata.RANGE_TEST_TAG in tags,
            layers=bool(tags_with(metadata.LAYERS_PREFIX, tags)),
            landscape=metadata.LANDSCAPE_TAG in tags,
        ),
        version=recording.version,
    )


def _summarize_rate(recording: Recording, first_row: Rows) -> ColumnSummary | None:
    if not _has_rows_of(recording, schema.LEARNING_RATE):
        return None
    return ColumnSummary(
        **_summarize_column(recording, schema.LEARNING_RATE, first_row)
    )


def _summarize_loss(
    recording: Recording, known: KnownRows, first_row: Rows
) -> LossSummary | None:
    if not _has_rows_of(recording, schema.LOSS):
        return None
    statistics = recording.overview.statistics[schema.LOSS]
    final = find_final_loss(known)
    return LossSummary(
        **_summarize_column(recording, schema.LOSS, first_row),
        final=final.loss,
        final_is_exact=final.is_exact,
        lowest=find_lowest_loss(known, recording.epochs),
        num_nonfinite=int(statistics[:, 3].sum()),
    )


def _has_rows_of(recording: Recording, name: str) -> bool:
    # A training that has begun anew has columns before it has a row.
    return name in recording.overview.columns and len(recording.overview) > 0


def _find_divergence(recording: Recording, known: KnownRows) -> Moment | None:
    """Finds where a training diverged; never in a range test, which is to do so."""
    if not _has_rows_of(recording, schema.LOSS) or recording.is_range_test:
        return None
    return find_divergence(known, recording.epochs)


def _summarize_column(
    recording: Recording, name: str, first_row: Rows
) -> dict[str, Any]:
    statistics = recording.overview.statistics[name]
    last_rows = recording.last_rows
    return {
        "first": to_float(first_row[name][0]) if name in first_row else None,
        "last": to_float(last_rows[name][-1]) if name in last_rows else None,
        "min": to_float(np.fmin.reduce(statistics[:, 0])),
        "max": to_float(np.fmax.reduce(statistics[:, 1])),
    }


def _collect_extra(recording: Recording) -> dict[str, Any]:
    """Puts together what programs told of a run, the score of a trial among it."""
    extra = {key: v for info in recording.run_infos for key, v in info.extra.items()}
    for event in recording.events:
        if event.kind == "score":
            extra |= event.details
    return extra
