"""Sums up a recording, from what is kept of it as a whole."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lr_plugin import metadata, schema
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.recording import Recording
from lr_plugin.reader.run_summary import (
    BlockCounts,
    ColumnSummary,
    Contents,
    LossSummary,
    RunSummary,
    to_float,
)
from lr_plugin.reader.tensors import tags_with
from lr_plugin.rows import Rows


def summarize_recording(
    recording: Recording,
    *,
    first_rows: Rows,
    max_kept_blocks: int,
    in_files: bool,
    findings: Sequence[Finding],
) -> RunSummary:
    """Sums up a recording.

    Args:
        first_rows: The first rows of the run where these are known, or no columns.
        max_kept_blocks: How many blocks TensorBoard keeps of a run; 0 is all.
        in_files: Whether every iteration can be read from the event files.
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
        learning_rate=_summarize_rate(recording, first_rows),
        loss=_summarize_loss(recording, first_rows),
        num_not_applied=int((overview.num_rows - overview.num_applied).sum()),
        optimizer=run_info.optimizer,
        schedule=run_info.schedule,
        steps_per_epoch=run_info.steps_per_epoch,
        epochs=run_info.epochs,
        epoch_marks=recording.epoch_marks,
        notes=list(
            dict.fromkeys(note for info in recording.run_infos for note in info.notes)
        ),
        extra=_collect_extra(recording),
        findings=findings,
        has=Contents(
            events=bool(tags_with(metadata.EVENTS_PREFIX, tags)),
            range_test=metadata.RANGE_TEST_TAG in tags,
            layers=bool(tags_with(metadata.LAYERS_PREFIX, tags)),
        ),
        version=recording.version,
    )


def _summarize_rate(recording: Recording, first_rows: Rows) -> ColumnSummary | None:
    if schema.LEARNING_RATE not in recording.overview.columns:
        return None
    return ColumnSummary(
        **_summarize_column(recording, schema.LEARNING_RATE, first_rows)
    )


def _summarize_loss(recording: Recording, first_rows: Rows) -> LossSummary | None:
    overview = recording.overview
    if schema.LOSS not in overview.columns:
        return None
    return LossSummary(
        **_summarize_column(recording, schema.LOSS, first_rows),
        final=find_final_mean(overview, schema.LOSS),
        num_nonfinite=int(overview.statistics[schema.LOSS][:, 3].sum()),
    )


def _summarize_column(
    recording: Recording, name: str, first_rows: Rows
) -> dict[str, float]:
    statistics = recording.overview.statistics[name]
    # Without its rows, a bucket's mean is the next best.
    first = first_rows[name][0] if name in first_rows else statistics[0, 2]
    last_rows = recording.last_rows
    last = last_rows[name][-1] if name in last_rows else statistics[-1, 2]
    return {
        "first": to_float(first),
        "last": to_float(last),
        "min": to_float(np.fmin.reduce(statistics[:, 0])),
        "max": to_float(np.fmax.reduce(statistics[:, 1])),
    }


def find_final_mean(overview: Overview, name: str) -> float:
    """Averages the last finite values of a column.

    NaN if the run ended without one. Takes the fewest last buckets with a whole
    bucket's number of rows, up to twice as many: the last bucket alone may hold few.
    """
    num_finite = overview.num_rows - overview.statistics[name][:, 3]
    from_end = np.cumsum(overview.num_rows[::-1])
    count = int(np.searchsorted(from_end, schema.ROWS_PER_BUCKET)) + 1
    weights = num_finite[-count:]
    means = overview.statistics[name][-count:, 2]
    if not num_finite[-1]:
        return float("nan")
    return to_float(np.nansum(means * weights) / weights.sum())


def _collect_extra(recording: Recording) -> dict[str, Any]:
    """Puts together what programs told of a run, the score of a trial among it."""
    extra = {key: v for info in recording.run_infos for key, v in info.extra.items()}
    for event in recording.events:
        if event.kind == "score":
            extra |= event.details
    return extra
