"""Trainings that other libraries start: the same with a logger, each a run of its own.

What is not installed is skipped: make test WITH='mlflow-skinny wandb keras-hub'.
"""

import time

import keras
import numpy as np
import pytest
from event_files import read_columns

from lr_plugin.keras import LearningRateLogger, range_test

# What these libraries warn of among themselves is not our matter.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

STEPS = 4
EPOCHS = 3


def make_data(num=40):
    generator = np.random.default_rng(3)
    x = generator.normal(size=(num, 4)).astype("float32")
    return x, (x.sum(axis=1) > 0).astype("float32")


def make_model(rate=0.05):
    keras.utils.set_random_seed(5)
    layers = [keras.Input((4,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)]
    model = keras.Sequential(layers)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss)
    return model


def fit(model, *callbacks, **arguments):
    x, y = make_data()
    arguments = {"epochs": EPOCHS, "batch_size": 10, "verbose": 0} | arguments
    return model.fit(x, y, callbacks=list(callbacks), **arguments)


def count_rows(logdir):
    """The number of rows by the name of a run; what is not written yet is none."""
    runs = sorted(p.parent for p in logdir.rglob("learning_rate") if p.is_dir())
    return {
        str(r.relative_to(logdir)): len(read_columns(r).get("step", ())) for r in runs
    }


def assert_same_weights(first, second):
    for one, other in zip(first.variables, second.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_every_fold_of_scikeras_is_a_run(tmp_path):
    pytest.importorskip("scikeras")
    from scikeras.wrappers import KerasClassifier
    from sklearn.model_selection import cross_val_score

    x, y = make_data(60)
    scores = []
    for callbacks in (None, [LearningRateLogger(tmp_path / "folds")]):
        keras.utils.set_random_seed(1)
        classifier = KerasClassifier(
            make_model, epochs=2, batch_size=10, verbose=0, callbacks=callbacks
        )
        scores.append(cross_val_score(classifier, x, y, cv=3))
    np.testing.assert_array_equal(*scores)
    assert count_rows(tmp_path) == {
        "folds": 8,
        "folds/fit_2": 8,
        "folds/fit_3": 8,
    }


def test_a_pruned_trial_of_optuna_hides_no_other(tmp_path):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.ERROR)

    class Prune(keras.callbacks.Callback):
        def __init__(self, trial):
            super().__init__()
            self.trial = trial

        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1 and self.trial.number % 2:
                raise optuna.TrialPruned()

    models = {}

    def objective(trial):
        rate = trial.suggest_float("rate", 1e-3, 1e-1, log=True)
        model = models[trial.number] = make_model(rate)
        fit(model, LearningRateLogger(tmp_path / "study"), Prune(trial))
        return model.evaluate(*make_data(), verbose=0)

    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=4)

    assert [t.state.name for t in study.trials] == ["COMPLETE", "PRUNED"] * 2
    rows = {"study": 12, "study/fit_2": 8, "study/fit_3": 12, "study/fit_4": 8}
    # A training that ended in an exception is written in the background.
    deadline = time.monotonic() + 20
    while count_rows(tmp_path) != rows and time.monotonic() < deadline:
        time.sleep(0.2)
    assert count_rows(tmp_path) == rows
    # What is done with a model afterwards is no part of its pruned training.
    range_test(models[3], *make_data(), batch_size=10, num_steps=12, repeats=1)
    fit(models[3])
    assert count_rows(tmp_path) == rows
    for number, epochs in ((0, 3), (1, 2)):
        plain = make_model(study.trials[number].params["rate"])
        fit(plain, epochs=epochs)
        if number == 0:
            assert_same_weights(plain, models[number])


def test_every_trial_of_a_tuner_is_a_run(tmp_path):
    tuners = pytest.importorskip("keras_tuner")

    def build(hp):
        return make_model(hp.Float("rate", 1e-3, 1e-1, sampling="log"))

    scores = []
    for number, callbacks in enumerate(([], [LearningRateLogger(tmp_path / "search")])):
        # Some of its trials go on from others.
        tuner = tuners.Hyperband(
            build,
            objective="loss",
            max_epochs=2,
            factor=2,
            seed=2,
            directory=tmp_path / f"tuner_{number}",
            project_name="project",
        )
        tuner.search(
            *make_data(), epochs=2, batch_size=10, verbose=0, callbacks=callbacks
        )
        trials = tuner.oracle.get_best_trials(100)
        scores.append({t.trial_id: t.score for t in trials})
    assert scores[0] == scores[1]
    rows = count_rows(tmp_path / "search")
    assert len(rows) >= len(scores[0])
    names = [".", *(f"fit_{n}" for n in range(2, len(rows) + 1))]
    assert sorted(rows) == sorted(names)
    assert set(rows.values()) <= {4, 8}


def test_autolog_of_mlflow_and_the_logger_leave_each_other_alone(tmp_path):
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("mlflow.tensorflow")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    plain, logged = make_model(), make_model()
    fit(plain)
    mlflow.tensorflow.autolog(log_models=False)
    try:
        with mlflow.start_run():
            fit(logged, LearningRateLogger(tmp_path / "run"))
    finally:
        mlflow.tensorflow.autolog(disable=True)
    assert_same_weights(plain, logged)
    assert count_rows(tmp_path)["run"] == STEPS * EPOCHS


def test_wandb_offline_and_the_logger_leave_each_other_alone(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb")
    from wandb.integration.keras import WandbMetricsLogger

    plain, logged = make_model(), make_model()
    fit(plain)
    with wandb.init(mode="offline", dir=tmp_path, project="test"):
        fit(
            logged,
            WandbMetricsLogger(log_freq=1),
            LearningRateLogger(tmp_path / "run"),
        )
    assert_same_weights(plain, logged)
    assert len(read_columns(tmp_path / "run")["step"]) == STEPS * EPOCHS


def test_a_model_of_keras_hub_is_recorded(tmp_path):
    keras_hub = pytest.importorskip("keras_hub")
    tokens = np.random.default_rng(0).integers(0, 50, (40, 8))
    x = {
        "token_ids": tokens,
        "segment_ids": np.zeros_like(tokens),
        "padding_mask": np.ones_like(tokens),
    }
    models = []
    for callbacks in ([], [LearningRateLogger(tmp_path / "run")]):
        keras.utils.set_random_seed(0)
        backbone = keras_hub.models.BertBackbone(50, 1, 2, 8, 16, max_sequence_length=8)
        model = keras_hub.models.BertTextClassifier(
            backbone, num_classes=2, preprocessor=None
        )
        model.compile(
            keras.optimizers.AdamW(1e-3),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        model.fit(
            x, tokens[:, 0] % 2, batch_size=10, epochs=3, verbose=0, callbacks=callbacks
        )
        models.append(model)
    assert_same_weights(*models)
    assert count_rows(tmp_path) == {"run": 12}
