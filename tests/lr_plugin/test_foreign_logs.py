"""Logs that other libraries wrote, in full: as TensorBoard's accumulator reads them.

The files are in `foreign_logs`, with the script that had the libraries write them.
"""

from pathlib import Path

import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader

LOGS = Path(__file__).parent / "foreign_logs"
ALL = {"scalars": 0, "tensors": 0}
# By run: the folder of rate and loss, their tags, and how many losses there are.
RUNS = {
    "tensorboardx": ("tensorboardx", "optim/lr", "train/loss", 60),
    "clu": ("clu", "learning_rate", "train_loss", 12),
    "keras": ("keras/train", "epoch_learning_rate", "epoch_loss", 6),
    "tensorflow_1": ("tensorflow_1", "learning_rate", "loss_1", 30),
    "tensorflow_2": ("tensorflow_2", "learning rate", "training loss", 60),
    "lightning": ("lightning", "lr-Adam/pg1", "train_loss_step", 12),
    "transformers": ("transformers", "train/learning_rate", "train/loss", 12),
}


@pytest.fixture(scope="module")
def reader():
    with python_loader() as load:
        yield LearningRateReader(
            load(LOGS), directories=RunDirectories(logdir=str(LOGS))
        )


@pytest.fixture(scope="module")
def summaries(reader):
    return {run["run"]: run for run in reader.list_runs(SCOPE)["runs"]}


def accumulate(folder, tag):
    """Gives step, time and value of every point, in the order of writing."""
    accumulator = EventAccumulator(str(LOGS / folder), size_guidance=ALL).Reload()
    if tag in accumulator.Tags()["scalars"]:
        return [(e.step, e.wall_time, e.value) for e in accumulator.Scalars(tag)]
    return [
        (e.step, e.wall_time, tensor_util.make_ndarray(e.tensor_proto).item())
        for e in accumulator.Tensors(tag)
    ]


def test_every_run_is_listed_and_no_other(summaries):
    assert sorted(summaries) == sorted(RUNS)


@pytest.mark.parametrize("name", RUNS)
def test_every_point_is_that_of_tensorboard(reader, summaries, name):
    folder, rate_tag, loss_tag, num_points = RUNS[name]
    rates, losses = accumulate(folder, rate_tag), accumulate(folder, loss_tag)
    assert len(losses) == num_points

    _, pieces = reader.export_rows(SCOPE, name)
    (rows,) = pieces

    assert summaries[name]["tags"] == {"learning_rate": rate_tag, "loss": loss_tag}
    assert rows["step"].tolist() == [step for step, _, _ in losses]
    assert rows["wall_time"].tolist() == [time for _, time, _ in losses]
    np.testing.assert_array_equal(rows["loss"], [value for _, _, value in losses])
    # The rate that was logged last.
    held = [[v for s, _, v in rates if s <= step][-1] for step in rows["step"]]
    np.testing.assert_array_equal(rows["learning_rate"], held)


def test_metrics_of_epochs_are_those_of_each_program(summaries, reader):
    found = {name: sorted(run["best_epochs"]) for name, run in summaries.items()}
    assert found == {
        "tensorboardx": ["accuracy", "val_accuracy"],
        "clu": ["val_loss"],
        "keras": ["loss", "val_loss"],
        "tensorflow_1": [],
        "tensorflow_2": [],
        "lightning": ["loss", "val_loss"],
        "transformers": ["val_loss"],
    }
    expected = min(
        value for _, _, value in accumulate("keras/validation", "epoch_loss")
    )
    best = summaries["keras"]["best_epochs"]["val_loss"]
    assert np.float32(best["value"]) == np.float32(expected)
    for run, metric, tag in (
        ("keras", "loss", "epoch_loss"),
        ("lightning", "loss", "train_loss_epoch"),
    ):
        folder = "keras/train" if run == "keras" else run
        values = [value for _, _, value in accumulate(folder, tag)]
        best = summaries[run]["best_epochs"][metric]
        assert np.float32(best["value"]) == np.float32(min(values))
        assert best["epoch"] == values.index(min(values))


def test_epochs_are_those_that_the_programs_said(summaries):
    assert summaries["tensorflow_2"]["epoch_marks"] == [(0, 0), (20, 1), (40, 2)]
    assert summaries["keras"]["steps_per_epoch"] == 1
    # Lightning counts steps from 0, the Trainer from 1; both trained for three epochs.
    assert summaries["lightning"]["epoch_marks"] == [(0, 0), (20, 1), (40, 2)]
    assert summaries["transformers"]["epoch_marks"] == [(1, 0), (21, 1), (41, 2)]
    assert not summaries["clu"]["epoch_marks"]


def test_every_group_of_an_optimizer_is_a_curve(reader):
    _, (rows,) = reader.export_rows(SCOPE, "lightning")
    for tag, column in (
        ("lr-Adam/pg1", "learning_rate"),
        ("lr-Adam/pg2", "learning_rate:lr-Adam/pg2"),
    ):
        written = [value for _, _, value in accumulate("lightning", tag)]
        np.testing.assert_array_equal(rows[column], written)
    # The head was given a tenth of the body's rate.
    np.testing.assert_allclose(
        rows["learning_rate"] / rows["learning_rate:lr-Adam/pg2"], 10, rtol=1e-5
    )


def test_a_loss_that_was_nan_is_found(summaries):
    (finding,) = summaries["tensorboardx"]["findings"]
    assert (finding["kind"], finding["step"]) == ("nonfinite_loss", 50)
