"""One line about a recorded run, for a list of many."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from lr_plugin import metadata, schema
from lr_plugin.reader.findings.finding import Finding
from lr_plugin.reader.foreign.foreign_runs import ForeignRun
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.recording import Recording
from lr_plugin.reader.tensors import tags_with
from lr_plugin.rows import WALL_TIME, Rows


def summarize_recording(
    recording: Recording,
    *,
    first_rows: Rows,
    max_kept_blocks: int,
    findings: Sequence[Finding],
) -> dict[str, Any]:
    """Describes a run as the route `runs` does.

    Args:
        first_rows: The first rows of the run where these are known, or no columns.
        max_kept_blocks: How many blocks TensorBoard keeps of a run; 0 is all.
    """
    overview, info, tags = recording.overview, recording.info, recording.tags
    num_blocks = -(-recording.num_iterations // schema.ROWS_PER_BLOCK)
    times = recording.clock[1]
    summary: dict[str, Any] = {
        "source": "recorded",
        "num_iterations": recording.num_iterations,
        "first_step": int(overview.steps[0]) if len(overview) else 0,
        "last_step": overview.last_step,
        "columns": list(recording.columns),
        "start_time": float(times.min()) if times.size else None,
        "last_time": float(max(tag.max_wall_time for tag in tags.values())),
        "blocks": {
            "written": num_blocks,
            "kept": min(num_blocks, max_kept_blocks) if max_kept_blocks else num_blocks,
        },
        "learning_rate": None,
        "loss": None,
        "num_not_applied": int((overview.num_rows - overview.num_applied).sum()),
        "optimizer": dict(info.optimizer),
        "schedule": dict(info.schedule),
        "steps_per_epoch": info.steps_per_epoch,
        "epochs": info.epochs,
        "epoch_marks": recording.epoch_marks,
        "notes": list(dict.fromkeys(n for i in recording.infos for n in i.notes)),
        "extra": _collect_extra(recording),
        "findings": [dataclasses.asdict(finding) for finding in findings],
        "has": {
            "events": bool(tags_with(metadata.EVENTS_PREFIX, tags)),
            "range_test": metadata.RANGE_TEST_TAG in tags,
            "layers": bool(tags_with(metadata.LAYERS_PREFIX, tags)),
        },
    }
    if schema.LEARNING_RATE in overview.columns:
        summary["learning_rate"] = _summarize_column(
            recording, schema.LEARNING_RATE, first_rows
        )
    if schema.LOSS in overview.columns:
        summary["loss"] = {
            **_summarize_column(recording, schema.LOSS, first_rows),
            "final": find_final_mean(overview, schema.LOSS),
            "num_nonfinite": int(overview.statistics[schema.LOSS][:, 3].sum()),
        }
    return summary


def _collect_extra(recording: Recording) -> dict[str, Any]:
    """Puts together what programs told of a run, the score of a trial among it."""
    extra = {key: v for info in recording.infos for key, v in info.extra.items()}
    for timed in recording.events:
        if timed.event.kind == "score":
            extra |= timed.event.details
    return extra


def summarize_foreign_run(run: ForeignRun) -> dict[str, Any]:
    """Describes a run of another framework; what is not known of it is empty."""
    steps, times = run.rows[schema.STEP], run.rows[WALL_TIME]
    summary: dict[str, Any] = {
        "source": "scalars",
        "num_iterations": len(steps),
        "first_step": int(steps[0]) if len(steps) else 0,
        "last_step": int(steps[-1]) if len(steps) else -1,
        "columns": list(run.columns),
        "start_time": float(np.min(times, initial=np.inf)) if len(times) else None,
        "last_time": float(np.max(times, initial=0)) if len(times) else None,
        "tags": dict(run.tags),
        "blocks": None,
        "learning_rate": None,
        "loss": None,
        "num_not_applied": 0,
        "optimizer": {},
        "schedule": {},
        "steps_per_epoch": None,
        "epochs": None,
        "epoch_marks": [],
        "notes": list(run.notes),
        "extra": {},
        "findings": [],
        "has": {"events": False, "range_test": False, "layers": False},
    }
    for name in (schema.LEARNING_RATE, schema.LOSS):
        values = run.rows.get(name, np.empty(0))
        if len(values):
            finite = np.where(np.isfinite(values), values, np.nan)
            summary[name] = {
                "first": to_float(values[0]),
                "last": to_float(values[-1]),
                "min": to_float(np.fmin.reduce(finite)),
                "max": to_float(np.fmax.reduce(finite)),
            }
    if summary[schema.LOSS]:
        is_finite = np.isfinite(run.rows[schema.LOSS])
        last = run.rows[schema.LOSS][is_finite][-schema.ROWS_PER_BUCKET :]
        summary[schema.LOSS] |= {
            "final": to_float(last.mean()) if len(last) else float("nan"),
            "num_nonfinite": int(np.sum(~is_finite)),
        }
    return summary


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


def to_float(value: np.floating | float) -> float:
    """Converts a float32 to the shortest number that stands for it: 0.001."""
    return float(str(np.float32(value)))
