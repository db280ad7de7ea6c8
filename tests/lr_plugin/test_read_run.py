"""Runs read back as arrays, from event files alone."""

import contextlib
import io
import re
import subprocess
import sys

import numpy as np
import pytest
from data_providers import SCOPE, directory_of, python_loader

from lr_plugin import RunWriter, read_run, schema
from lr_plugin.reader import read_run as read_run_module
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import Event, RangeTestRecord, RunInfo


def write(folder, first, last, *, time=1000.0, resume=False, **columns):
    """Writes a training of rows with `first <= step < last`; the rate is 1/(step+1)."""
    steps = np.arange(first, last)
    rows = {"step": steps, "learning_rate": 1 / (steps + 1), **columns}
    with RunWriter(folder, resume=resume) as writer:
        writer.write_run_info(RunInfo(first_step=first), wall_time=time)
        writer.write_rows(rows, wall_time=time + 10)


def file_of(folder):
    (path,) = directory_of(folder).glob("*tfevents*")
    return path


def test_every_row_is_the_float32_that_was_written(tmp_path):
    losses = np.random.default_rng(0).normal(size=5000)
    # Five blocks, of which the last is not full.
    write(tmp_path, 0, 5000, loss=losses)

    run = read_run(tmp_path)

    assert len(run) == 5000
    assert list(run) == ["step", "learning_rate", "loss", "applied", "wall_time"]
    assert run.steps.tolist() == list(range(5000))
    assert (run.steps.dtype, run["loss"].dtype) == (np.int64, np.float32)
    np.testing.assert_array_equal(run["loss"], losses.astype(np.float32))
    # 1/4096 is a float32.
    assert run["learning_rate"][4095] == 1 / 4096
    assert set(run["applied"]) == {1.0}
    assert repr(run) == (
        f"RunRecord({str(tmp_path)!r}: 5,000 iterations of step, learning_rate, loss, "
        "applied, wall_time)"
    )


@pytest.mark.slow
def test_a_run_of_hundreds_of_blocks_is_read_whole(tmp_path):
    write(tmp_path, 0, 300_000, loss=np.arange(300_000) / 8)

    run = read_run(tmp_path)

    np.testing.assert_array_equal(run.steps, np.arange(300_000))
    np.testing.assert_array_equal(run["loss"], np.arange(300_000) / 8)


@pytest.mark.parametrize("as_type", [str, lambda path: path])
def test_the_folder_of_the_record_is_as_good_as_the_runs(tmp_path, as_type):
    write(tmp_path / "run1", 0, 10)

    assert len(read_run(as_type(tmp_path / "run1"))) == 10
    assert len(read_run(as_type(tmp_path / "run1" / "learning_rate"))) == 10


def test_the_columns_belong_to_whoever_asked(tmp_path):
    write(tmp_path, 0, 10)

    run = read_run(tmp_path)
    run["learning_rate"][0] = 7.0

    assert run["learning_rate"][0] == 7.0
    assert read_run(tmp_path)["learning_rate"][0] == 1.0


def test_rows_that_a_resumed_training_wrote_again_are_those_of_the_later(tmp_path):
    write(tmp_path, 0, 3000, time=1000.0, loss=np.full(3000, 1.0))
    write(tmp_path, 1500, 2500, time=2000.0, loss=np.full(1000, 2.0))

    run = read_run(tmp_path)

    assert run.steps.tolist() == list(range(2500))
    assert set(run["loss"][:1500]) == {1.0}
    assert set(run["loss"][1500:]) == {2.0}
    assert [info.first_step for info in run.run_infos] == [0, 1500]


def test_a_training_that_starts_over_replaces_the_run(tmp_path):
    write(tmp_path, 0, 3000, time=1000.0, loss=np.full(3000, 1.0))
    write(tmp_path, 0, 100, time=2000.0, resume=True, loss=np.full(100, 2.0))

    run = read_run(tmp_path)

    assert set(run["loss"]) == {2.0}
    assert len(run) == 100
    assert len(run.run_infos) == 1


def test_values_that_are_not_finite_are_kept(tmp_path):
    losses = np.array([1.0, np.nan, np.inf, -np.inf, 2.0])
    write(tmp_path, 0, 5, loss=losses)

    np.testing.assert_array_equal(read_run(tmp_path)["loss"], losses)


def test_the_rates_of_several_optimizers_are_columns(tmp_path):
    slow = np.full(2000, 0.25)
    write(tmp_path, 0, 2000, **{"learning_rate:slow": slow, "loss": slow})

    run = read_run(tmp_path)

    assert list(run)[:4] == ["step", "learning_rate", "loss", "learning_rate:slow"]
    assert set(run["learning_rate:slow"]) == {0.25}


def test_what_a_training_did_not_record_is_nan_in_its_rows(tmp_path):
    write(tmp_path, 0, 100, time=1000.0, momentum=np.full(100, 0.5))
    write(tmp_path, 100, 200, time=2000.0, loss=np.full(100, 3.0))

    run = read_run(tmp_path)

    assert list(run)[:4] == ["step", "learning_rate", "loss", "momentum"]
    np.testing.assert_array_equal(run["loss"][[99, 100]], [np.nan, 3.0])
    np.testing.assert_array_equal(run["momentum"][[99, 100]], [0.5, np.nan])


def test_a_run_without_loss_has_no_such_column(tmp_path):
    write(tmp_path, 0, 10)

    run = read_run(tmp_path)

    assert "loss" not in run
    with pytest.raises(KeyError, match="step, learning_rate, applied, wall_time"):
        run["loss"]


def test_skipped_updates_keep_their_rows_and_steps(tmp_path):
    with RunWriter(tmp_path) as writer:
        rows = {"step": np.array([0, 1, 1, 2]), "loss": np.arange(4.0)}
        writer.write_rows({**rows, "applied": np.array([1, 0, 1, 1])})

    run = read_run(tmp_path)

    assert run.steps.tolist() == [0, 1, 1, 2]
    assert run["applied"].tolist() == [1, 0, 1, 1]


def test_a_run_that_has_only_begun_has_no_rows(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=7))

    run = read_run(tmp_path)

    assert len(run) == 0
    assert {name: len(values) for name, values in run.columns.items()} == {
        "step": 0,
        "applied": 0,
        "wall_time": 0,
    }
    assert run.run_info.steps_per_epoch == 7


def test_a_run_of_which_nothing_was_said_has_an_empty_run_info(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": np.arange(3), "loss": np.ones(3)})

    run = read_run(tmp_path)

    assert (run.run_infos, run.run_info) == ([], RunInfo())
    assert len(run) == 3


def test_trainings_are_described_first_to_last(tmp_path):
    for first, rate in ((0, 0.5), (10, 0.25)):
        info = RunInfo(
            optimizer={"class_name": "SGD", "config": {"learning_rate": rate}},
            first_step=first,
            extra={"hparams": {"units": 8}},
        )
        with RunWriter(tmp_path) as writer:
            writer.write_run_info(info)
            writer.write_rows({"step": first + np.arange(10), "loss": np.ones(10)})

    run = read_run(tmp_path)

    rates = [info.optimizer["config"]["learning_rate"] for info in run.run_infos]
    assert rates == [0.5, 0.25]
    assert run.run_info is run.run_infos[1]
    assert (run.run_info.first_step, run.run_info.extra) == (10, info.extra)


def test_events_that_still_hold_come_by_step_with_their_times(tmp_path):
    write(tmp_path, 0, 300, time=1000.0)
    with RunWriter(tmp_path) as writer:
        writer.write_event(Event("plateau", 250, "Cut."), wall_time=1011.0)
        end = Event("epoch_end", 99, "Epoch 1 ended.", {"epoch": 0, "loss": 0.5})
        writer.write_event(end, wall_time=1012.0)
        # Its text begins like the tag of a block.
        writer.write_event(Event("iterations/", 120, "iterations/"), wall_time=1013.0)
    write(tmp_path, 200, 300, time=2000.0)

    events = read_run(tmp_path).events

    assert [(event.kind, event.step) for event in events] == [
        ("epoch_end", 99),
        ("iterations/", 120),
    ]
    assert isinstance(events[0], Event)
    assert events[0].details == {"epoch": 0, "loss": 0.5}
    assert events[0].wall_time == 1012.0


def test_range_tests_come_back_the_latest_first(tmp_path):
    records = [
        RangeTestRecord([0.1, 0.2], [[1.0, np.inf]], [1.0], None, None, reason)
        for reason in ("Too short.", "Still too short.")
    ]
    with RunWriter(tmp_path) as writer:
        for i, record in enumerate(records):
            writer.write_range_test(record, step=i, wall_time=1000.0 + i)

    assert read_run(tmp_path).range_tests == records[::-1]


def test_samples_of_layers_come_back_over_all_trainings(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_run_info(RunInfo(), wall_time=1000.0)
        writer.write_layers(10, ["head"], {"b": np.array([7.0])}, wall_time=1001.0)
        both = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
        writer.write_layers(20, ["body", "head"], both, wall_time=1002.0)

    layers = read_run(tmp_path).layers

    assert (layers.layers, layers.steps.tolist()) == (["body", "head"], [10, 20])
    np.testing.assert_array_equal(layers.values["a"], [[np.nan, np.nan], [1, 2]])
    np.testing.assert_array_equal(layers.values["b"], [[np.nan, 7], [3, 4]])


def test_a_run_without_samples_has_empty_ones(tmp_path):
    write(tmp_path, 0, 10)

    layers = read_run(tmp_path).layers

    assert (len(layers.layers), layers.steps.tolist(), layers.values) == (0, [], {})


def test_wall_times_lie_between_the_moments_of_writing(tmp_path):
    # 1000 rows from 1000 to 1010, and after a pause 1000 rows from 2000 to 2010.
    write(tmp_path, 0, 1000, time=1000.0)
    write(tmp_path, 1000, 2000, time=2000.0)

    times = read_run(tmp_path)["wall_time"]

    np.testing.assert_allclose(times[[0, 500, 999]], [1000, 1005, 1010], atol=0.02)
    np.testing.assert_allclose(times[[1000, 1500, 1999]], [2000, 2005, 2010], atol=0.02)


def test_wall_times_are_those_of_the_tab(tmp_path):
    write(tmp_path / "run1", 0, 3000, time=1000.0)
    write(tmp_path / "run1", 1500, 4000, time=2000.0)
    with python_loader() as load:
        reader = LearningRateReader(
            load(tmp_path), directories=RunDirectories(logdir=str(tmp_path))
        )
    window = reader.read_series(SCOPE, "run1", ["wall_time"], max_points=10_000)

    np.testing.assert_array_equal(
        read_run(tmp_path / "run1")["wall_time"], window.columns["wall_time"]
    )


def test_runs_in_folders_below_are_runs_of_their_own(tmp_path):
    write(tmp_path / "run1", 0, 10)
    write(tmp_path / "run1" / "fit_2", 0, 20)

    assert len(read_run(tmp_path / "run1")) == 10
    assert len(read_run(tmp_path / "run1" / "fit_2")) == 20


@pytest.mark.parametrize("num_missing", [1, 5, 2000])
def test_a_record_that_is_not_whole_yet_is_left_out(tmp_path, num_missing):
    # Without run info and stock scalars, the file ends with a block and the overview.
    with RunWriter(tmp_path) as writer:
        rows = {"step": np.arange(1024), "gradient_norm": np.arange(1024.0)}
        writer.write_rows(rows)
        writer.flush()
        whole = file_of(tmp_path).stat().st_size
        writer.write_rows({**rows, "step": 1024 + np.arange(1024)})
    content = file_of(tmp_path).read_bytes()
    file_of(tmp_path).write_bytes(content[:-num_missing])

    run = read_run(tmp_path)

    # The second block comes before the overview of both, which is shorter than 2000.
    assert whole < len(content) - 2000
    assert len(run) == (1024 if num_missing == 2000 else 2048)
    assert run["gradient_norm"][-1] == 1023.0


def test_what_follows_a_file_by_accident_does_no_harm(tmp_path):
    write(tmp_path, 0, 2000, loss=np.ones(2000))
    with file_of(tmp_path).open("ab") as file:
        file.write(b"\x7f" * 100)

    assert len(read_run(tmp_path)) == 2000


def test_an_event_that_was_damaged_is_left_out(tmp_path):
    write(tmp_path, 0, 10)
    with RunWriter(tmp_path / "other") as writer:
        writer.write_event(Event("plateau", 5, "The rate was halved."))
    content = file_of(tmp_path / "other").read_bytes()
    path = directory_of(tmp_path) / "events.out.tfevents.9"
    path.write_bytes(content)
    assert [event.kind for event in read_run(tmp_path).events] == ["plateau"]

    path.write_bytes(content.replace(b"halved", b"double"))

    assert read_run(tmp_path).events == []


def test_a_block_that_was_damaged_is_an_error_that_names_the_file(tmp_path):
    write(tmp_path, 0, 2000)
    path = file_of(tmp_path)
    content = path.read_bytes()
    at = content.index(b"iterations/")
    path.write_bytes(content[: at + 40] + b"\xff" * 100 + content[at + 140 :])

    with pytest.raises(OSError, match=re.escape(str(path))):
        read_run(tmp_path)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"must be an existing folder.*run2.*Check its name"
    ):
        read_run(tmp_path / "run2")


def test_a_folder_of_runs_says_which_there_are(tmp_path):
    write(tmp_path / "run1", 0, 10)
    write(tmp_path / "run2", 0, 10)

    with pytest.raises(ValueError) as refused:
        read_run(tmp_path)

    assert str(refused.value) == (
        "`folder` must be that of a recorded run, with event files in its folder "
        f"`learning_rate`. Received: {str(tmp_path)!r}, where no run was recorded. "
        "Give one of the runs in it: run1, run2."
    )


def test_a_folder_without_a_record_says_how_to_make_one(tmp_path):
    (tmp_path / "learning_rate").mkdir()
    (tmp_path / "learning_rate" / "events.out.tfevents.1").write_bytes(b"")

    with pytest.raises(ValueError) as refused:
        read_run(tmp_path)

    assert str(refused.value).endswith(
        "where no run was recorded. Record one there with "
        "lr_plugin.keras.LearningRateLogger or RunWriter."
    )


def test_what_a_later_version_wrote_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    write(tmp_path, 0, 10)
    monkeypatch.undo()

    with pytest.raises(ValueError, match="Upgrade tensorboard-plugin-lr"):
        read_run(tmp_path)


def test_a_data_frame_has_a_row_for_each_iteration(tmp_path):
    pytest.importorskip("pandas")
    write(tmp_path, 0, 2000, loss=np.arange(2000.0))

    table = read_run(tmp_path).to_pandas()

    assert list(table) == ["step", "learning_rate", "loss", "applied", "wall_time"]
    assert table["loss"].tolist() == list(range(2000))


def test_without_pandas_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    write(tmp_path, 0, 10)

    with pytest.raises(ImportError, match=r"pip install pandas.*arrays in `columns`"):
        read_run(tmp_path).to_pandas()


def test_the_example_runs(tmp_path, monkeypatch):
    write(tmp_path / "logs" / "run1", 0, 4, loss=np.array([4.0, 2.0, 0.5, 1.0]))
    with RunWriter(tmp_path / "logs" / "run1") as writer:
        writer.write_event(Event("plateau", 3, "Cut."))
    monkeypatch.chdir(tmp_path)
    _, example, _ = read_run.__doc__.split("```")
    lines = [line[4:] for line in example.splitlines()[1:]]

    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec("\n".join(lines), {})

    assert said.getvalue().splitlines() == [
        "4 iterations, the last at the rate 0.25",
        "lowest batch loss: 0.5, step 2",
        "3 Cut.",
    ]


@pytest.mark.slow
def test_reading_needs_no_tensorflow(tmp_path):
    write(tmp_path, 0, 10)
    code = (
        "import sys\n"
        "sys.modules['tensorflow'] = None  # ImportError\n"
        "from lr_plugin import read_run\n"
        f"print(len(read_run({str(tmp_path)!r})))\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert said.stdout == "10\n"


def test_the_function_is_the_packages(tmp_path):
    assert read_run is read_run_module.read_run
