"""Reads the event files of a run: the record, and the scalars of the stock tabs."""

import pathlib

import numpy as np
from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from lr_plugin import read_run

_ALL = 10**9


def recorded_rates(folder: pathlib.Path) -> np.ndarray:
    """Reads the rate that every update used: `[num_iterations]`."""
    return read_run(folder)["learning_rate"]


def scalar_values(folder: pathlib.Path, tag: str) -> list[float]:
    """Reads the values of a tag that the stock Scalars tab has, in order."""
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
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance={"tensors": 0}, tensor_size_guidance={"scalars": 0}
    )
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, str(folder))
