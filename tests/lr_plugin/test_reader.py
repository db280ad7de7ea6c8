"""Runs written by the writer, read back through both of TensorBoard's loaders."""

import json
import shutil

import numpy as np
import pytest
from data_providers import ALL, LOADERS, SCOPE, directory_of
from tensorboard import errors

from lr_plugin import schema
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import Event, LandscapeSample, RangeTestRecord, RunInfo
from lr_plugin.writer.run_writer import RunWriter

NO_DIRECTORIES = RunDirectories()
KEEP_FOUR = {"learning_rate": 0, "learning_rate_raw": 4}


@pytest.fixture(params=LOADERS)
def load(request):
    with LOADERS[request.param]() as load:
        yield load


@pytest.fixture(params=["from files", "from TensorBoard"])
def read(request, load):
    """Makes a reader of a log directory; one that may read files, and one that not."""

    def read(logdir):
        directories = RunDirectories(logdir=str(logdir))
        if request.param == "from TensorBoard":
            directories = NO_DIRECTORIES
        return LearningRateReader(load(logdir), directories=directories)

    return read


def write(logdir, first, last, *, info=True, begin_time=1000.0, **columns):
    """Writes the rows with `first <= step < last`, one every 0.01 seconds."""
    steps = np.arange(first, last)
    with RunWriter(logdir) as writer:
        if info:
            writer.write_run_info(RunInfo(first_step=first), wall_time=begin_time)
        for begin in range(0, len(steps), 700):
            part = steps[begin : begin + 700]
            rows = {"step": part, "learning_rate": rate(part), "loss": loss(part)}
            rows |= {name: values[part - first] for name, values in columns.items()}
            writer.write_rows(rows, wall_time=begin_time + 0.01 * (part[-1] - first))


def rate(steps):
    return (0.1 / (1 + 0.01 * steps)).astype(np.float32)


def loss(steps):
    return (2 + np.sin(steps) - 1e-4 * steps).astype(np.float32)


def series(reader, run, **kwargs):
    columns = kwargs.pop("columns", ("step", "learning_rate", "loss"))
    window = reader.read_series(
        SCOPE, run, columns, **{"max_points": 1_000_000, **kwargs}
    )
    return window, [window.columns[name] for name in columns]


@pytest.mark.slow
def test_every_optimizers_rate_is_a_column(tmp_path, read):
    slow = np.full(3000, 0.01, np.float32)
    write(tmp_path / "run1", 0, 3000, **{"learning_rate:slow": slow})

    columns = ("step", "learning_rate", "learning_rate:slow")
    _, (steps, rates, slow_rates) = series(read(tmp_path), "run1", columns=columns)

    assert steps.tolist() == list(range(3000))
    assert rates[-1] == rate(np.array([2999]))[0]
    assert set(slow_rates) == {np.float32(0.01)}


@pytest.mark.slow
def test_every_row_comes_back_exactly(tmp_path, read):
    write(tmp_path / "run1", 0, 5000)

    window, (steps, rates, losses) = series(read(tmp_path), "run1")

    expected = np.arange(5000)
    assert window.exactness == "rows"
    assert window.num_rows == 5000
    np.testing.assert_array_equal(steps, expected)
    np.testing.assert_array_equal(rates, rate(expected))
    np.testing.assert_array_equal(losses, loss(expected))


@pytest.mark.slow
def test_a_window_starts_at_start_and_ends_before_stop(tmp_path, read):
    write(tmp_path / "run1", 0, 5000)
    reader = read(tmp_path)

    for start, stop in ((1023, 1025), (0, 1), (4999, 5000), (2000, 2100)):
        window, (steps, _, losses) = series(reader, "run1", start=start, stop=stop)
        assert steps.tolist() == list(range(start, stop))
        np.testing.assert_array_equal(losses, loss(np.arange(start, stop)))
        assert (window.num_rows, window.exactness) == (stop - start, "rows")
    for start, stop in ((5000, 6000), (7, 7), (9, 3), (-9, 0)):
        window, (steps, _, _) = series(reader, "run1", start=start, stop=stop)
        assert (len(steps), window.num_rows, window.exactness) == (0, 0, "rows")


@pytest.mark.slow
def test_rows_that_a_resumed_training_replaced_are_gone(tmp_path, read):
    write(tmp_path / "run1", 0, 3000)
    write(tmp_path / "run1", 1500, 2500, begin_time=2000.0, loss=np.full(1000, 7.0))
    reader = read(tmp_path)

    _, (steps, _, losses) = series(reader, "run1")

    assert steps.tolist() == list(range(2500))
    np.testing.assert_array_equal(losses[:1500], loss(np.arange(1500)))
    assert set(losses[1500:]) == {7.0}
    (run,) = reader.list_runs(SCOPE)["runs"]
    assert (run["num_iterations"], run["last_step"]) == (2500, 2499)


@pytest.mark.slow
def test_runs_are_listed_briefly_when_the_time_is_over_and_wholly_later(tmp_path, read):
    losses = loss(np.arange(3000))
    losses[1700] = np.nan
    for name in ("run1", "run2"):
        write(tmp_path / name, 0, 3000, loss=losses)

    reader, whole = read(tmp_path), read(tmp_path)
    brief = reader.list_runs(SCOPE, max_secs=0)["runs"]
    after = reader.list_runs(SCOPE)["runs"]

    for run in brief:
        assert run["is_brief"]
        assert (run["findings"], run["diverged_at"], run["landscape"]) == (
            (),
            None,
            None,
        )
        assert run["loss"]["lowest"] is None
        assert run["loss"]["final"] == pytest.approx(losses[2700:].mean(), rel=0.1)
        assert not run["loss"]["final_is_exact"]
    known = ("run", "num_iterations", "columns", "last_step", "version", "notes", "has")
    for one, other in zip(brief, after, strict=True):
        assert [one[name] for name in known] == [other[name] for name in known]
        assert one["learning_rate"] == other["learning_rate"] | {"first": None}
    # As JSON, where NaN is NaN.
    assert json.dumps(after) == json.dumps(whole.list_runs(SCOPE)["runs"])
    assert after[0]["findings"][0]["step"] == 1700
    assert not after[0]["is_brief"]
    # Nothing is to be read any more.
    again = reader.list_runs(SCOPE, max_secs=0)["runs"]
    assert json.dumps(again) == json.dumps(after)


@pytest.mark.slow
def test_a_run_restarted_twice_is_that_of_the_last_time(tmp_path, read):
    write(tmp_path / "run1", 0, 2000)
    write(tmp_path / "run1", 1000, 4000, begin_time=2000.0, loss=np.full(3000, 5.0))
    write(tmp_path / "run1", 300, 1200, begin_time=3000.0, loss=np.full(900, 7.0))
    reader = read(tmp_path)

    _, (steps, _, losses) = series(reader, "run1")

    assert steps.tolist() == list(range(1200))
    np.testing.assert_array_equal(losses[:300], loss(np.arange(300)))
    assert set(losses[300:]) == {7.0}
    (run,) = reader.list_runs(SCOPE)["runs"]
    assert run["loss"]["max"] == 7.0


def test_a_run_begun_anew_without_a_row_yet_is_listed_beside_others(tmp_path, read):
    write(tmp_path / "run1", 0, 50)
    write(tmp_path / "run2", 0, 50)
    with RunWriter(tmp_path / "run1", resume=True) as writer:
        writer.write_run_info(RunInfo())
    reader = read(tmp_path)

    listed = reader.list_runs(SCOPE)

    counts = {run["run"]: run["num_iterations"] for run in listed["runs"]}
    assert counts == {"run1": 0, "run2": 50}
    assert listed["notices"] == []
    assert reader.read_layers(SCOPE, "run1")["steps"] == []
    _, (steps, *_) = series(reader, "run1")
    assert steps.tolist() == []


def test_rows_of_a_repeated_step_stay_together(tmp_path, read):
    # Loss scaling skipped the update at step 3 four times.
    steps = np.array([0, 1, 2, 3, 3, 3, 3, 3, 4, 5])
    applied = np.array([1, 1, 1, 0, 0, 0, 0, 1, 1, 1])
    with RunWriter(tmp_path / "run1") as writer:
        for part in (slice(0, 5), slice(5, 10)):
            rows = {"step": steps, "learning_rate": rate(steps), "applied": applied}
            writer.write_rows({name: v[part] for name, v in rows.items()})
            writer.flush()

    reader = read(tmp_path)
    columns = ("step", "applied")
    window, (found, found_applied) = series(reader, "run1", columns=columns)

    assert found.tolist() == steps.tolist()
    assert found_applied.tolist() == applied.tolist()
    assert window.num_rows == 10
    assert reader.list_runs(SCOPE)["runs"][0]["num_not_applied"] == 4


@pytest.mark.slow
def test_a_planted_spike_is_drawn_at_every_zoom(tmp_path, read):
    losses = loss(np.arange(20_000))
    losses[7777] = 93.0
    write(tmp_path / "run1", 0, 20_000, loss=losses)
    reader = read(tmp_path)

    for width in (20_000, 9000, 3000, 700, 100, 2):
        start = 7777 - width // 3
        window, (steps, _, found) = series(
            reader, "run1", start=start, stop=start + width, max_points=64
        )
        assert len(steps) <= 64
        assert found.max() == 93.0
        assert steps[found.argmax()] == 7777
        assert window.exactness == ("rows" if width <= 64 else "sampled")


@pytest.mark.slow
def test_on_a_logarithmic_axis_every_decade_has_its_points(tmp_path, read):
    losses = loss(np.arange(30_000))
    losses[7], losses[7777] = 92.0, 93.0
    write(tmp_path / "run1", 0, 30_000, loss=losses)

    window, (steps, _, found) = series(
        read(tmp_path), "run1", max_points=400, by_decades=True
    )

    assert window.exactness == "sampled"
    assert window.num_rows == 30_000
    assert len(steps) <= 400
    # Five parts of 80 points: 0 to 9 is whole, and 10 to 99 nearly.
    assert steps[:10].tolist() == list(range(10))
    assert np.all(np.diff(steps) > 0)
    assert np.sum((steps >= 10) & (steps < 100)) > 40
    assert steps[-1] == 29_999
    assert set(steps[np.argsort(found)[-2:]]) == {7, 7777}


@pytest.mark.slow
def test_with_few_blocks_kept_files_still_give_every_row(tmp_path, load):
    write(tmp_path / "run1", 0, 40_000)
    reader = LearningRateReader(
        load(tmp_path, KEEP_FOUR),
        directories=RunDirectories(logdir=str(tmp_path)),
        max_kept_blocks=4,
    )

    window, (_, _, losses) = series(reader, "run1")

    assert window.exactness == "rows"
    np.testing.assert_array_equal(losses, loss(np.arange(40_000)))
    (run,) = reader.list_runs(SCOPE)["runs"]
    assert run["blocks"] == {"written": 40, "kept": 4, "in_files": True}


@pytest.mark.slow
def test_without_files_blocks_not_kept_are_drawn_as_their_extremes(tmp_path, load):
    losses = loss(np.arange(40_000))
    losses[17_777] = 93.0
    losses[30_001] = np.nan
    write(tmp_path / "run1", 0, 40_000, loss=losses)
    reader = LearningRateReader(
        load(tmp_path, KEEP_FOUR), directories=NO_DIRECTORIES, max_kept_blocks=4
    )

    window, (steps, _, found) = series(reader, "run1", max_points=2000)

    assert window.exactness == "envelope"
    assert window.num_rows == 40_000
    assert len(steps) <= 2000
    assert np.all(np.diff(steps) >= 0)
    assert np.nanmax(found) == 93.0
    assert abs(steps[np.nanargmax(found)] - 17_777) < 256
    assert np.isnan(found).any()
    # The block that was written last is always kept, row by row.
    window, (steps, _, found) = series(reader, "run1", start=39_990)
    assert window.exactness == "rows"
    np.testing.assert_array_equal(found, losses[39_990:])


@pytest.mark.slow
def test_files_that_vanish_are_replaced_by_what_was_kept(tmp_path, load):
    write(tmp_path / "run1", 0, 3000)
    reader = LearningRateReader(
        load(tmp_path), directories=RunDirectories(logdir=str(tmp_path))
    )
    series(reader, "run1", start=0, stop=10)
    shutil.rmtree(tmp_path / "run1")

    window, (_, _, losses) = series(reader, "run1")

    assert window.exactness == "rows"
    np.testing.assert_array_equal(losses, loss(np.arange(3000)))


def test_rows_written_since_the_listing_are_read_from_the_file(tmp_path, load):
    with RunWriter(tmp_path / "run1") as writer:
        steps = np.arange(100)
        writer.write_rows({"step": steps, "loss": loss(steps)})
        writer.flush()
        provider = load(tmp_path)
        directories = RunDirectories(logdir=str(tmp_path))
        reader = LearningRateReader(provider, directories=directories)
        before = reader.list_runs(SCOPE)["runs"][0]["version"]
        writer.write_rows({"step": steps + 100, "loss": loss(steps + 100)})
        writer.flush()

        _, (found, _) = series(reader, "run1", columns=("step", "loss"))

        assert found.tolist() == list(range(200))
        assert reader.list_runs(SCOPE)["runs"][0]["version"] != before


@pytest.mark.slow
def test_a_training_with_other_columns_joins_the_run(tmp_path, read):
    write(tmp_path / "run1", 0, 1000)
    norms = np.linspace(1, 2, 1000)
    write(tmp_path / "run1", 1000, 2000, begin_time=2000.0, gradient_norm=norms)

    columns = ("step", "loss", "gradient_norm")
    _, (steps, losses, found) = series(read(tmp_path), "run1", columns=columns)

    assert len(steps) == 2000
    assert np.isnan(found[:1000]).all()
    np.testing.assert_array_equal(found[1000:], norms.astype(np.float32))
    np.testing.assert_array_equal(losses, loss(np.arange(2000)))


@pytest.mark.slow
def test_wall_times_lie_between_the_moments_of_writing(tmp_path, read):
    write(tmp_path / "run1", 0, 3000)

    columns = ("step", "wall_time")
    _, (steps, times) = series(read(tmp_path), "run1", columns=columns)

    # One row every 0.01 seconds from 1000, written 700 at a time.
    np.testing.assert_allclose(times, 1000 + 0.01 * steps, atol=7.0)
    assert (times[0], times[-1]) == pytest.approx((1000, 1029.99), abs=0.1)
    assert np.all(np.diff(times) >= 0)


@pytest.mark.slow
def test_the_list_tells_what_a_run_was(tmp_path, read):
    info = RunInfo(
        optimizer={"class_name": "Adam", "config": {"beta_1": 0.9}},
        schedule={"class_name": "CosineDecay", "config": {}},
        steps_per_epoch=100,
        epochs=10,
        extra={"hparams": {"learning_rate": 0.1}, "score": 0.9},
        notes=["One note."],
    )
    steps = np.arange(1000)
    losses = loss(steps)
    losses[500] = np.inf
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(info, wall_time=1000.0)
        rows = {"step": steps, "learning_rate": rate(steps), "loss": losses}
        writer.write_rows(rows, wall_time=1010.0)

    (run,) = read(tmp_path).list_runs(SCOPE)["runs"]

    assert run["run"] == "run1"
    assert run["source"] == "recorded"
    assert run["num_iterations"] == 1000
    assert (run["first_step"], run["last_step"]) == (0, 999)
    assert run["columns"] == ["step", "learning_rate", "loss", "applied", "wall_time"]
    assert run["start_time"] == pytest.approx(1000.0)
    assert run["learning_rate"]["first"] == pytest.approx(0.1)
    assert run["learning_rate"]["last"] == pytest.approx(0.1 / 10.99)
    assert run["learning_rate"]["max"] == pytest.approx(0.1)
    assert run["loss"]["first"] == 2.0
    assert run["loss"]["num_nonfinite"] == 1
    # The last tenth, and the lowest median of 11 rows.
    assert run["loss"]["final"] == pytest.approx(losses[900:].mean(), rel=1e-6)
    assert run["loss"]["final_is_exact"]
    medians = [np.sort(losses[i : i + 11])[5] for i in range(990)]
    lowest = run["loss"]["lowest"]
    assert lowest["loss"] == pytest.approx(min(medians), rel=1e-6)
    assert losses[lowest["step"]] == np.float32(lowest["loss"])
    assert lowest["learning_rate"] == pytest.approx(
        rate(np.array(lowest["step"])), rel=1e-6
    )
    assert lowest["epoch"] == lowest["step"] // 100
    assert run["diverged_at"] is None
    assert run["optimizer"] == {"class_name": "Adam", "config": {"beta_1": 0.9}}
    assert run["schedule"]["class_name"] == "CosineDecay"
    assert run["epoch_marks"] == [(100 * i, i) for i in range(10)]
    assert run["extra"] == {"hparams": {"learning_rate": 0.1}, "score": 0.9}
    assert run["notes"] == ["One note."]
    assert run["has"] == {
        "events": False,
        "range_test": False,
        "layers": False,
        "landscape": False,
    }


@pytest.mark.slow
def test_the_first_rate_and_loss_are_those_of_the_first_step(tmp_path, read):
    # A millisecond a step: 1000 stock scalars of 2 tags come before the first block.
    steps = np.arange(4097)
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo())
        for begin, end in [(0, 1), *((i, i + 256) for i in range(1, 4097, 256))]:
            part = steps[begin:end]
            writer.write_rows(
                {"step": part, "learning_rate": rate(part), "loss": loss(part)}
            )

    (run,) = read(tmp_path).list_runs(SCOPE)["runs"]

    assert run["learning_rate"]["first"] == pytest.approx(0.1)
    assert run["loss"]["first"] == 2.0


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [3000, 70_000])
def test_first_values_are_not_those_of_a_file_that_follows_a_deleted_one(
    tmp_path, load, num_steps
):
    write(tmp_path / "run1", 0, num_steps)
    provider = load(tmp_path, KEEP_FOUR)
    for path in (tmp_path / "run1").rglob("*tfevents*"):
        path.unlink()
    write(tmp_path / "run1", num_steps, num_steps + 100, begin_time=2000.0)
    # TensorBoard still has the run as it was.
    reader = LearningRateReader(
        provider,
        directories=RunDirectories(logdir=str(tmp_path)),
        max_kept_blocks=4,
    )

    (run,) = reader.list_runs(SCOPE)["runs"]

    assert run["first_step"] == 0
    # Of the short run, TensorBoard keeps every block.
    expected = pytest.approx(0.1) if num_steps == 3000 else None
    assert run["learning_rate"]["first"] == expected


@pytest.mark.slow
def test_first_values_of_a_long_run_are_never_those_of_a_bucket(tmp_path, load):
    write(tmp_path / "run1", 0, 70_000)
    provider = load(tmp_path, KEEP_FOUR)
    reader = LearningRateReader(provider, directories=NO_DIRECTORIES, max_kept_blocks=4)

    (run,) = reader.list_runs(SCOPE)["runs"]

    assert run["learning_rate"]["first"] is None
    assert run["learning_rate"]["last"] == pytest.approx(
        rate(np.array(69_999)), rel=1e-6
    )
    assert run["loss"]["lowest"] is None


def test_score_of_a_trial_is_told_by_its_last_event(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo(extra={"hparams": {"units": 8}}))
        writer.write_rows({"step": np.arange(3), "loss": np.ones(3)})
        for step, score in ((1, 0.5), (2, 0.75)):
            details = {"objective": "val_accuracy", "score": score}
            writer.write_event(Event("score", step, f"{score}.", details))

    (run,) = read(tmp_path).list_runs(SCOPE)["runs"]

    assert run["extra"] == {
        "hparams": {"units": 8},
        "objective": "val_accuracy",
        "score": 0.75,
    }


def test_runs_are_named_by_their_log_directory(tmp_path, read):
    write(tmp_path, 0, 10)
    write(tmp_path / "a" / "b", 0, 10)
    reader = read(tmp_path)

    assert [run["run"] for run in reader.list_runs(SCOPE)["runs"]] == ["a/b", "."]
    for name in (".", "a/b"):
        assert len(series(reader, name)[1][0]) == 10


def test_runs_whose_short_names_collide_keep_their_own(tmp_path, read):
    write(tmp_path / "run1", 0, 10)
    write(tmp_path / "other", 0, 20)
    shutil.copytree(
        directory_of(tmp_path / "other"), tmp_path / "run1", dirs_exist_ok=True
    )
    shutil.rmtree(tmp_path / "other")
    reader = read(tmp_path)

    names = {r["run"]: r["num_iterations"] for r in reader.list_runs(SCOPE)["runs"]}

    assert names == {"run1": 20, "run1/learning_rate": 10}
    for name, num_rows in names.items():
        assert len(series(reader, name)[1][0]) == num_rows


def test_stock_scalars_of_a_recording_are_no_second_run(tmp_path, read):
    write(tmp_path / "run1", 0, 10)

    assert len(read(tmp_path).list_runs(SCOPE)["runs"]) == 1


def test_events_of_replaced_iterations_are_gone(tmp_path, read):
    for first, epochs in ((0, (1, 2, 3)), (200, (3,))):
        with RunWriter(tmp_path / "run1") as writer:
            info = RunInfo(first_step=first)
            writer.write_run_info(info, wall_time=1000.0 + first)
            steps = np.arange(first, 300)
            writer.write_rows(
                {"step": steps, "loss": loss(steps)}, wall_time=1001.0 + first
            )
            for epoch in epochs:
                text = f"Epoch {epoch} ended, from {first}."
                event = Event("epoch_end", 100 * epoch - 1, text, {"epoch": epoch - 1})
                writer.write_event(event, wall_time=1002.0 + first)
            if not first:
                writer.write_event(Event("plateau", 250, "Cut."), wall_time=1003.0)

    reader = read(tmp_path)

    assert [e["text"] for e in reader.read_events(SCOPE, "run1")] == [
        "Epoch 1 ended, from 0.",
        "Epoch 2 ended, from 0.",
        "Epoch 3 ended, from 200.",
    ]
    (run,) = reader.list_runs(SCOPE)["runs"]
    assert run["epoch_marks"] == [(0, 0), (100, 1), (200, 2), (300, 3)]


def test_range_tests_come_back(tmp_path, read):
    record = RangeTestRecord(
        learning_rates=[0.1, 0.2],
        losses=[[1.0, float("inf")]],
        smoothed=[1.0],
        suggestion=None,
        interval=None,
        reason="Too short.",
    )
    write(tmp_path / "run1", 0, 10)
    with RunWriter(tmp_path / "run2") as writer:
        writer.write_range_test(record)
    reader = read(tmp_path)

    (found,) = reader.read_range_tests(SCOPE, "run2")

    assert schema.from_json(RangeTestRecord, schema.to_json(record)) == RangeTestRecord(
        **found
    )
    assert reader.read_range_tests(SCOPE, "run1") == []


def test_samples_of_layers_come_back_in_columns(tmp_path, read):
    write(tmp_path / "run1", 0, 10)
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo(first_step=10))
        for step in (10, 20):
            samples = {"a": np.array([1, 2]) * step, "b": np.array([3, 4]) * step}
            writer.write_layers(step, ["dense/kernel", "dense/bias"], samples)

    assert read(tmp_path).read_layers(SCOPE, "run1") == {
        "layers": ["dense/kernel", "dense/bias"],
        "columns": ["a", "b"],
        "steps": [10, 20],
        "values": {
            "a": [[10.0, 20.0], [20.0, 40.0]],
            "b": [[30.0, 40.0], [60.0, 80.0]],
        },
    }


def test_layers_that_were_frozen_at_first_join_the_others(tmp_path, read):
    write(tmp_path / "run1", 0, 10)
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo(first_step=10))
        writer.write_layers(10, ["head"], {"b": np.array([7.0])}, wall_time=1e9)
        both = {"a": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])}
        writer.write_layers(20, ["body", "head"], both, wall_time=1e9 + 1)

    found = read(tmp_path).read_layers(SCOPE, "run1")

    assert (found["layers"], found["steps"]) == (["body", "head"], [10, 20])
    np.testing.assert_equal(
        found["values"],
        {"a": [[np.nan, np.nan], [1, 2]], "b": [[np.nan, 7], [3, 4]]},
    )


def write_landscape(writer, step, *, num_points=20, wall_time=None):
    rates = np.geomspace(1e-5, 1.0, num_points).tolist()
    sample = LandscapeSample(
        used_rate=rates[0],
        critical_rate=np.inf,
        loss=float(step),
        rates=rates,
        loss_changes=[-0.5] * num_points,
    )
    writer.write_landscape(step, sample, wall_time=wall_time)


def test_a_landscape_is_that_of_the_updates_that_count(tmp_path, read):
    write(tmp_path / "run1", 0, 10)
    with RunWriter(tmp_path / "run1", resume=True) as writer:
        write_landscape(writer, 4, wall_time=1001.0)
        write_landscape(writer, 8, wall_time=1002.0)
    write(tmp_path / "run1", 6, 12, begin_time=2000.0)
    with RunWriter(tmp_path / "run1", resume=True) as writer:
        write_landscape(writer, 9, wall_time=2001.0)

    found = read(tmp_path).read_landscape(SCOPE, "run1")

    assert found["steps"] == [4, 9]
    assert found["losses"] == [4.0, 9.0]


@pytest.mark.slow
def test_a_landscape_of_very_many_samples_comes_in_part(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo())
        for step in range(210):
            write_landscape(writer, step, num_points=250)

    found = read(tmp_path).read_landscape(SCOPE, "run1")

    # 52,500 rates are more than an answer of 50,000.
    assert found["num_samples"] == 210
    assert found["steps"] == list(range(0, 210, 2))
    assert len(found["rates"]) == len(found["critical_rates"]) == 105


def test_a_run_of_a_range_test_alone_can_be_listed(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo())
    reader = read(tmp_path)

    (run,) = reader.list_runs(SCOPE)["runs"]
    assert (run["num_iterations"], run["learning_rate"]) == (0, None)
    assert len(series(reader, "run1", columns=("step",))[1][0]) == 0


def test_what_a_later_version_wrote_is_skipped_with_a_notice(
    tmp_path, read, monkeypatch
):
    write(tmp_path / "old", 0, 10)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", 2)
    write(tmp_path / "new", 0, 10)
    monkeypatch.undo()

    found = read(tmp_path).list_runs(SCOPE)

    assert [run["run"] for run in found["runs"]] == ["old"]
    assert any("Upgrade tensorboard-plugin-lr" in text for text in found["notices"])


def test_unknown_runs_and_columns_are_not_found(tmp_path, read):
    write(tmp_path / "run1", 0, 10)
    reader = read(tmp_path)

    with pytest.raises(errors.NotFoundError, match='No run "run2"'):
        series(reader, "run2")
    with pytest.raises(errors.NotFoundError, match="It has: step, learning_rate"):
        series(reader, "run1", columns=("step", "momentum"))


def test_too_few_points_for_the_extremes_are_refused(tmp_path, read):
    write(tmp_path / "run1", 0, 100)
    reader = read(tmp_path)

    with pytest.raises(errors.InvalidArgumentError, match="at least 10"):
        series(reader, "run1", max_points=4)
    assert len(series(reader, "run1", start=0, stop=3, max_points=3)[1][0]) == 3


@pytest.mark.slow
def test_export_gives_every_row_in_pieces(tmp_path, read):
    write(tmp_path / "run1", 0, 100_000)
    reader = read(tmp_path)

    columns, pieces = reader.export_rows(SCOPE, "run1", start=10, stop=90_000)
    pieces = list(pieces)

    assert columns == ("step", "learning_rate", "loss", "applied", "wall_time")
    assert len(pieces) > 1
    steps = np.concatenate([piece["step"] for piece in pieces])
    assert steps.tolist() == list(range(10, 90_000))
    losses = np.concatenate([piece["loss"] for piece in pieces])
    np.testing.assert_array_equal(losses, loss(steps))


@pytest.mark.slow
def test_large_windows_of_large_fleets_come_from_the_overview(
    tmp_path, load, monkeypatch
):
    from lr_plugin.reader import run_reader as reader_module

    monkeypatch.setattr(reader_module, "_MAX_ROWS_OF_ALL_RUNS", 10_000)
    monkeypatch.setattr(reader_module, "_MAX_ROWS_OF_WINDOW", 5_000)
    losses = loss(np.arange(20_000))
    losses[7777], losses[12_345] = 93.0, np.nan
    write(tmp_path / "run1", 0, 20_000, loss=losses)
    directories = RunDirectories(logdir=str(tmp_path))
    reader = LearningRateReader(load(tmp_path, ALL), directories=directories)

    window, (steps, _, found) = series(reader, "run1", max_points=64)
    assert (window.exactness, window.num_rows) == ("envelope", 20_000)
    assert len(steps) <= 64
    assert (steps[0], steps[-1]) == (0, 19_999)
    assert np.nanmax(found) == 93.0
    assert np.nanmin(found) == np.nanmin(losses)
    assert np.isnan(found).any()

    # A window that cuts buckets knows its edges and its extremes to the iteration.
    window, (steps, _, found) = series(
        reader, "run1", start=1001, stop=12_001, max_points=64
    )
    assert (window.exactness, window.num_rows) == ("envelope", 11_000)
    assert (steps[0], steps[-1]) == (1001, 12_000)
    assert steps[np.nanargmax(found)] == 7777

    window, (steps, _, found) = series(reader, "run1", start=7000, stop=11_000)
    assert window.exactness == "rows"
    np.testing.assert_array_equal(found, losses[7000:11_000])
