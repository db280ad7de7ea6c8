"""Trainings whose disk fails: they go on, and the record is written later."""

import logging
import os
import shutil
import subprocess
import sys
import textwrap
import time

import keras
import numpy as np
import pytest
from event_files import read_columns

from lr_plugin.keras import LearningRateLogger
from lr_plugin.writer import background
from lr_plugin.writer.background import BackgroundWriter

pytestmark = pytest.mark.slow


def rows_of(begin, end):
    steps = np.arange(begin, end)
    return {"step": steps, "learning_rate": np.full(len(steps), 0.1)}


def test_slow_disk_does_not_slow_the_caller(tmp_path):
    writer = BackgroundWriter(str(tmp_path))
    started = time.monotonic()
    writer.submit(lambda run: time.sleep(2))
    for begin in range(0, 1000, 100):
        writer.submit(lambda run, b=begin: run.write_rows(rows_of(b, b + 100)))
    assert time.monotonic() - started < 0.5

    writer.close()

    assert read_columns(tmp_path)["step"].tolist() == list(range(1000))


def test_hanging_disk_is_given_up_with_a_sentence(tmp_path, caplog):
    writer = BackgroundWriter(str(tmp_path))
    writer.submit(lambda run: time.sleep(3))

    writer.close(timeout_secs=1.5)

    (record,) = caplog.records
    assert record.getMessage() == (
        f"The end of the learning rate record in {tmp_path} is not on disk after 1.5 "
        "seconds; the disk does not answer."
    )


def test_thread_ends_when_nobody_is_left(tmp_path):
    writer = BackgroundWriter(str(tmp_path), on_wake=lambda is_last: False)
    writer.submit(lambda run: run.write_rows(rows_of(0, 5)))

    writer._thread.join(10)

    assert not writer._thread.is_alive()
    assert len(read_columns(tmp_path)["step"]) == 5


def test_flush_does_not_wait_out_a_disk_that_fails(tmp_path, caplog):
    (tmp_path / "run").write_text("A file where the directory should be.")
    writer = BackgroundWriter(str(tmp_path / "run"))
    writer.submit(lambda run: run.write_rows(rows_of(0, 5)))
    started = time.monotonic()

    assert not writer.flush()

    assert time.monotonic() - started < 5
    (tmp_path / "run").unlink()
    assert writer.flush()
    assert read_columns(tmp_path / "run")["step"].tolist() == list(range(5))
    writer.close()
    (record,) = caplog.records
    begin, end = record.getMessage().split("(")[0], record.getMessage().split("). ")[1]
    assert (begin, end) == (
        f"The learning rate record in {tmp_path / 'run'} cannot be written ",
        "Training goes on; the record will be written as soon as that is possible.",
    )


FULL_DISK_SCRIPT = """
    import resource, signal, sys, time
    import keras
    from lr_plugin.writer import background
    from lr_plugin.keras import LearningRateLogger
    from test_recorder import make_data, make_model

    background._RETRY_SECS = 0.2
    # The kernel refuses to let any file grow beyond this, as a full disk would.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))

    class MakeRoom(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch < 4:
                time.sleep(1)
            if epoch == 3:
                unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

    model = make_model()
    model.compile("sgd", "mse")
    x, y = make_data(4000)
    model.fit(
        x, y, batch_size=8, epochs=5, verbose=0,
        callbacks=[LearningRateLogger(sys.argv[1]), MakeRoom()],
    )
    print("trained", int(model.optimizer.iterations.numpy()))
"""


def test_full_disk_loses_nothing_once_there_is_room(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL_DISK_SCRIPT), tmp_path],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert "trained 2500" in done.stdout
    assert done.stderr.count("cannot be written") == 1
    assert "Traceback" not in done.stderr
    assert read_columns(tmp_path)["step"].tolist() == list(range(2500))


def test_deleted_directory_costs_what_was_in_it_and_one_warning(
    tmp_path, caplog, monkeypatch
):
    monkeypatch.setattr(background, "_RETRY_SECS", 0.2)
    logdir = tmp_path / "run"

    class Delete(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            time.sleep(1.5)
            if epoch == 1:
                shutil.rmtree(logdir)

    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros([80, 2], np.float32)
    with caplog.at_level(logging.WARNING):
        model.fit(
            x,
            x[:, :1],
            batch_size=8,
            epochs=4,
            verbose=0,
            callbacks=[LearningRateLogger(logdir, layer_samples=0), Delete()],
        )

    assert model.optimizer.iterations.numpy() == 40
    assert sum("was deleted" in record.message for record in caplog.records) == 1
    # Ten rows an epoch; what epochs 1 and 2 had on disk is gone.
    assert read_columns(logdir)["step"].tolist()[-20:] == list(range(20, 40))
