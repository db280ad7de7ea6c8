"""What the event files of a run hold, read as TensorBoard reads them."""

import pathlib

import numpy as np
from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope

_ALL = 10**9


def recorded_rates(folder: pathlib.Path) -> np.ndarray:
    """The rate that every update used, as the tab has it: `[num_iterations]`."""
    reader = LearningRateReader(_provider(folder), directories=RunDirectories())
    scope = Scope(RequestContext(), "")
    (run,) = (
        run["run"]
        for run in reader.list_runs(scope)["runs"]
        if run["source"] == "recorded"
    )
    window = reader.read_series(scope, run, ["learning_rate"], max_points=_ALL)
    return window.columns["learning_rate"]


def scalar_values(folder: pathlib.Path, tag: str) -> list[float]:
    """The value of every point that TensorBoard's own Scalars tab has, in order."""
    series = _provider(folder).read_scalars(
        RequestContext(),
        experiment_id="",
        plugin_name="scalars",
        downsample=_ALL,
        run_tag_filter=RunTagFilter(tags=[tag]),
    )
    return [
        point.value
        for tags in series.values()
        for points in tags.values()
        for point in points
    ]


def _provider(folder: pathlib.Path) -> data_provider.MultiplexerDataProvider:
    kept = {"scalars": 0, "learning_rate": 0, "learning_rate_raw": 0}
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance={"tensors": 0}, tensor_size_guidance=kept
    )
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, str(folder))
