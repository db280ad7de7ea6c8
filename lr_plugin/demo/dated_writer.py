"""Writes one example run, with times that are computed from its steps."""

from collections.abc import Mapping

import numpy as np

from lr_plugin.demo import curves
from lr_plugin.rows import slice_rows
from lr_plugin.schema import Event, RunInfo
from lr_plugin.writer.run_writer import RunWriter

_ROWS_PER_WRITE = 65_536


class DatedWriter(RunWriter):
    """Writes a run whose times are computed from its steps."""

    def __init__(self, logdir: str, start_time: float):
        # With `resume` the examples replace those of an earlier call.
        super().__init__(logdir, resume=True)
        self._start_time = start_time

    def time_of(self, step: int) -> float:
        """Computes when a step happened; each takes ten milliseconds."""
        return self._start_time + 0.01 * float(step)


def describe(
    optimizer: str,
    rate: float,
    schedule: str,
    *,
    steps_per_epoch: int,
    epochs: int,
    accumulation_steps: int = 1,
) -> RunInfo:
    """Describes a training with a rate and a schedule of these names."""
    return RunInfo(
        optimizer={"class_name": optimizer, "config": {"learning_rate": rate}},
        schedule={"class_name": schedule, "config": {"initial_learning_rate": rate}},
        versions={"demo": "formulas, no training"},
        steps_per_epoch=steps_per_epoch,
        epochs=epochs,
        accumulation_steps=accumulation_steps,
    )


def write(
    writer: DatedWriter,
    info: RunInfo,
    steps: np.ndarray,
    rates: np.ndarray,
    losses: np.ndarray,
    *,
    applied: np.ndarray | None = None,
    adam: bool = True,
    pause_secs: float = 0.0,
) -> None:
    """Writes the rows of one training, with an event at the end of each epoch."""
    writer.write_run_info(info, wall_time=writer.time_of(steps[0]) + pause_secs)
    rows: dict[str, np.ndarray] = {
        "step": steps,
        "learning_rate": rates,
        "loss": losses,
    }
    if adam:
        rows["step_size"] = curves.correct_bias(rates, steps)
    if applied is not None:
        rows["applied"] = applied
    for begin in range(0, len(steps), _ROWS_PER_WRITE):
        part = slice_rows(rows, begin, begin + _ROWS_PER_WRITE)
        writer.write_rows(part, wall_time=writer.time_of(part["step"][-1]) + pause_secs)
    for event in _make_epoch_ends(info, rows):
        writer.write_event(event, wall_time=writer.time_of(event.step) + pause_secs)


def _make_epoch_ends(info: RunInfo, rows: Mapping[str, np.ndarray]) -> list[Event]:
    events = []
    num_steps = info.steps_per_epoch or len(rows["step"])
    for begin in range(0, len(rows["step"]) - num_steps + 1, num_steps):
        epoch = info.first_epoch + begin // num_steps
        loss = float(np.mean(rows["loss"][begin : begin + num_steps]))
        text = f"Epoch {epoch + 1} ended: loss {loss:.4g}."
        step = int(rows["step"][begin + num_steps - 1])
        events.append(Event("epoch_end", step, text, {"epoch": epoch, "loss": loss}))
    return events
