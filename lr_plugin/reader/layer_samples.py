"""Samples of single layers, joined over the trainings of a run."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from tensorboard.data.provider import TensorDatum

from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.recording import select_valid
from lr_plugin.reader.tensors import Tag


@dataclasses.dataclass(frozen=True, eq=False)
class LayerSamples:
    """What was measured of a model's layers at some iterations.

    Attributes:
        layers: Their names, those of the latest training first.
        steps: The iterations, rising. Shape [num_samples].
        values: Arrays of shape [num_samples, num_layers] by what they measure, such as
            "effective_rate:p50" and "update_ratio". NaN where a sample lacks a layer or
            a measurement: parts of a training may have had other layers, as before
            some were unfrozen.
    """

    layers: Sequence[str] = ()
    steps: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0, np.int64))
    values: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)


def join_layer_samples(
    data: Sequence[tuple[Tag, TensorDatum]], beginnings: Beginnings
) -> LayerSamples:
    """Joins the samples of a run that nothing later replaced.

    Args:
        data: Events, each with its tag, of all tags that hold samples.
        beginnings: Of all trainings of the run.
    """
    by_tag: dict[str, tuple[Tag, list[TensorDatum]]] = {}
    for tag, datum in data:
        by_tag.setdefault(tag.name, (tag, []))[1].append(datum)
    groups = sorted(
        by_tag.values(), key=lambda group: group[0].max_wall_time, reverse=True
    )
    layers = list(dict.fromkeys(name for tag, _ in groups for name in tag.layers))
    columns = list(dict.fromkeys(name for tag, _ in groups for name in tag.columns))
    steps: list[int] = []
    tables: list[np.ndarray] = []
    for tag, samples in groups:
        places = np.ix_(
            [columns.index(name) for name in tag.columns],
            [layers.index(name) for name in tag.layers],
        )
        for sample in select_valid(samples, beginnings):
            table = np.full((len(columns), len(layers)), np.nan)
            table[places] = sample.numpy.T
            steps.append(sample.step)
            tables.append(table)
    order = np.argsort(steps, kind="stable")
    table = np.array(tables).reshape(len(steps), len(columns), len(layers))[order]
    return LayerSamples(
        layers=layers,
        steps=np.array(steps, np.int64)[order],
        values={column: table[:, i] for i, column in enumerate(columns)},
    )
