"""Runs of any length with any values: each is listed and judged, and none fails."""

import random

import numpy as np
import pytest
from data_providers import SCOPE, python_loader

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

LENGTHS = (1, 2, 3, 4, 5, 9, 10, 30, 99, 100, 101, 255, 256, 257, 600, 1100, 6000)
VALUES = (0.0, -0.0, 1.0, -1.0, 1e-45, 3e38, -3e38, np.nan, np.inf, -np.inf)


def strange_column(generator, num_rows):
    """Makes a column: one value, some values, rising, falling, or a bit of each."""
    kind = generator.choice(("one", "some", "rising", "falling", "mixed"))
    rising = np.geomspace(1e-6, 10.0 ** generator.randrange(-5, 30), num_rows)
    if kind == "one":
        return np.full(num_rows, generator.choice(VALUES))
    if kind == "some":
        return np.array(generator.choices(VALUES, k=num_rows))
    column = rising if kind == "rising" else rising[::-1].copy()
    if kind == "mixed":
        begin = generator.randrange(num_rows)
        column[begin : begin + generator.randrange(1, 300)] = generator.choice(VALUES)
    return column


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_every_run_is_listed_and_judged_without_a_flaw(tmp_path, seed):
    generator = random.Random(seed)
    lengths = {}
    for i in range(60):
        lengths[f"run{i}"] = num_rows = generator.choice(LENGTHS)
        rows = {"step": np.arange(num_rows)}
        for name in ("learning_rate", "loss"):
            rows[name] = strange_column(generator, num_rows)
        if generator.random() < 0.3:
            del rows[generator.choice(("learning_rate", "loss"))]
        rows["applied"] = np.array(generator.choices((0, 1), k=num_rows))
        with RunWriter(tmp_path / f"run{i}") as writer:
            steps_per_epoch = generator.choice((None, 0, 1, 7, 1000))
            extra = {"hparams": {"--decay": generator.choice(VALUES)}}
            writer.write_run_info(RunInfo(steps_per_epoch=steps_per_epoch, extra=extra))
            writer.write_rows(rows)
    with python_loader() as load:
        directories = RunDirectories(logdir=str(tmp_path))
        reader = LearningRateReader(load(tmp_path), directories=directories)
        answer = reader.list_runs(SCOPE)
        for name in lengths:
            reader.find_findings(SCOPE, name)

    assert answer["notices"] == []
    assert reader.list_runs(SCOPE)["notices"] == []
    assert {run["run"]: run["num_iterations"] for run in answer["runs"]} == lengths
