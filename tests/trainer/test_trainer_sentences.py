"""What the trainer prints besides its summary, each line with what it is printed for.

Where a line has numbers, these are those of the input. `test_printed_sentences.py`
holds that none of the trainer's lines is missing in the tests.
"""

import dataclasses
import errno
import signal
import types

import keras
import keras_tuner
import numpy as np
import pytest
import tensorflow as tf
from checkpoints import write_at
from event_files import load_events
from found_rates import FOUND

from lr_plugin import read_run
from lr_plugin.keras.training_summary import extend_summary
from lr_plugin.schema import RunInfo
from lr_plugin.writer import RunWriter
from trainer import __main__ as program
from trainer import find_rate, train
from trainer.data.pipeline_batches import DatasetBatches, PyDatasetBatches
from trainer.planning.plan import build_plan
from trainer.runs import folder as run_folder
from trainer.runs import results
from trainer.search import by_flags, workers
from trainer.search.trial import TrialRun
from trainer.search.tuner import TrialTuner
from trainer.settings.config import Config
from trainer.settings.durations import RunLength
from trainer.training.checkpointing import Interrupted
from trainer.training.lost_files import LostFiles


def test_short_help_says_where_there_is_more(capsys):
    assert program.main(["--helpshort"]) == 0

    assert "\nFlags, of which --help says more:\n" in capsys.readouterr().out


def test_a_full_disk_is_said(capsys, monkeypatch):
    def fail(config):
        raise OSError(errno.ENOSPC, "No space left on device", "logs/run/flags.txt")

    monkeypatch.setattr(program, "_run", fail)

    assert program.main(["--epochs=1"]) == 1
    assert capsys.readouterr().err == (
        "error: There must be room for the files of a run. Received: [Errno 28] No "
        "space left on device: 'logs/run/flags.txt'. Make room there, or choose "
        "another --logdir.\n"
    )


# Before a training.


def test_updates_of_several_batches_are_said():
    length = RunLength(batches_per_epoch=100, num_epochs=10, batches_per_update=4)

    plan = build_plan(Config(accumulate=4), 0.1, length)

    assert plan.lines == (
        "Schedule constant over 250 updates: learning_rate 0.1.",
        "One update every 4 batches: the schedule and all durations count updates.",
    )


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "--learning_rate=0.00123"),
        # A cycle has the suggestion at its top.
        (
            {"schedule": "triangular"},
            "--learning_rate=0.000123 --max_learning_rate=0.00123",
        ),
    ],
)
def test_a_rate_that_was_found_is_said(settings, shown, capsys, monkeypatch):
    found = dataclasses.replace(FOUND, suggestion=0.0012345)
    monkeypatch.setattr(find_rate, "find_rate", lambda config: found)

    config = find_rate.with_found_rate(Config(learning_rate="auto", **settings))

    assert capsys.readouterr().out == (
        f"Training with {shown}, as the range test suggests.\n"
    )
    assert f"--learning_rate={config.learning_rate:g}" == shown.split()[0]


def test_a_range_that_was_found_is_said(capsys, monkeypatch):
    monkeypatch.setattr(find_rate, "find_rate", lambda config: FOUND)

    by_flags._with_found_range(Config(mode="search", learning_rate="auto"))

    # A third of the interval's lower end, 0.0006, to ten times the upper, 0.0016.
    assert capsys.readouterr().out == (
        "Searching --learning_rate=0.0002..0.016, around what the range test "
        "suggests.\n"
    )


# A training that goes on.


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 2

    def __getitem__(self, index):
        return np.zeros([1, 1]), np.zeros([1])


@pytest.mark.parametrize(
    ("batches", "line"),
    [
        (
            DatasetBatches(tf.data.Dataset.range(2), 2),
            "A tf.data.Dataset decides its order itself: the resumed run reads the "
            "rest of the epoch under way, in another order if the dataset shuffles.",
        ),
        (
            PyDatasetBatches(Batches(), 2, seed=0),
            "A PyDataset gives batches by their number: resumed, the run reads the "
            "same ones in the same order, as long as a batch follows from its number "
            "alone.",
        ),
    ],
)
def test_what_a_resumed_run_reads_is_said(batches, line, capsys, monkeypatch, tmp_path):
    stop_after_the_lines(monkeypatch, batches)

    with pytest.raises(StopIteration):
        train._train(Config(logdir=str(tmp_path), run="run", resume=True), None)

    assert capsys.readouterr().out == f"The plan.\n{line}\n"


def stop_after_the_lines(monkeypatch, batches):
    """Has a training made of these batches end before its folder is looked for."""
    training = types.SimpleNamespace(lines=["The plan."], batches=batches, config=None)

    def stop(config):
        raise StopIteration

    for name, value in {
        "check_run_folder": lambda config: None,
        "build_training": lambda config: training,
        "compiled_model": lambda training: None,
        "checkpoint_of": lambda config, epochs: object(),
        "restore_training": lambda *args: None,
        "begin_run": stop,
    }.items():
        monkeypatch.setattr(train, name, value)


def test_a_damaged_checkpoint_is_told_by_its_name(tmp_path, capsys):
    write_at(tmp_path / "run" / "checkpoints", (1, 0), (2, 0))
    newest = tmp_path / "run" / "checkpoints" / "epoch-00002-00000000.npz"
    newest.write_bytes(newest.read_bytes()[:1000])
    config = Config(logdir=str(tmp_path), run="run", resume=True)

    assert run_folder.checkpoint_of(config, epochs=5).epoch == 1
    assert capsys.readouterr().err == (
        "warning: The checkpoint epoch-00002-00000000.npz is damaged. The training "
        "goes on from the one before.\n"
    )

    newest.with_name("epoch-00001-00000000.npz").write_bytes(b"")
    with pytest.raises(run_folder.ConfigError) as refused:
        run_folder.checkpoint_of(config, epochs=5)
    assert "which has none that is whole (epoch-0000" in str(refused.value)


@pytest.mark.parametrize(
    ("is_saved", "advice"),
    [(True, "Go on with"), (False, "Go on from an earlier moment with")],
)
def test_a_training_that_was_stopped_says_how_to_go_on(
    is_saved, advice, capsys, monkeypatch, tmp_path
):
    def stop(*args, **kwargs):
        raise Interrupted(signal.SIGTERM, is_saved=is_saved)

    monkeypatch.setattr(train, "fit_and_record", stop)
    config = Config(logdir=str(tmp_path), run="run", epochs=1)

    with pytest.raises(Interrupted):
        train.train(config)

    assert capsys.readouterr().out.endswith(
        f"\nStopped by SIGTERM. {advice}: python -m trainer --resume "
        f"--logdir={tmp_path} --run=run\n"
    )


# At the end of a training.


def test_iterations_that_are_not_on_disk_are_counted(tmp_path, capsys):
    rows = {"step": np.arange(100), "learning_rate": np.full(100, 0.1)}
    rows["loss"] = np.ones(100)
    with RunWriter(tmp_path) as writer:
        writer.write_run_info(RunInfo())
        writer.write_rows({name: values[:60] for name, values in rows.items()})
    lost = LostFiles()

    results._check_record(read_run(tmp_path), extend_summary(None, rows), lost)

    assert capsys.readouterr().err == (
        "\nwarning: learning_rate/ could not be written (iterations from 60 on are not "
        "on disk). The run goes on without it.\n"
    )


# A search.


def test_a_search_that_was_stopped_says_how_to_go_on(capsys, monkeypatch, tmp_path):
    def stop(tuner):
        raise KeyboardInterrupt

    monkeypatch.setattr(by_flags, "_search", stop)
    config = Config(mode="search", logdir=str(tmp_path), run="found")

    with pytest.raises(KeyboardInterrupt):
        by_flags.run_search(config)

    assert capsys.readouterr().out.endswith(
        "\nStopped. Go on with: python -m trainer --mode=search --resume "
        f"--logdir={tmp_path} --run=found\n"
    )


@pytest.mark.parametrize(
    ("is_hopeless", "has_diverged", "text"),
    [
        (False, False, "Trial 03 ended: val_accuracy 0.91235."),
        (
            True,
            False,
            "Trial 03 ended: val_accuracy 0.91235. It was ended early: others were "
            "better by then.",
        ),
        (False, True, "Trial 03 diverged."),
    ],
)
def test_a_trial_says_how_it_ended(is_hopeless, has_diverged, text, tmp_path):
    objective = keras_tuner.Objective("val_accuracy", "max")
    oracle = types.SimpleNamespace(objective=objective)
    tuner = types.SimpleNamespace(oracle=oracle, lost=LostFiles(), _folder=tmp_path)
    trial = types.SimpleNamespace(trial_id="02")
    run = TrialRun(tmp_path, {}, 89, is_hopeless)

    TrialTuner._record(tuner, trial, [run], 0.912349, has_diverged)

    (event,) = load_events(tmp_path, "score")
    assert (event.step, event.text) == (89, text)


def test_a_chief_says_where_it_waits_and_whom_it_lost(capsys, monkeypatch):
    class Oracle:
        is_over = True

        def drop_lost(self, lost_after_secs):
            trial = types.SimpleNamespace(trial_id="02")
            return {"worker2": trial, "worker3": None}

    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", "0")
    monkeypatch.setattr(workers.oracle_chief, "exit_chief", lambda oracle: True)

    workers.serve_trials(Oracle(), lost_after_secs=5)

    assert capsys.readouterr().out.splitlines() == [
        "Waiting for workers at 127.0.0.1:0.",
        "Worker worker2 was silent for 5 seconds: its trial 03 goes to another.",
        "Worker worker3 was silent for 5 seconds: it had no trial.",
    ]


def test_the_best_of_a_search_is_said_and_trained_once_more(
    capsys, monkeypatch, tmp_path
):
    monkeypatch.setattr(by_flags, "train", lambda config, extra: None)
    monkeypatch.setattr(by_flags, "write_results", lambda *args: None)
    monkeypatch.setattr(by_flags, "format_table", lambda *args: "The table.")
    trial = types.SimpleNamespace(trial="00", run_name="00-lr")
    monkeypatch.setattr(by_flags, "list_results", lambda *args: [trial])
    monkeypatch.setattr(by_flags, "best_config", lambda *args: Config())
    values = types.SimpleNamespace(values={})
    oracle = types.SimpleNamespace(
        objective=keras_tuner.Objective("val_loss", "min"),
        trials={"00": types.SimpleNamespace(hyperparameters=values)},
    )
    config = Config(mode="search", logdir=str(tmp_path / "my logs"), run="found")

    by_flags._conclude(oracle, config, LostFiles())

    assert capsys.readouterr().out.splitlines() == [
        "The table.",
        "Repeat the best: python -m trainer --flagfile="
        f"'{tmp_path / 'my logs' / 'found' / 'best.flags'}'",
        "Training the best once more.",
    ]
