"""The trainings of benchmarks/reproduce.py: which, in what order, at what rates."""

import math
import sys

import keras
import numpy as np
import pytest

from benchmarks.reproduce import run_program
from benchmarks.reproduction.finished import read_finished, score_model
from benchmarks.reproduction.results import Result, add_result, read_results, rows_of
from benchmarks.reproduction.tables import format_tables
from benchmarks.reproduction.trainings import FOLDER, RECIPES, list_trainings
from lr_plugin.keras.schedules import rate_at
from lr_plugin.writer.run_writer import RunWriter
from trainer.optimizers.building import base_learning_rate
from trainer.planning.plan import build_plan
from trainer.settings.command_line import parse_command_line
from trainer.settings.config import Config
from trainer.settings.durations import RunLength

FLAGFILES = sorted(path.name for path in FOLDER.glob("*.flags"))
# 48,000 examples in batches of 250.
NUM_BATCHES = 192


def config_of(flagfile):
    return Config(**parse_command_line([f"--flagfile={FOLDER / flagfile}"]))


def rates_of_epochs(flagfile):
    """Computes the rates of the first and of the last update of every epoch."""
    config = config_of(flagfile)
    length = RunLength(NUM_BATCHES, config.epochs)
    schedule = build_plan(config, base_learning_rate(config), length).learning_rate
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
    runs = [t.run_name for t in list_trainings(full=True, max_seeds=9, parts=[1, 2])]
    assert len(runs) == len(set(runs)) == 5 + 2 + 6 * 3
    assert "fixed-0.5-25ep-seed0" in runs
    assert "fixed-0.5-25ep-seed1" not in runs
    assert {f"cyclical-25ep-seed{seed}" for seed in range(3)} < set(runs)


def test_first_seed_of_all_comes_before_the_second_of_any():
    parts = {part for recipe in RECIPES for part in recipe.parts}
    trainings = list_trainings(full=True, max_seeds=9, parts=parts)
    seeds = [training.seed for training in trainings]
    assert seeds == sorted(seeds)
    assert len({t.recipe for t in trainings if t.seed == 0}) == len(RECIPES)


def test_quick_reproduction_has_few_epochs():
    trainings = list_trainings(full=False, max_seeds=1, parts=[2])
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
        f"--run={training.run_name}",
    ]


def result_of(training, *, test_loss=0.1, test_accuracy=0.9, last_rate=0.002):
    """Makes a result in which no two numbers are the same."""
    return Result(
        run=training.run_name,
        test_loss=test_loss,
        test_accuracy=test_accuracy,
        first_val_accuracy=math.nan,
        last_val_accuracy=0.5,
        first_rate=0.004,
        last_rate=last_rate,
        min_rate=0.001,
        max_rate=0.005,
        num_shown=7,
        first_shown=0.0039,
        last_shown=0.0019,
        said='It said "a, b"\nand more.',
        cpu_secs=3600.0,
    )


def test_table_says_how_far_from_the_published_value_and_what_is_missing():
    trainings = list_trainings(full=True, max_seeds=1, parts=[1])
    assert trainings[2].run_name == "fixed-0.01-25ep-seed0"
    # Published: 0.04539 and 0.9888.
    result = result_of(trainings[2], test_loss=0.0554, test_accuracy=0.9868)
    text = format_tables(rows_of({result.run: result}, trainings), trainings, [1])
    assert (
        "| 0.01 | 0.0454 | 0.9888 | 0.0554 | 0.9868 | +0.0100 | -0.0020 |"
    ) in text.splitlines()
    assert "1 of 5 trainings are done, in 1.0 hours of processor time." in text


def test_table_of_decays_has_means_and_deviations_over_the_seeds():
    trainings = list_trainings(full=True, max_seeds=3, parts=[2])
    accuracies = {"fixed-0.001": (0.97, 0.98, 0.99), "step": (0.96, 0.98)}
    last_rates = {"fixed-0.001": (0.002, 0.002, 0.002), "step": (0.002, 0.001)}
    results = [
        result_of(
            training,
            test_accuracy=accuracies[training.recipe.name][seed],
            last_rate=last_rates[training.recipe.name][seed],
        )
        for training in trainings
        if (seed := training.seed) < len(accuracies.get(training.recipe.name, ()))
    ]
    rows = rows_of({result.run: result for result in results}, trainings)
    lines = format_tables(rows, trainings, [2]).splitlines()
    # Standard deviations of three numbers 0.01 apart, and of two that are 0.02 apart.
    first = "0.004 | 0.001 to 0.005"
    assert (
        f"| fixed-0.001 | {first} | 0.002 | 0.1000 | 0.9800 ± 0.0100 | - | 3 |" in lines
    )
    # The rate in the end was not the same with both seeds.
    last = "0.001 to 0.002 | 0.1000 | 0.9700 ± 0.0141"
    assert f"| step | {first} | {last} | -0.0100 | 2 |" in lines


def test_table_says_that_epochs_were_left_out():
    trainings = list_trainings(full=False, max_seeds=1, parts=[1])
    result = result_of(trainings[0])
    text = format_tables(rows_of({result.run: result}, trainings), trainings, [1])
    assert "(2 of 25 epochs)" in text.splitlines()[0]


def test_results_are_read_back_as_they_were_written(tmp_path):
    path = tmp_path / "results.csv"
    assert read_results(path) == {}
    trainings = list_trainings(full=True, max_seeds=1, parts=[1])
    written = [result_of(training) for training in trainings[:2]]
    for result in written:
        add_result(path, result)
    # NaN is not equal to itself.
    assert list(map(repr, read_results(path).values())) == list(map(repr, written))


def test_table_of_nothing_says_so():
    trainings = list_trainings(full=False, max_seeds=1, parts=[1])
    text = format_tables({}, trainings, [1])
    assert "Nothing is trained yet." in text


def test_transfer_begins_with_the_model_of_the_first_half(tmp_path):
    trainings = list_trainings(full=False, max_seeds=1, parts=[4])
    assert [training.run_name for training in trainings[:2]] == [
        "first_half-1ep-seed0",
        "transfer-0.001-1ep-seed0",
    ]
    weights = f"--weights={tmp_path}/first_half-1ep-seed0/model.keras"
    assert weights in trainings[1].command(tmp_path, resume=False)
    assert not any(
        "--weights" in word for word in trainings[0].command(tmp_path, resume=False)
    )


@pytest.fixture
def tiny_mnist(tmp_path, monkeypatch):
    """Makes images that are black but for the pixel of their label, ten per digit."""
    y = np.arange(100) % 10
    x = np.zeros([100, 28, 28], np.uint8)
    x[np.arange(100), 0, y] = 255
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x[:50], y_test=y[:50])
    monkeypatch.setenv("MNIST_NPZ", str(path))


def save_reader_of_labels(folder):
    """Saves a model that reads the label from the pixel."""
    images = keras.Input((28, 28, 1))
    pixels = keras.layers.Flatten()(images)[:, :10]
    model = keras.Model(images, keras.layers.Softmax()(100 * pixels))
    model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(folder / "model.keras")


@pytest.mark.slow
def test_model_file_is_tested_by_keras_alone(tiny_mnist, tmp_path):
    save_reader_of_labels(tmp_path)
    assert score_model(tmp_path, "load_mnist")[1] == 1.0
    # The digits 5 to 9 have the labels 0 to 4, so that the model is always wrong.
    assert score_model(tmp_path, "second_half")[1] == 0.0


def test_finished_training_is_read_from_what_it_left(tiny_mnist, tmp_path):
    save_reader_of_labels(tmp_path)
    rates = (0.003 / (1 + 0.0002 * np.arange(5))).astype(np.float32)
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": np.arange(5), "learning_rate": rates})
    history = "epoch,loss,val_accuracy\n0,0.5,0.25\n1,0.4,0.75\n"
    (tmp_path / "history.csv").write_text(history)
    (tmp_path / "attempts.csv").write_text("20.0,1800.0\n4000.0,1500.0\n")
    (training,) = list_trainings(full=True, max_seeds=1, parts=[1])[:1]
    result = read_finished(tmp_path, training)
    assert result.run == training.run_name
    assert result.test_accuracy == 1.0
    assert (result.first_val_accuracy, result.last_val_accuracy) == (0.25, 0.75)
    assert (result.first_rate, result.last_rate) == (rates[0], rates[4])
    assert (result.max_rate, result.min_rate) == (rates[0], rates[4])
    assert (result.num_shown, result.first_shown) == (5, rates[0])
    assert (result.said, result.cpu_secs) == ("", 3300.0)


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("pass", 0), ("sys.exit(3)", 3), ("os.kill(os.getpid(), 9)", 128 + 9)],
)
def test_attempt_is_noted_and_its_exit_code_is_the_shells(tmp_path, code, exit_code):
    command = [sys.executable, "-c", f"import os, sys; {code}"]
    assert run_program(command, tmp_path) == exit_code
    assert len((tmp_path / "attempts.csv").read_text().splitlines()) == 1
