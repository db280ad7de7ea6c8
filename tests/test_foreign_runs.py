"""Real scalar summaries of other programs, through both of TensorBoard's loaders."""

import os

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

from lr_plugin.reader.foreign.foreign_runs import list_scalars
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.writer.run_writer import RunWriter


@pytest.fixture(params=LOADERS)
def read(request):
    with LOADERS[request.param]() as load:
        yield lambda logdir: LearningRateReader(
            load(logdir), directories=RunDirectories(logdir=str(logdir))
        )


def write_scalars(directory, steps, **columns):
    """Writes scalars as TensorFlow 2 does."""
    writer = EventFileWriter(str(directory))
    for i, step in enumerate(steps):
        for tag, values in columns.items():
            value = summary_pb2.Summary.Value(
                tag=tag.replace("__", "/"),
                metadata=scalar_metadata.create_summary_metadata(tag, ""),
                tensor=tensor_util.make_tensor_proto(np.float32(values[i])),
            )
            summary = summary_pb2.Summary(value=[value])
            event = event_pb2.Event(wall_time=100.0 + i, step=step, summary=summary)
            writer.add_event(event)
    writer.close()


def write_old_scalars(directory, steps, **columns):
    """Writes scalars as PyTorch's SummaryWriter does."""
    writer = EventFileWriter(str(directory))
    for i, step in enumerate(steps):
        for tag, values in columns.items():
            value = summary_pb2.Summary.Value(
                tag=tag.replace("__", "/"), simple_value=values[i]
            )
            summary = summary_pb2.Summary(value=[value])
            writer.add_event(event_pb2.Event(wall_time=1.0, step=step, summary=summary))
    writer.close()


def test_a_keras_log_is_a_run(tmp_path, read):
    write_scalars(
        tmp_path / "run1" / "train",
        range(5),
        epoch_learning_rate=[0.1, 0.05, 0.02, 0.01, 0.005],
        epoch_loss=[3.0, 2.0, np.nan, 1.0, 0.5],
    )
    write_scalars(tmp_path / "run1" / "validation", range(5), epoch_loss=[9.0] * 5)
    reader = read(tmp_path)

    (run,) = reader.list_runs(SCOPE)["runs"]
    window = reader.read_series(
        SCOPE, "run1", ("step", "learning_rate", "loss"), max_points=100
    )

    assert (run["run"], run["source"]) == ("run1", "scalars")
    assert run["tags"] == {"learning_rate": "epoch_learning_rate", "loss": "epoch_loss"}
    assert run["columns"] == ["step", "learning_rate", "wall_time", "loss"]
    assert run["learning_rate"]["last"] == 0.005
    assert (run["loss"]["min"], run["loss"]["num_nonfinite"]) == (0.5, 1)
    assert "5 steps are in both" in run["notes"][0]
    assert window.exactness == "rows"
    assert window.columns["step"].tolist() == [0, 1, 2, 3, 4]
    assert window.columns["learning_rate"][1] == np.float32(0.05)
    np.testing.assert_array_equal(window.columns["loss"], [3, 2, np.nan, 1, 0.5])


def test_a_pytorch_log_is_a_run(tmp_path, read):
    write_old_scalars(
        tmp_path / "version_0",
        range(49, 500, 50),
        **{"lr-Adam": [1e-3] * 10, "train_loss": list(range(10))},
    )
    reader = read(tmp_path)

    (run,) = reader.list_runs(SCOPE)["runs"]
    window = reader.read_series(
        SCOPE, "version_0", ("step", "loss"), start=99, stop=200, max_points=100
    )

    assert (run["run"], run["num_iterations"]) == ("version_0", 10)
    assert window.columns["step"].tolist() == [99, 149, 199]
    assert window.columns["loss"].tolist() == [1, 2, 3]
    assert reader.read_events(SCOPE, "version_0") == []
    assert reader.find_findings(SCOPE, "version_0") == []
    assert reader.read_range_tests(SCOPE, "version_0") == []
    assert reader.read_layers(SCOPE, "version_0")["layers"] == []
    columns, (rows,) = reader.export_rows(SCOPE, "version_0")
    assert columns == ("step", "learning_rate", "wall_time", "loss")
    assert len(rows["step"]) == 10


def test_a_long_log_is_thinned_by_tensorboard_and_that_is_said(tmp_path, read):
    steps = range(3000)
    write_old_scalars(
        tmp_path / "run1", steps, train__learning_rate=steps, train__loss=steps
    )
    reader = read(tmp_path)

    (run,) = reader.list_runs(SCOPE)["runs"]
    window = reader.read_series(
        SCOPE, "run1", ("learning_rate", "loss"), max_points=5000
    )

    assert run["num_iterations"] == 1000
    assert "(1000 points kept by TensorBoard)" in run["notes"][0]
    assert "mean loss since the last time" in run["notes"][1]
    np.testing.assert_array_equal(
        window.columns["learning_rate"], window.columns["loss"]
    )


def test_a_log_without_a_rate_is_no_run(tmp_path, read):
    write_scalars(tmp_path / "run1", range(5), loss=[1.0] * 5)

    assert read(tmp_path).list_runs(SCOPE)["runs"] == []
    assert not read(tmp_path).has_runs(SCOPE)


def test_the_recording_of_a_training_stands_for_its_other_logs(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "learning_rate": np.full(9, 0.1)})
    write_scalars(tmp_path / "run1" / "train", range(5), epoch_learning_rate=[0.1] * 5)
    write_scalars(tmp_path / "run2" / "train", range(5), epoch_learning_rate=[0.1] * 5)

    runs = read(tmp_path).list_runs(SCOPE)["runs"]

    assert [(run["run"], run["source"]) for run in runs] == [
        ("run1", "recorded"),
        ("run2", "scalars"),
    ]


def test_runs_of_both_kinds_are_described_by_the_same_keys(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        rows = {"step": np.arange(9), "learning_rate": np.ones(9), "loss": np.ones(9)}
        writer.write_rows(rows)
    write_scalars(tmp_path / "run2", range(5), learning_rate=[0.1] * 5, loss=[1.0] * 5)

    recorded, foreign = read(tmp_path).list_runs(SCOPE)["runs"]

    assert (recorded["source"], foreign["source"]) == ("recorded", "scalars")
    assert list(recorded) == list(foreign)
    for key in ("learning_rate", "loss", "has"):
        assert list(recorded[key]) == list(foreign[key])


def test_a_run_beside_a_recording_of_its_name_keeps_the_longer_name(tmp_path, read):
    # The record lies in run1 itself, as if the user had moved the files up.
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "loss": np.ones(9)})
    for path in (tmp_path / "run1" / "learning_rate").iterdir():
        path.rename(tmp_path / "run1" / path.name)
    write_scalars(tmp_path / "run1" / "train", range(5), epoch_learning_rate=[0.1] * 5)

    runs = read(tmp_path).list_runs(SCOPE)["runs"]

    assert [(run["run"], run["source"]) for run in runs] == [
        ("run1", "recorded"),
        (os.path.join("run1", "train"), "scalars"),
    ]


def test_scalars_of_recorded_runs_are_not_listed(tmp_path):
    # With hundreds of runs, the Python loader takes a third of a second to list them.
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "learning_rate": np.full(9, 0.1)})
    write_scalars(tmp_path / "run2", range(5), learning_rate=[0.1] * 5)

    with LOADERS["python"]() as load:
        provider = load(tmp_path)
        listing = list_scalars(provider, SCOPE, {os.path.join("run1", "learning_rate")})

    assert list(listing) == ["run2"]
