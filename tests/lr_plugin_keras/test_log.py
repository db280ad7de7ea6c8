"""A loop that logs one iteration at a time, read back from the files."""

import itertools
import subprocess
import sys
import threading
import time

import jax.numpy
import numpy as np
import pytest
import tensorflow as tf

from lr_plugin import RunWriter, read_run
from lr_plugin.writer.logged_rows import LoggedRows


def test_logged_iterations_come_back(tmp_path):
    with RunWriter(tmp_path) as run:
        for step in range(3000):
            extra = {"accuracy": step / 3000} if step % 10 == 0 else {}
            run.log(
                step,
                learning_rate=0.1 / (1 + step),
                loss=1.0 / (1 + step),
                **{"learning_rate:head": 0.2},
                **extra,
            )

    rows = read_run(tmp_path)
    steps = np.arange(3000)
    np.testing.assert_array_equal(rows.steps, steps)
    np.testing.assert_array_equal(rows["learning_rate"], np.float32(0.1 / (1 + steps)))
    np.testing.assert_array_equal(rows["loss"], np.float32(1 / (1 + steps)))
    np.testing.assert_array_equal(rows["learning_rate:head"], np.float32(0.2))
    expected = np.where(steps % 10 == 0, steps / 3000, np.nan)
    np.testing.assert_array_equal(rows["accuracy"], np.float32(expected))


@pytest.mark.parametrize(
    "number",
    [
        2,
        np.float64(2),
        np.float16(2),
        np.array(2),
        tf.constant(2.0),
        tf.Variable(2.0, trainable=False),
        tf.constant(2.0, tf.bfloat16),
        jax.numpy.array(2.0),
    ],
    ids=lambda number: f"{type(number).__module__}.{type(number).__name__}",
)
def test_numbers_of_any_library(tmp_path, number):
    with RunWriter(tmp_path) as run:
        run.log(np.int64(7), loss=number, learning_rate=0.5)

    rows = read_run(tmp_path)
    assert (rows.steps.tolist(), rows["loss"].tolist()) == ([7], [2.0])


def test_iterations_are_on_disk_before_the_writer_is_closed(tmp_path):
    run = RunWriter(tmp_path)
    run.log(0, loss=0.5)

    deadline = time.monotonic() + 30
    while not any(tmp_path.rglob("*tfevents*")) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert read_run(tmp_path)["loss"].tolist() == [0.5]
    run.close()


def test_calls_of_both_kinds_keep_their_order(tmp_path):
    with RunWriter(tmp_path) as run:
        run.log(0, loss=0.0)
        run.write_rows({"step": [1, 2], "loss": [1.0, 2.0]})
        run.log(3, loss=3.0)

    assert read_run(tmp_path)["loss"].tolist() == [0, 1, 2, 3]


def test_rows_that_come_while_others_are_taken_are_not_lost():
    logged, taken = LoggedRows(), []

    def take():
        while len(taken) < 20_000:
            if logged.first_step is not None:
                taken.extend(logged.take()[0]["step"].tolist())

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    for step in range(20_000):
        logged.add(step, {"loss": 1.0})
    thread.join(timeout=60)

    assert taken == list(range(20_000))


@pytest.mark.slow
def test_program_that_ends_without_closing_has_all_rows(tmp_path):
    program = (
        "import sys; from lr_plugin import RunWriter; run = RunWriter(sys.argv[1])\n"
        "for step in range(100): run.log(step, learning_rate=0.5)\n"
        "assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path], check=True)

    assert len(read_run(tmp_path)) == 100


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ((1.5, {"loss": 1.0}), "`step` must be a whole number.* Received: 1.5."),
        ((-1, {"loss": 1.0}), "`step` must be a whole number.* Received: -1."),
        ((True, {"loss": 1.0}), "`step` must be a whole number.* Received: True."),
        (("7", {"loss": 1.0}), "`step` must be a whole number.* Received: '7'."),
        ((0, {"applied": 1}), "at least one measurement.* none at step 0."),
        ((0, {}), "at least one measurement.* Received: none at step 0."),
        ((0, {"loss": "low"}), "`loss` must be a number.* Received: 'low'."),
        ((0, {"loss": np.ones(1)}), r"Received: ndarray of shape \[1\]."),
        ((0, {"loss": [0.5]}), r"`loss` must be a number.* Received: \[0.5\]."),
        ((0, {"loss": 1.0, "a,b": 1}), "name of a column .* Received: 'a,b'."),
        ((0, {"loss": 1.0, "a:min": 1}), "name of a column .* Received: 'a:min'."),
        ((0, {"": 1.0}), "name of a column .* Received: ''."),
    ],
)
def test_wrong_input_is_refused_at_once(call, message):
    logged = LoggedRows()
    with pytest.raises(ValueError, match=message):
        logged.add(*call)
    assert logged.first_step is None


def test_loss_comes_always_or_never(tmp_path):
    with RunWriter(tmp_path) as run:
        run.log(0, learning_rate=0.1, loss=1.0)
        with pytest.raises(
            ValueError, match="learning_rate at step 1, learning_rate and loss before"
        ):
            run.log(1, learning_rate=0.1)
        run.log(1, learning_rate=0.1, loss=0.5)

    assert read_run(tmp_path)["loss"].tolist() == [1.0, 0.5]


def test_failed_write_is_one_warning_and_made_up_for(tmp_path, caplog):
    folder = tmp_path / "run"
    folder.write_text("a file stands where the folder has to be")
    run = RunWriter(folder)
    run.log(0, loss=0.5)
    deadline = time.monotonic() + 30
    while not caplog.records and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2)
    folder.unlink()
    run.log(1, loss=0.25)
    run.close()

    (warning,) = caplog.records
    assert "cannot be written" in warning.getMessage()
    assert read_run(folder)["loss"].tolist() == [0.5, 0.25]


@pytest.mark.parametrize(
    "name", ["time", "num_rows", "num_applied", "train/acc", "größe"]
)
def test_column_of_any_name_is_summarized(tmp_path, name):
    with RunWriter(tmp_path) as run:
        for step in range(600):
            run.log(step, loss=0.5, **{name: step})

    assert read_run(tmp_path)[name].tolist() == list(range(600))


def test_thread_ends_with_the_writer(tmp_path):
    def count():
        return sum(t.name == "lr_plugin writer" for t in threading.enumerate())

    before = count()
    for number in range(3):
        with RunWriter(tmp_path / str(number)) as run:
            run.log(0, loss=0.5)
            assert count() == before + 1
        for _ in itertools.takewhile(lambda _: count() > before, range(100)):
            time.sleep(0.1)
    assert count() == before
