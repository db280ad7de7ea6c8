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

pytestmark = pytest.mark.slow

FULL_DISK_SCRIPT = """
    import resource, signal, sys, time
    import keras
    from lr_plugin.writer import background
    from lr_plugin.keras import LearningRateLogger
    from recorded_fits import make_data, make_model

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
