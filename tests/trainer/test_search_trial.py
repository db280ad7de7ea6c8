import dataclasses

import numpy as np
import pytest
from event_files import read_columns

from trainer.data.loading import load_data
from trainer.search import trial
from trainer.search.trial import TrialWatch, train_trial
from trainer.search.tuner import StoppedSearch, TrialTuner
from trainer.settings.config import Config
from trainer.training import epoch_history
from trainer.training.epoch_history import read_history


@pytest.fixture
def train(tmp_path):
    """Trains a trial of two epochs of digits, in the folder of its name."""
    config = Config(schedule="cosine", epochs=2, batch_size=128, logdir=str(tmp_path))
    data = load_data(config)

    def train(run, **where):
        watch = TrialWatch(
            "val_loss", is_hopeless=lambda values: False, is_taken=lambda: False
        )
        settings = dataclasses.replace(config, run=run)
        return train_trial(settings, data, watch, extra={"hparams": {}}, **where)

    return train


def refuse(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.mark.slow
def test_a_trial_has_its_scores_where_no_file_has_room(
    tmp_path, train, monkeypatch, capsys
):
    whole = train("whole", epochs=2)
    monkeypatch.setattr(epoch_history, "_append", refuse)
    monkeypatch.setattr(trial, "write_settings", refuse)

    full = train("full", epochs=2)

    assert (tmp_path / "full" / "history.csv").read_text() == ""
    assert list(full.epochs) == [0, 1]
    assert full.epochs == read_history(tmp_path / "whole" / "history.csv")
    assert full.epochs == whole.epochs
    assert full.lost.describe() == (
        "the record for TensorBoard's HParams (No space left on device), "
        "history.csv (No space left on device)"
    )
    assert "Traceback" not in capsys.readouterr().err

    # Another worker that takes over the trial trains what it cannot know.
    monkeypatch.undo()
    again = train("full", epochs=2)
    assert again.epochs == whole.epochs
    assert not again.lost
    # And what is there is not trained again.
    written = (tmp_path / "full" / "history.csv").stat().st_mtime_ns
    assert train("full", epochs=2).epochs == whole.epochs
    assert (tmp_path / "full" / "history.csv").stat().st_mtime_ns == written


@pytest.mark.parametrize(("code", "expected"), [(28, StoppedSearch), (5, OSError)])
def test_a_state_that_finds_no_room_ends_the_search_and_fails_no_trial(code, expected):
    tuner = object.__new__(TrialTuner)

    def run_trial(trial):
        raise OSError(code, "It cannot be written")

    tuner.run_trial = run_trial
    with pytest.raises(expected) as error:
        tuner._run_and_update_trial(None)
    assert (error.value.__cause__ or error.value).errno == code


@pytest.mark.slow
def test_trial_that_goes_on_from_another_is_one_training_in_two_parts(tmp_path, train):
    train("whole", epochs=2)
    # As hyperband does: the schedule is that of the whole from the start.
    train("first", epochs=1)
    last = train("last", epochs=2, begin_at=tmp_path / "first")
    assert list(last.epochs) == [1]
    assert last.last_step == 23
    whole, first, last = (
        read_columns(tmp_path / run) for run in ("whole", "first", "last")
    )
    # 1438 digits in batches of 128 are 12 an epoch.
    for column in ("step", "learning_rate", "loss"):
        joined = np.concatenate([first[column], last[column]])
        np.testing.assert_array_equal(joined, whole[column])
