"""Reads a recorded run as arrays, from its event files alone."""

import dataclasses
import functools
import importlib
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tensorboard.data.provider import TensorDatum

from lr_plugin import metadata, schema
from lr_plugin.folders import is_remote, resolve_folder
from lr_plugin.reader.fence.flaws import Note
from lr_plugin.reader.file_events import read_file_events
from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.landscape.landscape import Landscape, join_landscape
from lr_plugin.reader.layer_samples import LayerSamples, join_layer_samples
from lr_plugin.reader.places.fetch import fetched_record
from lr_plugin.reader.raw_blocks import EventFiles
from lr_plugin.reader.recording import (
    TimedEvent,
    make_recording,
    parse_records,
    select_valid,
)
from lr_plugin.reader.tensors import Tag
from lr_plugin.rows import WALL_TIME, select_columns
from lr_plugin.run_figure import draw_run

if TYPE_CHECKING:
    import matplotlib.figure

# A message names at most this many runs.
_MAX_NAMES = 5


@dataclasses.dataclass(frozen=True, eq=False)
class RunRecord:
    """What `read_run` found: a row for every iteration, and what else was recorded.

    `len(run)` counts the rows, `run["loss"]` is a column, and iterating gives the names
    of the columns, as with a pandas DataFrame.

    Attributes:
        folder: Where it was read.
        columns: Arrays of shape [num_rows] by name, one row for each iteration in the
            order of steps. `step` (int64) counts iterations from 0 and repeats where
            loss scaling skipped an update; `wall_time` (float64) is estimated, in
            seconds since the epoch, between the moments at which rows were written, and
            NaN if there are none. All others are float32, as they were recorded:
            `applied` is 0 where the update was not applied; of `learning_rate`, `loss`,
            `step_size`, `gradient_norm`, `momentum` and `learning_rate:<name>` of each
            of several optimizers those are there that a training recorded, with NaN in
            the rows of trainings that did not.
        run_infos: What was known of each training when it began, first to last;
            trainings that a later one replaced as a whole are left out.
        events: What happened, by step; each a `schema.Event` with its `wall_time`.
        range_tests: The learning rate range tests, the latest first.
        layers: The samples of single layers.
        landscape: What other rates would have done, where that was measured.
    """

    folder: str
    columns: Mapping[str, np.ndarray]
    run_infos: Sequence[schema.RunInfo]
    events: Sequence[TimedEvent]
    range_tests: Sequence[schema.RangeTestRecord]
    layers: LayerSamples
    landscape: Landscape

    @property
    def steps(self) -> np.ndarray:
        """The step of every row, never falling. Shape [num_rows]."""
        return self.columns[schema.STEP]

    @property
    def run_info(self) -> schema.RunInfo:
        """What was known of the latest training; all defaults if nothing was said."""
        return self.run_infos[-1] if self.run_infos else schema.RunInfo()

    def __repr__(self) -> str:
        rows = f"{len(self):,} iteration{'' if len(self) == 1 else 's'}"
        return f"RunRecord({self.folder!r}: {rows} of {', '.join(self.columns)})"

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __getitem__(self, column: str) -> np.ndarray:
        if column not in self.columns:
            raise KeyError(
                f"`column` must be one that was recorded in {self.folder}: "
                f"{', '.join(self.columns)}. Received: {column!r}."
            )
        return self.columns[column]

    def plot(
        self, path: str | os.PathLike[str] | None = None
    ) -> "matplotlib.figure.Figure":
        """Draws loss and rate over the steps; saves the figure to `path`.

        A run of more than 4000 rows is drawn as a band from minimum to maximum.

        Raises:
            ImportError: matplotlib is not installed.
        """
        figure = draw_run(self.columns)
        if path is not None:
            figure.savefig(path)
        return figure

    def to_pandas(self) -> Any:
        """Makes a `pandas.DataFrame` with a row for each iteration.

        Raises:
            ImportError: pandas is not installed.
        """
        try:
            pandas = importlib.import_module("pandas")
        except ImportError as error:
            raise ImportError(
                "`to_pandas` needs pandas, which cannot be imported here. Install it "
                "with `pip install pandas`, or use the arrays in `columns`."
            ) from error
        return pandas.DataFrame(dict(self.columns))


def read_run(folder: str | os.PathLike[str]) -> RunRecord:
    """Reads a run that `LearningRateLogger` or `RunWriter` recorded.

    Needs neither TensorFlow nor a running TensorBoard. The run may still be growing:
    what is not whole yet in a file is left out. Iterations that a resumed training
    wrote again are there once, as it wrote them. What is in folders below the run's
    (`fit_2`, ...) are runs of their own. Of an event that holds something else than it
    may, a warning tells what is left out.

    Args:
        folder: The run's folder, as it was given to the callback ("logs/run1"), or the
            folder `learning_rate` in it. It may be remote, as "s3://bucket/logs/run1";
            its files are fetched then.

    Raises:
        FileNotFoundError: There is no such folder.
        ImportError: The package for a remote folder is missing.
        ValueError: No run was recorded in it, or a later version of this package wrote
            it.
        OSError: A file cannot be read, or has changed while it was read.

    Example:

    ```python
    from lr_plugin import read_run

    run = read_run("logs/run1")
    print(f"{len(run)} iterations, the last at the rate {run['learning_rate'][-1]:g}")
    lowest = run["loss"].argmin()
    print(f"lowest batch loss: {run['loss'][lowest]:g}, step {run.steps[lowest]}")
    for event in run.events:
        print(event.step, event.text)
    ```
    """
    folder = resolve_folder(folder, name="folder")
    if is_remote(folder):
        with fetched_record(folder) as directory:
            return _read_directory(folder, directory)
    return _read_directory(folder, _find_directory(folder))


def _read_directory(folder: str, directory: str) -> RunRecord:
    """Reads the event files of a directory, which are those of the run in `folder`."""
    files = EventFiles(max_bytes=0)
    blocks = files.find_blocks(directory)
    note = functools.partial(_warn, folder)
    data = read_file_events(directory, note=note)
    if blocks is None and not data:
        raise ValueError(_explain_missing(folder, directory))
    tags = {tag.name: tag for tag, _ in data}
    recording = make_recording(folder, tags, data, note=note)
    rows = blocks.read(0, len(blocks.first_steps)) if blocks else {}
    for damage in files.list_damages(directory):
        # Rows that are missing in the middle would go unnoticed in arrays.
        if not damage.is_rest:
            raise OSError(f"{damage.describe(folder)} The file is {damage.path}.")
    names = (schema.STEP, *schema.value_columns(rows), schema.APPLIED)
    # Copied, because blocks are parts of larger arrays that cannot be written to.
    columns = {name: v.copy() for name, v in select_columns(rows, names).items()}
    times = recording.estimate_times(columns[schema.STEP], blocks)
    return RunRecord(
        folder=folder,
        columns={**columns, WALL_TIME: times},
        run_infos=recording.run_infos,
        events=recording.events,
        range_tests=_read_range_tests(data, note),
        layers=join_layer_samples(
            [(t, d) for t, d in data if t.name.startswith(metadata.LAYERS_PREFIX)],
            recording.beginnings,
        ),
        landscape=join_landscape(
            [datum for tag, datum in data if tag.name == metadata.LANDSCAPE_TAG],
            recording.beginnings,
            note,
            optimizer=recording.run_info.optimizer,
        ),
    )


def _find_directory(folder: str) -> str:
    """Finds the directory of a run's event files."""
    if not os.path.isdir(folder):
        raise FileNotFoundError(
            "`folder` must be an existing folder, such as the one that was given to "
            f"LearningRateLogger or RunWriter. Received: {folder!r}, which does not "
            f"exist in {os.getcwd()}. Check its name."
        )
    below = os.path.join(folder, schema.SUBDIRECTORY)
    return below if os.path.isdir(below) else folder


def _explain_missing(folder: str, directory: str) -> str:
    place = directory if is_remote(folder) else folder
    names = sorted(
        entry.name
        for entry in os.scandir(place)
        if os.path.isdir(os.path.join(entry.path, schema.SUBDIRECTORY))
    )
    advice = "Record one there with lr_plugin.keras.LearningRateLogger or RunWriter."
    if names:
        more = ", ..." if len(names) > _MAX_NAMES else ""
        advice = f"Give one of the runs in it: {', '.join(names[:_MAX_NAMES])}{more}."
    return (
        "`folder` must be that of a recorded run, with event files in its folder "
        f"`{schema.SUBDIRECTORY}`. Received: {folder!r}, where no run was recorded. "
        f"{advice}"
    )


def _read_range_tests(
    data: Sequence[tuple[Tag, TensorDatum]], note: Note
) -> list[schema.RangeTestRecord]:
    tests = [datum for tag, datum in data if tag.name == metadata.RANGE_TEST_TAG]
    # Trainings do not replace a test: it comes before the one at the same step.
    valid = select_valid(tests, Beginnings())
    return parse_records(schema.RangeTestRecord, "range test", valid, note)[::-1]


def _warn(folder: str, text: str) -> None:
    warnings.warn(f"{folder}: {text}", stacklevel=2)
