"""What keras-tuner does and the search relies on; an upgrade may change it."""

import copy
import inspect
import json

import keras
import keras_tuner
import pytest
from keras_tuner.engine import base_tuner
from keras_tuner.engine.trial import Trial, TrialStatus
from keras_tuner.errors import FatalError
from keras_tuner.src.distribute import oracle_chief, oracle_client, utils
from tensorboard.summary.writer.event_file_writer import EventFileWriter

OBJECTIVE = keras_tuner.Objective("val_loss", "min")


def make_oracle(folder, max_trials=3):
    hp = keras_tuner.HyperParameters()
    hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=OBJECTIVE, max_trials=max_trials, hyperparameters=hp, seed=1
    )
    oracle._set_project_dir(str(folder), "state")
    return oracle


class Tuner(base_tuner.BaseTuner):
    """Fails every trial in one way."""

    def __init__(self, folder, error):
        self.error = error
        oracle = make_oracle(folder)
        oracle.max_consecutive_failed_trials = 9
        super().__init__(oracle, directory=str(folder), project_name="state")

    def run_trial(self, trial, **_):
        raise self.error


def test_what_a_trial_raises_makes_it_failed_and_the_search_goes_on(tmp_path):
    tuner = Tuner(tmp_path, ValueError("wrong"))
    tuner.search()
    trials = tuner.oracle.trials.values()
    assert [trial.status for trial in trials] == 3 * [TrialStatus.FAILED]


def test_a_fatal_error_ends_the_search(tmp_path):
    with pytest.raises(FatalError):
        Tuner(tmp_path, FatalError()).search()


def test_callbacks_are_copied_for_each_trial():
    # Each copy records the run of its trial.
    assert "deepcopy" in inspect.getsource(keras_tuner.Tuner.run_trial)


def test_log_directories_are_given_to_callbacks_named_tensorboard_alone(tmp_path):
    class TensorBoard(keras.callbacks.Callback):
        log_dir = "logs"

    class Other(keras.callbacks.Callback):
        log_dir = "logs"

    tuner = keras_tuner.RandomSearch(
        lambda hp: None, objective=OBJECTIVE, directory=str(tmp_path), max_trials=1
    )
    callbacks = [TensorBoard(), Other()]
    tuner._configure_tensorboard_dir(callbacks, Trial(keras_tuner.HyperParameters()))
    assert callbacks[0].log_dir != "logs"
    assert callbacks[1].log_dir == "logs"


def test_an_event_file_writer_cannot_be_copied(tmp_path):
    writer = EventFileWriter(str(tmp_path))
    with pytest.raises(TypeError):
        copy.deepcopy(writer)
    writer.close()


def test_the_state_is_what_an_oracle_and_a_trial_give(tmp_path):
    oracle = make_oracle(tmp_path)
    trial = oracle.create_trial("w1")
    oracle.save()
    with open(oracle._get_oracle_fname()) as file:
        assert json.load(file) == json.loads(json.dumps(oracle.get_state()))
    with open(f"{oracle._get_trial_dir(trial.trial_id)}/trial.json") as file:
        assert Trial.from_state(json.load(file)).hyperparameters.values == (
            trial.hyperparameters.values
        )


def test_a_worker_that_asks_again_is_given_its_trial(tmp_path):
    # Asking is therefore a sign of life.
    oracle = make_oracle(tmp_path)
    first = oracle.create_trial("w1")
    assert oracle.create_trial("w1").trial_id == first.trial_id
    assert oracle.create_trial("w2").trial_id != first.trial_id


def test_ids_count_the_trials(tmp_path):
    oracle = make_oracle(tmp_path)
    assert [int(oracle.create_trial(f"w{i}").trial_id) for i in range(3)] == [0, 1, 2]


def test_the_chief_ends_when_no_worker_is_registered_and_no_trial_runs(tmp_path):
    oracle = make_oracle(tmp_path)
    oracle.create_trial("w1")
    assert not oracle_chief.exit_chief(oracle)
    oracle.tuner_ids.clear()
    assert not oracle_chief.exit_chief(oracle)
    oracle.ongoing_trials.clear()
    assert oracle_chief.exit_chief(oracle)


def test_many_machines_are_named_by_three_variables(monkeypatch):
    for name in ("TUNER_ID", "ORACLE_IP", "ORACLE_PORT"):
        monkeypatch.delenv(f"KERASTUNER_{name}", raising=False)
    assert not utils.has_chief_oracle()
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", "8000")
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "the-chief")
    assert utils.has_chief_oracle()
    assert utils.is_chief_oracle()
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "w1")
    assert not utils.is_chief_oracle()


def test_a_worker_asks_by_requests_that_can_be_answered_otherwise():
    # The chief refuses a worker there, and a worker sets how long it waits.
    create = inspect.signature(oracle_chief.OracleServicer.CreateTrial)
    assert list(create.parameters) == ["self", "request", "context"]
    assert isinstance(oracle_client.TIMEOUT, int | float)


def test_the_names_that_the_search_replaces_are_called(tmp_path):
    called = []

    class Oracle(keras_tuner.oracles.RandomSearchOracle):
        def _save_trial(self, trial):
            called.append("_save_trial")
            super()._save_trial(trial)

        def _check_consecutive_failures(self):
            called.append("_check_consecutive_failures")
            super()._check_consecutive_failures()

        def save(self):
            called.append("save")
            super().save()

    oracle = Oracle(objective=OBJECTIVE, max_trials=2)
    oracle._set_project_dir(str(tmp_path), "state")
    trial = oracle.create_trial("w1")
    oracle.update_trial(trial.trial_id, {"val_loss": 1.0})
    trial.status = TrialStatus.COMPLETED
    oracle.end_trial(trial)
    assert set(called) == {"_save_trial", "_check_consecutive_failures", "save"}
