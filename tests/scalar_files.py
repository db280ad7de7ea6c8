"""Writes event files of scalars as other programs do, and reads them as TensorBoard."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

START = 1.7e9

Value = summary_pb2.Summary.Value


def simple_value(tag: str, value: float) -> Value:
    """Makes a scalar as PyTorch's SummaryWriter and TensorFlow 1 do."""
    return Value(tag=tag, simple_value=value)


def tensor_value(tag: str, value: float, dtype: type = np.float32) -> Value:
    """Makes a scalar as TensorFlow 2 does."""
    return Value(
        tag=tag,
        metadata=scalar_metadata.create_summary_metadata(tag, ""),
        tensor=tensor_util.make_tensor_proto(dtype(value)),
    )


def write_events(
    folder: Path, events: Iterable[event_pb2.Event], *, suffix: str = ""
) -> Path:
    """Writes one event file, and gives its path."""
    before = set(folder.glob("*")) if folder.is_dir() else set()
    writer = EventFileWriter(str(folder), filename_suffix=suffix)
    for event in events:
        writer.add_event(event)
    writer.close()
    (path,) = set(folder.glob("*")) - before
    return path


def write_scalars(
    folder: Path,
    rows: Iterable[tuple[int, Mapping[str, float]]],
    *,
    make=simple_value,
    start: float = START,
    number: int = 0,
) -> Path:
    """Writes scalars, one event for each, a hundredth of a second from row to row.

    Args:
        number: Of the file in its folder: TensorBoard reads them in order of their
            names, which hold the second in which they were made.
    """
    events = []
    for i, (step, values) in enumerate(rows):
        for tag, value in values.items():
            summary = summary_pb2.Summary(value=[make(tag, value)])
            time_ = start + 0.01 * i
            events.append(event_pb2.Event(wall_time=time_, step=step, summary=summary))
    path = write_events(folder, events, suffix=f".{number}")
    return path.rename(path.with_name(f"events.out.tfevents.{1_700_000_000 + number}"))


def load_scalars(path: Path) -> dict[str, list[tuple[int, float, float]]]:
    """Loads step, time and value of each scalar of a file as TensorBoard does."""
    found: dict[str, list[tuple[int, float, float]]] = {}
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            array = tensor_util.make_ndarray(value.tensor)
            if array.size == 1 and array.dtype.kind in "fi":
                point = (event.step, event.wall_time, float(array.item()))
                found.setdefault(value.tag, []).append(point)
    return found
