"""Logs of every format that was ever released are read, number by number, for ever.

`data/format_N` holds a small one of each. A new format gets a new folder; none of these
is ever written again.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE

from lr_plugin import read_run, schema
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader

DATA = Path(__file__).parent / "data"
RANGE_TEST = {
    "learning_rates": (0.001, 0.01, 0.1),
    "losses": ((2.0, 1.0, 4.0),),
    "smoothed": (2.0, 1.5, 4.0),
    "suggestion": 0.01,
    "interval": (0.005, 0.02),
    "reason": "It falls most there.",
    "suggestions": {"steep": 0.01, "valley": None},
}


def test_every_format_up_to_this_one_has_a_log():
    folders = {path.name for path in DATA.iterdir()}
    formats = range(1, schema.SCHEMA_VERSION + 1)
    assert {f"format_{number}" for number in formats} <= folders


def test_format_1_is_read_from_its_files():
    run = read_run(DATA / "format_1" / "run1")

    assert run.steps.tolist() == [*range(600), 600, 600, 601]
    assert run["learning_rate"].tolist() == [0.5] * 300 + [0.25] * 303
    losses = [2.0 ** -(step % 10) for step in range(600)] + [1.0, 2.0, 4.0]
    losses[123] = np.nan
    np.testing.assert_array_equal(run["loss"], losses)
    assert set(run["step_size"]) == {0.125}
    assert run["applied"].tolist() == [1] * 600 + [0, 1, 1]
    assert run["wall_time"][-1] == pytest.approx(1.7e9 + 64, abs=1)
    info = run.run_info
    assert (info.steps_per_epoch, info.epochs) == (200, 3)
    assert info.optimizer == {"class_name": "Adam", "config": {"beta_1": 0.9}}
    assert info.schedule["class_name"] == "CosineDecay"
    assert info.notes == ("A note.",)
    assert info.extra == {"hparams": {"--learning_rate": 0.5}}
    (event,) = run.events
    assert (event.kind, event.step, event.text) == ("epoch_end", 199, "Epoch 1 ended.")
    assert event.details == {"epoch": 0, "val_loss": 0.75}
    (test,) = run.range_tests
    assert {name: getattr(test, name) for name in RANGE_TEST} == RANGE_TEST
    assert run.layers.layers == ["dense/kernel", "dense/bias"]
    assert run.layers.steps.tolist() == [100]
    assert run.layers.values["update_ratio"].tolist() == [[0.25, 0.5]]


@pytest.mark.parametrize("loader", LOADERS)
def test_format_1_is_read_through_tensorboard(loader, tmp_path):
    logdir = tmp_path / "logs"
    shutil.copytree(DATA / "format_1", logdir)
    with LOADERS[loader]() as load:
        directories = RunDirectories(logdir=str(logdir))
        reader = LearningRateReader(load(logdir), directories=directories)
        answer = reader.list_runs(SCOPE)
        (run,) = answer["runs"]
        window = reader.read_series(SCOPE, "run1", ("step", "loss"), max_points=1000)

    assert answer["notices"] == []
    assert (run["num_iterations"], run["last_step"]) == (603, 601)
    assert run["loss"]["num_nonfinite"] == 1
    assert run["num_not_applied"] == 1
    assert window.exactness == "rows"
    assert window.columns["step"].tolist() == [*range(600), 600, 600, 601]
    assert window.columns["loss"].tolist()[-3:] == [1.0, 2.0, 4.0]
