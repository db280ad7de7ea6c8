"""A run that was stopped or killed goes on to be equal to one that never was."""

import contextlib
import os
import random
import signal
import threading
import time

import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from event_files import load_events, read_columns
from trainer_program import start

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from trainer.__main__ import main
from trainer.errors import ConfigError
from trainer.runs.folder import begin_run, checkpoint_of
from trainer.runs.resume import resumed_config
from trainer.settings.command_line import parse_command_line
from trainer.settings.config import Config
from trainer.settings.open_values import Range
from trainer.training.checkpoint import read_checkpoint

# Programs of their own are compared with trainings of this one, bit by bit.
pytestmark = pytest.mark.optimized_graphs


def begun(tmp_path, **settings):
    begin_run(Config(logdir=str(tmp_path), run="run1", **settings))
    return {"resume": True, "run": "run1", "logdir": str(tmp_path)}


def test_run_goes_on_with_the_settings_it_began_with(tmp_path):
    given = begun(tmp_path, epochs=7, learning_rate=0.02, schedule="cosine")
    config = resumed_config(given)
    assert (config.epochs, config.learning_rate, config.schedule) == (7, 0.02, "cosine")
    assert (config.run, config.resume) == ("run1", True)


def test_repeating_a_setting_is_no_change(tmp_path):
    given = begun(tmp_path, epochs=7)
    assert resumed_config({**given, "epochs": 7, "batch_size": 32}).epochs == 7


def test_rate_that_a_range_test_found_is_kept(tmp_path):
    given = begun(tmp_path, learning_rate=0.0123)
    assert resumed_config({**given, "learning_rate": "auto"}).learning_rate == 0.0123


def test_moved_logdir_is_where_the_run_goes_on(tmp_path):
    begun(tmp_path / "before")
    os.rename(tmp_path / "before", tmp_path / "after")
    given = {"resume": True, "run": "run1", "logdir": str(tmp_path / "after")}
    assert resumed_config(given).logdir == str(tmp_path / "after")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--epochs=9"],
            "`--resume` goes on as the run began. Received: --epochs=9; it began with "
            "--epochs=7. Leave it out, or add --resume_with_changes to change it from "
            "here on.",
        ),
        (
            ["--schedule=cosine", "--warmup=5ep"],
            "`--resume` goes on as the run began. Received: --schedule=cosine "
            "--warmup=5ep; it began with no --schedule no --warmup. Leave it out, or "
            "add --resume_with_changes to change it from here on.",
        ),
        (
            ["--model=cnn", "--resume_with_changes"],
            "`--model` must stay what the run began with. Received: --model=cnn; it "
            "began with --model=mlp. Leave it out, or begin another run with another "
            "--run.",
        ),
    ],
)
def test_change_is_refused_unless_asked_for(flags, message, tmp_path):
    given = begun(tmp_path, epochs=7)
    with pytest.raises(ConfigError) as error:
        resumed_config({**parse_command_line(flags), **given})
    assert str(error.value) == message


def test_change_that_is_asked_for_is_taken(tmp_path):
    given = {**begun(tmp_path, epochs=7), "epochs": 9, "resume_with_changes": True}
    assert resumed_config(given).epochs == 9


@pytest.mark.parametrize("flag", ["--epochs=9", "--checkpoint_every=2ep"])
def test_search_must_train_all_its_trials_alike(flag, tmp_path):
    given = begun(tmp_path, mode="search", learning_rate=Range(1e-3, 1e-1))
    flags = parse_command_line([flag, "--resume_with_changes"])
    with pytest.raises(ConfigError, match=r"must stay what the run began with"):
        resumed_config({**flags, **given})


def test_search_may_become_longer(tmp_path):
    given = begun(tmp_path, mode="search", learning_rate=Range(1e-3, 1e-1))
    flags = parse_command_line(["--max_trials=30", "--resume_with_changes"])
    assert resumed_config({**flags, **given}).max_trials == 30


def test_search_goes_on_in_the_range_that_its_range_test_found(tmp_path):
    given = begun(tmp_path, mode="search", learning_rate=Range(1e-3, 1e-1))
    config = resumed_config({**given, "search_space": "auto"})
    assert config.learning_rate == Range(1e-3, 1e-1)
    assert config.search_space is None


def test_run_without_a_checkpoint_is_refused(tmp_path):
    config = resumed_config(begun(tmp_path))
    with pytest.raises(ConfigError) as error:
        checkpoint_of(config, epochs=config.epochs)
    assert str(error.value) == (
        "`--resume` must find a checkpoint. Received: --run=run1, which has none in "
        f"{tmp_path / 'run1' / 'checkpoints'}. Begin again with another --run."
    )


NUM_EPOCHS, STEPS_PER_EPOCH = 8, 50
NUM_STEPS = NUM_EPOCHS * STEPS_PER_EPOCH
# All that could be lost: weights, slots, dropout's seeds, a schedule with warmup, a
# plateau that cuts in the middle of epochs, and the place in the schedule.
FLAGS = [
    "--model=cnn",
    f"--epochs={NUM_EPOCHS}",
    "--schedule=cosine",
    "--warmup=10%",
    "--checkpoint_every=17",
    "--plateau=loss",
    "--plateau_every=23",
    "--plateau_patience=1",
    "--plateau_min_delta=0.01",
    "--plateau_factor=0.7",
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Trains a run without a stop; gives its logdir, and the flags of its data."""
    logdir = tmp_path_factory.mktemp("logs")
    rng = np.random.default_rng(0)
    x = rng.random((2000, 12, 12), dtype=np.float32)
    y = (x.mean(axis=(1, 2)) * 1000).astype(int) % 4
    np.savez(logdir / "data.npz", x_train=x, y_train=y)
    flags = [f"--dataset={logdir / 'data.npz'}", f"--logdir={logdir}", *FLAGS]
    assert main([*flags, "--run=whole"]) == 0
    return logdir, flags


def wait_for_checkpoint(folder, delay_secs=0.0, is_over=lambda: False):
    """Waits until there is another checkpoint, and then some time."""
    before = set(folder.glob("checkpoints/*.npz"))
    while not is_over() and before >= set(folder.glob("checkpoints/*.npz")):
        time.sleep(0.01)
    time.sleep(delay_secs)


def interrupt(process, folder, number, delay_secs):
    """Sends a signal some time after a new checkpoint; returns the exit code."""
    wait_for_checkpoint(folder, delay_secs, lambda: process.poll() is not None)
    process.send_signal(number)
    return process.wait()


@contextlib.contextmanager
def interrupt_this_program(folder):
    """Sends one Ctrl-C to this process after a new checkpoint."""

    def press():
        wait_for_checkpoint(folder)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    yield
    thread.join()


def steps_in_the_tab(logdir, name):
    with python_loader() as load:
        reader = LearningRateReader(load(logdir), directories=RunDirectories())
        window = reader.read_series(SCOPE, name, ["step"], max_points=10_000)
        return window.columns["step"]


def assert_same_run(logdir, name):
    whole, other = read_columns(logdir / "whole"), read_columns(logdir / name)
    np.testing.assert_array_equal(other["step"], np.arange(NUM_STEPS))
    np.testing.assert_array_equal(steps_in_the_tab(logdir, name), other["step"])
    for column in ("learning_rate", "loss", "step_size"):
        np.testing.assert_array_equal(other[column], whole[column], err_msg=column)
    histories = [
        (logdir / each / "history.csv").read_text() for each in ("whole", name)
    ]
    assert histories[0] == histories[1]
    end, other_end = (
        read_checkpoint(logdir / each / "checkpoints") for each in ("whole", name)
    )
    assert other_end.counters == end.counters
    assert other_end.random_state == end.random_state
    assert set(other_end.arrays) == set(end.arrays)
    for key, array in end.arrays.items():
        np.testing.assert_array_equal(other_end.arrays[key], array, err_msg=key)


def assert_ended_at_its_checkpoint(folder):
    """Not one iteration will be trained again."""
    stopped = read_checkpoint(folder / "checkpoints")
    num_steps = stopped.epoch * STEPS_PER_EPOCH + stopped.num_batches
    assert read_columns(folder)["step"][-1] == num_steps - 1 < NUM_STEPS - 1


@pytest.mark.slow
def test_run_killed_and_stopped_is_the_run_that_never_was(whole):
    logdir, flags = whole
    folder = logdir / "stopped"
    moments = random.Random(os.environ.get("KILL_SEED", "4"))
    resume = [f"--logdir={logdir}", "--run=stopped", "--resume"]
    process = start(flags, "--run=stopped")
    code = interrupt(process, folder, signal.SIGKILL, moments.uniform(0, 0.3))
    assert code == -signal.SIGKILL
    code = interrupt(start(resume), folder, signal.SIGTERM, moments.uniform(0, 0.1))
    assert code == 128 + signal.SIGTERM
    assert_ended_at_its_checkpoint(folder)
    with interrupt_this_program(folder):
        assert main(resume) == 128 + signal.SIGINT
    assert_ended_at_its_checkpoint(folder)
    assert main(resume) == 0
    assert_same_run(logdir, "stopped")
    assert load_events(folder, "restart")


@pytest.mark.slow
def test_run_that_is_over_can_be_made_longer(whole):
    logdir, flags = whole
    assert main([*flags, "--epochs=1", "--run=over"]) == 0
    resume = [f"--logdir={logdir}", "--run=over", "--resume"]
    over = resumed_config(parse_command_line(resume))
    with pytest.raises(ConfigError, match="must find a run that is not over"):
        checkpoint_of(over, epochs=1)
    assert main([*resume, "--epochs=2", "--resume_with_changes"]) == 0
    steps = read_columns(logdir / "over")["step"]
    np.testing.assert_array_equal(steps, np.arange(2 * STEPS_PER_EPOCH))
