"""Which run a training becomes when loggers and folders are used again."""

import copy
import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
from event_files import read_columns

from lr_plugin.keras import LearningRateLogger

pytestmark = pytest.mark.slow

STEPS_PER_EPOCH = 5


def make_model(rate=0.01):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    return model


def fit(model, *callbacks, **arguments):
    x = np.ones((STEPS_PER_EPOCH * 4, 3), "float32")
    arguments = {"batch_size": 4, "verbose": 0} | arguments
    model.fit(x, x[:, :1], callbacks=list(callbacks), **arguments)


def count_rows(logdir):
    """The number of rows by the name of a run."""
    runs = sorted(p.parent for p in logdir.rglob("learning_rate") if p.is_dir())
    return {
        r.relative_to(logdir).as_posix(): len(read_columns(r)["step"]) for r in runs
    }


def test_models_compiled_anew_with_new_loggers_are_runs_of_their_own(tmp_path):
    model = make_model()
    for rate in (0.1, 0.05, 0.025):
        model.compile(keras.optimizers.SGD(rate), "mse")
        fit(model, LearningRateLogger(tmp_path))
    assert count_rows(tmp_path) == {".": 5, "fit_2": 5, "fit_3": 5}
    for name, rate in ((".", 0.1), ("fit_2", 0.05), ("fit_3", 0.025)):
        assert set(read_columns(tmp_path / name)["learning_rate"]) == {np.float32(rate)}


def test_an_optimizer_goes_on_with_its_run_whichever_logger_records_it(tmp_path):
    model = make_model()
    for _ in range(3):
        fit(model, LearningRateLogger(tmp_path))
    assert count_rows(tmp_path) == {".": 15}
    assert read_columns(tmp_path)["step"].tolist() == list(range(15))


def test_a_loaded_model_goes_on_right_after_its_run(tmp_path):
    model = make_model()
    fit(model, LearningRateLogger(tmp_path / "run"))
    model.save(tmp_path / "model.keras")
    for _ in range(2):
        # Loaded twice from one moment, the second does not hide the first.
        loaded = keras.models.load_model(tmp_path / "model.keras")
        fit(loaded, LearningRateLogger(tmp_path / "run"))
    assert count_rows(tmp_path) == {"run": 10, "run/fit_2": 5}
    assert read_columns(tmp_path / "run/fit_2")["step"].tolist() == [*range(5, 10)]


def test_of_several_runs_one_of_the_same_settings_is_gone_on_with(tmp_path):
    # As Hyperband of keras-tuner does: the weights of a trial are loaded into another.
    logger = LearningRateLogger(tmp_path / "search")
    for number, rate in enumerate((0.01, 0.02, 0.03)):
        model = make_model(rate)
        fit(model, copy.deepcopy(logger))
        model.save_weights(tmp_path / f"{number}.weights.h5")
    for number, rate in ((1, 0.02), (0, 0.01)):
        model = make_model(rate)
        model.optimizer.build(model.trainable_variables)
        model.load_weights(tmp_path / f"{number}.weights.h5")
        fit(model, copy.deepcopy(logger), epochs=2, initial_epoch=1)
    # Of other settings than all that had come as far.
    model = make_model(0.04)
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(STEPS_PER_EPOCH)
    fit(model, copy.deepcopy(logger), epochs=2, initial_epoch=1)

    rates = {".": 0.01, "fit_2": 0.02, "fit_3": 0.03, "fit_4": 0.04}
    assert count_rows(tmp_path / "search") == {
        ".": 10,
        "fit_2": 10,
        "fit_3": 5,
        "fit_4": 5,
    }
    for name, rate in rates.items():
        found = read_columns(tmp_path / "search" / name)["learning_rate"]
        assert set(found) == {np.float32(rate)}


def test_what_says_that_it_resumes_replaces_what_it_trains_again(tmp_path):
    model = make_model()
    fit(model, LearningRateLogger(tmp_path / "run"))
    model.save(tmp_path / "model.keras")
    fit(model, LearningRateLogger(tmp_path / "run"), epochs=3, initial_epoch=1)
    loaded = keras.models.load_model(tmp_path / "model.keras")
    logger = LearningRateLogger(tmp_path / "run")
    fit(loaded, logger, epochs=2, initial_epoch=1)
    assert count_rows(tmp_path) == {"run": 10}


@pytest.mark.parametrize(
    ("resume", "rows"), [(True, {".": 5}), (False, {".": 5, "fit_2": 5})]
)
def test_the_user_may_say_whether_a_run_goes_on(tmp_path, resume, rows):
    for _ in range(2):
        fit(make_model(), LearningRateLogger(tmp_path, resume=resume))
    assert count_rows(tmp_path) == rows


def test_a_script_that_is_started_again_hides_no_run(tmp_path):
    fit(make_model(), LearningRateLogger(tmp_path), epochs=4)
    # Another process knows nothing of this one.
    code = (
        "import sys; from test_runs_of_loggers import *\n"
        "fit(make_model(), LearningRateLogger(sys.argv[1]))\n"
    )
    subprocess.run(
        [sys.executable, "-c", code, tmp_path],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert count_rows(tmp_path) == {".": 20, "fit_2": 5}


def test_copies_of_a_logger_write_runs_of_their_own(tmp_path):
    logger = LearningRateLogger(tmp_path)
    for each in (logger, copy.deepcopy(logger)):
        fit(make_model(), each)
    # After a training, too.
    fit(make_model(), copy.deepcopy(logger))
    fit(make_model(), pickle.loads(pickle.dumps(logger)))
    assert count_rows(tmp_path) == {".": 5, "fit_2": 5, "fit_3": 5, "fit_4": 5}
