"""The trainings of benchmarks/reproduce.py: which, in what order, at what rates."""

import json
import math
import sys

import keras
import numpy as np
import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT))

from benchmarks.reproduce import run_program
from benchmarks.reproduction.records import recorded_rates
from benchmarks.reproduction.results import read_rows
from benchmarks.reproduction.scores import write_scores
from benchmarks.reproduction.tables import format_tables
from benchmarks.reproduction.trainings import FOLDER, RECIPES, list_trainings
from lr_plugin.writer import RunWriter
from trainer.optimizers import base_learning_rate
from trainer.plan import build_plan
from trainer.schedules import rate_at
from trainer.settings.command_line import parse_command_line
from trainer.settings.config import Config
from trainer.settings.durations import RunLength

FLAGFILES = sorted(path.name for path in FOLDER.glob("*.flags"))
# 48,000 examples in batches of 250.
NUM_BATCHES = 192


def config_of(flagfile):
    return Config(**parse_command_line([f"--flagfile={FOLDER / flagfile}"]))


def rates_of_epochs(flagfile):
    """The rates of the first and of the last update of every epoch."""
    config = config_of(flagfile)
    run = RunLength(NUM_BATCHES, config.epochs)
    schedule = build_plan(config, base_learning_rate(config), run).learning_rate
    starts = NUM_BATCHES * np.arange(config.epochs)
    first = [float(rate_at(schedule, step)) for step in starts]
    last = [float(rate_at(schedule, step + NUM_BATCHES - 1)) for step in starts]
    return first, last


def articles_linear():
    rate, rates = 0.001, []
    for _ in range(25):
        rate = rate - 0.00001
        rates.append(max(rate, 0))
    return rates


def articles_step():
    return [0.001 * math.pow(0.5, math.floor((1 + epoch) / 15)) for epoch in range(25)]


def articles_time():
    rate, rates = 0.001, []
    for epoch in range(25):
        rate *= 1 / (1 + 0.0000015 * epoch)
        rates.append(rate)
    return rates


def laus_exponential():
    return [0.001 * math.exp(-0.1 * epoch) for epoch in range(25)]


@pytest.mark.parametrize(
    ("flagfile", "expected"),
    [
        ("linear.flags", articles_linear()),
        ("step.flags", articles_step()),
        ("time.flags", articles_time()),
        ("exponential.flags", laus_exponential()),
    ],
)
def test_decays_have_the_articles_rate_throughout_every_epoch(flagfile, expected):
    first, last = rates_of_epochs(flagfile)
    np.testing.assert_allclose(first, expected, rtol=1e-6)
    assert last == first


def test_cycles_start_at_the_base_and_end_there():
    first, last = rates_of_epochs("cyclical.flags")
    assert first[::5] == pytest.approx([0.0003] * 5)
    # One update before the end of a cycle of 960, which is 1/480 above the base.
    assert last[4::5] == pytest.approx([0.0003 + 0.0027 / 480] * 5)


@pytest.mark.parametrize("flagfile", FLAGFILES)
def test_every_flagfile_is_one_of_a_recipe_and_says_its_epochs(flagfile):
    recipes = [
        recipe
        for recipe in RECIPES
        if f"--flagfile=benchmarks/reproduction/{flagfile}" in recipe.program
    ]
    assert recipes
    assert {recipe.epochs for recipe in recipes} == {config_of(flagfile).epochs}


def test_full_reproduction_has_every_training_of_the_article():
    runs = [t.run for t in list_trainings(full=True, max_seeds=None, parts=[1, 2])]
    assert len(runs) == len(set(runs)) == 5 + 2 + 6 * 3
    assert "fixed-0.5-25ep-seed0" in runs
    assert "fixed-0.5-25ep-seed1" not in runs
    assert {f"cyclical-25ep-seed{seed}" for seed in range(3)} < set(runs)


def test_first_seed_of_all_comes_before_the_second_of_any():
    parts = {part for recipe in RECIPES for part in recipe.parts}
    trainings = list_trainings(full=True, max_seeds=None, parts=parts)
    seeds = [training.seed for training in trainings]
    assert seeds == sorted(seeds)
    assert len({t.recipe for t in trainings if t.seed == 0}) == len(RECIPES)


def test_quick_reproduction_has_one_seed_and_few_epochs():
    trainings = list_trainings(full=False, max_seeds=3, parts=[2])
    assert len(trainings) == 7
    assert {training.epochs for training in trainings} == {2}


def test_command_repeats_the_training_without_the_benchmark(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_NPZ", str(tmp_path / "mnist.npz"))
    (training,) = (
        training
        for training in list_trainings(full=True, max_seeds=1, parts=[1])
        if training.recipe.name == "fixed-0.01"
    )
    assert training.command(tmp_path, resume=False) == [
        sys.executable,
        "-m",
        "trainer",
        "--flagfile=benchmarks/reproduction/fixed.flags",
        "--learning_rate=0.01",
        f"--dataset={tmp_path}/mnist.npz",
        "--epochs=25",
        "--seed=0",
        f"--logdir={tmp_path}",
        "--run=fixed-0.01-25ep-seed0",
    ]


def test_interrupted_training_is_resumed_as_it_began(tmp_path):
    training = list_trainings(full=True, max_seeds=1, parts=[1])[0]
    assert training.command(tmp_path, resume=True) == [
        sys.executable,
        "-m",
        "trainer",
        "--resume",
        f"--logdir={tmp_path}",
        f"--run={training.run}",
    ]


def finish(logdir, training, *, test_loss, test_accuracy):
    folder = logdir / training.run
    folder.mkdir()
    scores = {"test_loss": test_loss, "test_accuracy": test_accuracy}
    (folder / "test_by_keras.json").write_text(json.dumps(scores))
    (folder / "attempts.csv").write_text("20.0,1800.0\n4000.0,1800.0\n")
    (folder / "history.csv").write_text("epoch,loss,val_loss\n0,0.5,NA\n")


def test_table_says_how_far_from_the_published_value_and_what_is_missing(tmp_path):
    trainings = list_trainings(full=True, max_seeds=None, parts=[1])
    assert trainings[2].run == "fixed-0.01-25ep-seed0"
    # Published: 0.04539 and 0.9888.
    finish(tmp_path, trainings[2], test_loss=0.0554, test_accuracy=0.9868)
    text = format_tables(read_rows(tmp_path, trainings), trainings, [1])
    assert (
        "| 0.01 | 0.0454 | 0.9888 | 0.0554 | 0.9868 | +0.0100 | -0.0020 |"
    ) in text.splitlines()
    assert "1 of 5 trainings are done, in 1.0 hours of processor time." in text


def test_table_says_that_epochs_were_left_out(tmp_path):
    trainings = list_trainings(full=False, max_seeds=None, parts=[1])
    finish(tmp_path, trainings[0], test_loss=0.1, test_accuracy=0.9)
    text = format_tables(read_rows(tmp_path, trainings), trainings, [1])
    assert "(2 of 25 epochs)" in text.splitlines()[0]


def test_table_of_nothing_says_so(tmp_path):
    trainings = list_trainings(full=False, max_seeds=None, parts=[1])
    text = format_tables(read_rows(tmp_path, trainings), trainings, [1])
    assert "Nothing is trained yet." in text


def test_transfer_begins_with_the_model_of_the_first_half(tmp_path):
    trainings = list_trainings(full=False, max_seeds=1, parts=[4])
    assert [training.run for training in trainings[:2]] == [
        "first_half-1ep-seed0",
        "transfer-0.001-1ep-seed0",
    ]
    weights = f"--weights={tmp_path}/first_half-1ep-seed0/model.keras"
    assert weights in trainings[1].command(tmp_path, resume=False)
    assert not any(
        "--weights" in word for word in trainings[0].command(tmp_path, resume=False)
    )


def test_rates_are_read_back_as_they_were_recorded(tmp_path):
    rates = (0.003 / (1 + 0.0002 * np.arange(5))).astype(np.float32)
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": np.arange(5), "learning_rate": rates})
    np.testing.assert_array_equal(recorded_rates(tmp_path), rates)


@pytest.fixture
def tiny_mnist(tmp_path, monkeypatch):
    """Images that are black but for the pixel of their label, ten of each digit."""
    y = np.arange(100) % 10
    x = np.zeros([100, 28, 28], np.uint8)
    x[np.arange(100), 0, y] = 255
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x[:50], y_test=y[:50])
    monkeypatch.setenv("MNIST_NPZ", str(path))


def test_model_file_is_tested_by_keras_alone(tiny_mnist, tmp_path):
    images = keras.Input((28, 28, 1))
    pixels = keras.layers.Flatten()(images)[:, :10]
    # Sure of what it sees, and so of digits below 5; digit d + 5 is told to be d.
    model = keras.Model(images, keras.layers.Softmax()(100 * pixels))
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(tmp_path / "model.keras")
    write_scores(tmp_path, "load_mnist")
    scores = json.loads((tmp_path / "test_by_keras.json").read_text())
    assert scores["test_accuracy"] == 1.0
    assert scores["num_test"] == 50
    # Digits 5 to 9, numbered from 0: none of them is what the model says.
    write_scores(tmp_path, "second_half")
    scores = json.loads((tmp_path / "test_by_keras.json").read_text())
    assert scores["test_accuracy"] == 0.0
    assert scores["num_test"] == 25


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("pass", 0), ("sys.exit(3)", 3), ("os.kill(os.getpid(), 9)", 128 + 9)],
)
def test_attempt_is_noted_and_its_exit_code_is_the_shells(tmp_path, code, exit_code):
    command = [sys.executable, "-c", f"import os, sys; {code}"]
    assert run_program(command, tmp_path) == exit_code
    assert len((tmp_path / "attempts.csv").read_text().splitlines()) == 1
