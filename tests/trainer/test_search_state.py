"""A search's files: damaged ones cost what they hold, and two workers are never one."""

import json
import os

import grpc
import keras_tuner
import pytest
from keras_tuner.engine.trial import TrialStatus
from keras_tuner.src import protos
from oracles import end, make_oracle

from trainer.errors import ConfigError
from trainer.search.state import save_state
from trainer.search.workers import _Servicer, take_own_id, worker_error

TUNERS = ("random", "bayesian", "grid")


def rates_of(oracle, names):
    return [oracle.trials[n].hyperparameters.values["learning_rate"] for n in names]


def search(folder, **settings):
    """Ends two trials, and begins a third."""
    oracle = make_oracle(folder, **settings)
    for value in (0.5, 0.25):
        end(oracle, oracle.create_trial("alone"), value)
    oracle.create_trial("alone")
    return oracle


def go_on(folder, **settings):
    oracle = make_oracle(folder, **settings)
    oracle.reload()
    while (trial := oracle.create_trial("alone")).status != TrialStatus.STOPPED:
        end(oracle, trial, 1.0)
    return oracle


@pytest.mark.slow
@pytest.mark.parametrize("tuner", TUNERS)
@pytest.mark.parametrize("share", [0, 0.3, 0.5, 0.99])
def test_a_cut_state_is_made_of_the_trials(tmp_path, tuner, share, capsys):
    settings = {"tuner": tuner, "max_trials": 5}
    begun = search(tmp_path, **settings)
    path = tmp_path / "state" / "oracle.json"
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])

    found = go_on(tmp_path, **settings)

    assert f"{path} cannot be read. The search goes on from its 3 trials." in (
        capsys.readouterr().err
    )
    names = found.start_order
    assert len(found.end_order) == 5
    assert rates_of(found, names[:3]) == rates_of(begun, names[:3])
    assert len(set(rates_of(found, names))) == 5


@pytest.mark.slow
@pytest.mark.parametrize("tuner", TUNERS)
@pytest.mark.parametrize("content", [b"", b'{"trial_id": "0', b"[1]", b"\xff", b"{}"])
def test_one_broken_trial_is_set_aside_and_told(tmp_path, tuner, content, capsys):
    settings = {"tuner": tuner, "max_trials": 5}
    begun = search(tmp_path, **settings)
    broken, kept = begun.start_order[0], begun.start_order[1]
    folder = tmp_path / "state" / f"trial_{broken}"
    (folder / "trial.json").write_bytes(content)

    found = go_on(tmp_path, **settings)

    assert (
        "warning: Trial 01 of the search cannot be read. It is set aside in "
        f"{folder}, and the search goes on without it.\n"
    ) in capsys.readouterr().err
    assert found.trials[broken].message == "Its file could not be read."
    assert (folder / "damaged-trial.json").read_bytes() == content
    assert broken not in found.start_order
    assert found.trials[kept].score == 0.25
    # The third goes on, and a fourth and a fifth come; none has the number of another.
    assert len(found.end_order) == 4
    # Told once: it is a trial without values from now on.
    go_on(tmp_path, **settings)
    assert "cannot be read" not in capsys.readouterr().err


def test_rounds_without_their_file_are_refused_in_a_sentence(tmp_path):
    settings = {"tuner": "hyperband", "epochs": 4}
    search(tmp_path, **settings)
    (tmp_path / "state" / "oracle.json").write_bytes(b"{")

    with pytest.raises(ConfigError, match="`--resume` must find the state of the"):
        go_on(tmp_path, **settings)


def test_a_state_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    oracle = search(tmp_path)
    path = tmp_path / "state" / "oracle.json"
    before = path.read_text()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError):
        save_state(oracle, path)

    assert path.read_text() == before
    assert json.loads(before)["start_order"] == oracle.start_order
    assert not list(path.parent.glob(".part-*"))


class RefusedError(Exception):
    pass


class Context:
    def abort(self, code, details):
        raise RefusedError(code, details)


def ask(servicer, tuner_id):
    request = protos.get_service().CreateTrialRequest(tuner_id=tuner_id)
    return servicer.CreateTrial(request, Context()).trial


def test_the_second_of_two_workers_of_one_name_is_refused(tmp_path):
    servicer = _Servicer(make_oracle(tmp_path, max_trials=5))
    first = ask(servicer, "w1/a")
    other = ask(servicer, "w2/b")
    waiting = ask(servicer, "w1/c")
    # A sign of life of the first, with the trial that it has.
    assert ask(servicer, "w1/a").trial_id == first.trial_id

    with pytest.raises(RefusedError) as refused:
        ask(servicer, "w1/c")

    code, text = refused.value.args
    assert code == grpc.StatusCode.ALREADY_EXISTS
    assert text == (
        "`KERASTUNER_TUNER_ID` must be another on every machine. Received: w1, which a "
        "worker of this search has already. Give each worker a name of its own."
    )
    idle = protos.get_proto().TrialStatus.Value("IDLE")
    assert waiting.status == idle
    assert first.status != idle
    assert other.trial_id != first.trial_id


def test_a_worker_started_again_waits_for_the_killed_one_to_be_lost(tmp_path):
    oracle = make_oracle(tmp_path, max_trials=5)
    servicer = _Servicer(oracle)
    killed = ask(servicer, "w1/a")
    ask(servicer, "w1/b")
    assert set(oracle.drop_lost(after_secs=0)) == {"w1/a"}

    assert ask(servicer, "w1/b").trial_id == killed.trial_id


def test_a_refused_worker_says_what_the_chief_said(monkeypatch):
    class Error(grpc.RpcError):
        def code(self):
            return grpc.StatusCode.ALREADY_EXISTS

        def details(self):
            return "Give each worker a name of its own."

    monkeypatch.setenv("KERASTUNER_TUNER_ID", "w1")
    assert take_own_id() == os.environ["KERASTUNER_TUNER_ID"]
    assert os.environ["KERASTUNER_TUNER_ID"].startswith("w1/")
    assert str(worker_error(Error(), 5)) == "Give each worker a name of its own."


def test_keras_tuner_numbers_trials_by_how_many_there_are(tmp_path):
    # Therefore a trial that cannot be read must stay one.
    oracle = make_oracle(tmp_path, max_trials=5)
    names = [oracle.create_trial(f"w{i}").trial_id for i in range(3)]
    assert [int(name) for name in names] == [0, 1, 2]
    assert isinstance(oracle, keras_tuner.Oracle)
