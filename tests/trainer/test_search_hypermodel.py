"""Searches of scripts, for the user's model."""

import math
import re

import keras
import keras_tuner
import numpy as np
import pytest
from event_files import load_events, read_columns

from lr_plugin import read_run
from trainer.errors import ConfigError
from trainer.search import (
    RecordedHyperModel,
    hp_learning_rate,
    hp_optimizer,
    hp_schedule,
    hypermodel,
)

STEPS = {"steps_per_epoch": 10, "epochs": 2}


def test_learning_rate_is_one_of_those_given_or_of_a_range():
    hp = keras_tuner.HyperParameters()
    assert hp_learning_rate(hp, "0.1,0.01") == 0.1
    (space,) = hp.space
    assert space.values == [0.1, 0.01]
    hp = keras_tuner.HyperParameters()
    assert hp_learning_rate(hp) == 1e-4
    (space,) = hp.space
    assert (space.min_value, space.max_value, space.sampling) == (1e-4, 0.1, "log")


def test_schedule_is_planned_for_the_length_of_the_run():
    hp = keras_tuner.HyperParameters()
    hp.values["warmup"] = 10.0
    schedule = hp_schedule(
        hp, **STEPS, learning_rate=0.1, schedule="cosine", warmup="0%..10%"
    )
    # Two updates of warmup, and 18 of a cosine from 0.1 to 0.
    rates = [float(schedule(step)) for step in (2, 11, 20)]
    assert rates == pytest.approx([0.1, 0.05, 0.0], abs=1e-8)


def test_each_schedule_and_optimizer_has_its_own_parameters():
    hp = keras_tuner.HyperParameters()
    hp.values.update(schedule="step", optimizer="sgd", decay_factor=0.25, momentum=0.85)
    settings = {
        "learning_rate": 0.1,
        "schedule": "constant,step",
        "decay_factor": "0.1..0.5",
        "decay_every": "50%",
        "optimizer": "adam,sgd",
        "momentum": "0.8..0.99",
    }
    optimizer = hp_optimizer(hp, **STEPS, **settings)
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert optimizer.momentum == 0.85
    assert float(optimizer.learning_rate) == pytest.approx(0.1)
    optimizer.iterations.assign(10)
    assert float(optimizer.learning_rate) == pytest.approx(0.025)
    hp = keras_tuner.HyperParameters()
    optimizer = hp_optimizer(hp, **STEPS, **settings)
    assert isinstance(optimizer, keras.optimizers.Adam)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)


def test_schedule_of_accumulated_gradients_ends_with_the_run():
    hp = keras_tuner.HyperParameters()
    schedule = hp_schedule(
        hp, **STEPS, learning_rate=0.1, schedule="linear", accumulate=4
    )
    # 20 batches are 5 updates; the rate of the last, of batches 16 to 19, is 1/5.
    assert float(schedule(19)) == pytest.approx(0.02)


def test_unknown_setting_is_answered_with_the_nearest():
    with pytest.raises(
        ConfigError, match=r"Received: lerning_rate \(did you mean lear"
    ):
        hp_schedule(keras_tuner.HyperParameters(), **STEPS, lerning_rate="0.1..1")


def build(hp):
    model = keras.Sequential([keras.Input([4]), keras.layers.Dense(2)])
    optimizer = hp_optimizer(hp, **STEPS, learning_rate="0.1,0.2,1e30", optimizer="sgd")
    model.compile(optimizer, "mse")
    return model


def fit_all(tuner):
    x = np.random.default_rng(0).normal(size=(80, 4)).astype("float32")
    tuner.search(x, x[:, :2], batch_size=8, epochs=2, verbose=0)


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    folder = tmp_path_factory.mktemp("script")
    keras.utils.set_random_seed(0)
    tuner = keras_tuner.GridSearch(
        RecordedHyperModel(build, folder / "logs"),
        objective="loss",
        directory=str(folder),
        project_name="state",
    )
    fit_all(tuner)
    return folder / "logs", tuner


@pytest.mark.slow
def test_every_trial_of_a_script_is_a_run_with_its_score(searched):
    folder, tuner = searched
    runs = sorted(path.name for path in folder.iterdir())
    assert runs == ["01-lr0.1", "02-lr0.2", "03-lr1e+30"]
    for run, rate, trial_id in zip(runs[:2], (0.1, 0.2), ("0000", "0001"), strict=True):
        rows = read_columns(folder / run)
        np.testing.assert_array_equal(rows["step"], np.arange(20))
        np.testing.assert_allclose(rows["learning_rate"], rate, rtol=1e-6)
        (event,) = load_events(folder / run, "score")
        assert event.details["score"] == tuner.oracle.trials[trial_id].score


@pytest.mark.slow
def test_script_goes_on_after_trials_that_diverge(searched):
    folder, tuner = searched
    (event,) = load_events(folder / "03-lr1e+30", "score")
    assert event.details["score"] == math.inf
    assert event.text == "Trial 03 diverged."
    trials = tuner.oracle.trials
    assert trials["0002"].status == "COMPLETED"
    # Finite for keras-tuner, and no better than the others.
    worst = max(trials["0000"].score, trials["0001"].score)
    assert trials["0002"].score == worst


@pytest.mark.slow
def test_example_of_the_docstring_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", hypermodel.__doc__, re.S)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(64, 8)).astype("float32")
    y = generator.integers(0, 10, 64)
    code = code.replace("max_trials=20", "max_trials=1").replace(
        "epochs=5,", "epochs=1,"
    )
    exec(code, {"x": x, "y": y})
    assert list((tmp_path / "logs" / "search").glob("01-*/learning_rate/*"))


@pytest.mark.slow
def test_runs_of_a_script_may_be_elsewhere(tmp_path, monkeypatch):
    pytest.importorskip("fsspec")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tuner = keras_tuner.GridSearch(
        RecordedHyperModel(build, "memory://script/logs"),
        objective="loss",
        max_trials=1,
        executions_per_trial=2,
        directory=str(tmp_path / "here"),
        project_name="state",
    )
    fit_all(tuner)
    for run in ("01-lr0.1", "01-lr0.1/fit_2"):
        recorded = read_run(f"memory://script/logs/{run}")
        np.testing.assert_array_equal(recorded.steps, np.arange(20))
        assert [event.kind for event in recorded.events][-1] == "score"
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
