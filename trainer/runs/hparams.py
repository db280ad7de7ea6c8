"""Tells TensorBoard's own HParams tab the settings of a run, numbers as numbers."""

import os
import time
from collections.abc import Iterable, Mapping
from typing import Any

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams import summary as hparams_summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from trainer.settings.config import SETTINGS
from trainer.settings.durations import Duration
from trainer.settings.flag_types import Length

# What is missing where the file cannot be written.
HPARAMS = "the record for TensorBoard's HParams"

Hyperparameters = Mapping[str, float | int | str | bool]

_UNITS = {"": "steps", "ep": "epochs", "%": "percent"}


def write_settings(folder: str | os.PathLike[str], hparams: Hyperparameters) -> None:
    """Writes that a run begins, with its settings."""
    write_summaries(folder, 0, [hparams_summary.session_start_pb(dict(hparams))])


def write_end(folder: str | os.PathLike[str], *, has_ended_well: bool) -> None:
    """Writes that a run has ended."""
    write_summaries(folder, 0, [make_end(has_ended_well=has_ended_well)])


def make_end(*, has_ended_well: bool) -> Any:
    """Makes the summary of the end of a run."""
    status = api_pb2.STATUS_SUCCESS if has_ended_well else api_pb2.STATUS_FAILURE
    return hparams_summary.session_end_pb(status)


def with_numbers(flags: Hyperparameters) -> dict[str, Any]:
    """Makes numbers of the flags that are durations, with their unit in the name.

    `warmup` of 8.39% becomes `warmup_percent` of 8.39: HParams sorts and filters
    numbers, and draws them on axes.
    """
    found: dict[str, Any] = {}
    for name, value in flags.items():
        if name in SETTINGS and isinstance(SETTINGS[name].kind, Length):
            duration = Duration.parse(str(value))
            found[f"{name}_{_UNITS[duration.unit]}"] = duration.value
        else:
            found[name] = value
    return found


def write_summaries(
    folder: str | os.PathLike[str], step: int, summaries: Iterable[Any]
) -> None:
    """Writes summaries to an event file of their own."""
    writer = EventFileWriter(os.fspath(folder))
    for summary in summaries:
        # The HParams plugin makes a summary of TensorFlow's class where that is there.
        plain = summary_pb2.Summary.FromString(summary.SerializeToString())
        event = event_pb2.Event(wall_time=time.time(), step=step, summary=plain)
        writer.add_event(event)
    writer.close()
