"""The range test by the trainer's flags, and what it leaves in the logdir."""

import json

import numpy as np
import pytest
from event_files import load_texts, read_columns

from lr_plugin import metadata, schema
from lr_plugin.keras.range_test import defaults
from trainer.__main__ import main
from trainer.errors import ConfigError
from trainer.find_rate import find_rate, run_range_test, with_found_rate
from trainer.settings.config import Config

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """Makes a test of the digits with all defaults; gives its logdir and its result."""
    logdir = tmp_path_factory.mktemp("logs")
    # The test replaces the schedule by its rates.
    config = Config(
        mode="range_test", logdir=str(logdir), schedule="cosine", learning_rate=0.5
    )
    return logdir, run_range_test(config)


def test_digits_get_a_rate_that_trains_them(tested):
    _, result = tested
    # With Adam the mlp reaches its best accuracy between 0.003 and 0.03.
    assert 0.003 < result.suggestion < 0.03
    low, high = result.interval
    assert low < result.suggestion < high < 2 * low
    assert result.usable_band[0] < low
    assert result.usable_band[1] > high


def test_rates_are_the_hundred_that_the_flags_name_by_default(tested):
    _, result = tested
    np.testing.assert_allclose(
        result.learning_rates, 10 ** np.linspace(-6, 1, 100), rtol=1e-12
    )
    assert len(result.losses) == 3


def test_folder_holds_result_picture_and_flags(tested):
    logdir, result = tested
    folder = logdir / "digits-mlp-adam-range-test"
    written = json.loads((folder / "range_test.json").read_text())
    for name in ("learning_rates", "losses", "suggestion", "reason", "stop_reason"):
        assert written[name] == json.loads(json.dumps(getattr(result, name)))
    assert written["interval"] == list(result.interval)
    assert (folder / "range_test.png").read_bytes().startswith(b"\x89PNG")
    assert "--mode=range_test" in (folder / "flags.txt").read_text().splitlines()


def test_tab_is_given_the_result_and_no_iterations(tested):
    logdir, result = tested
    folder = logdir / "digits-mlp-adam-range-test"
    (text,) = load_texts(folder, metadata.RANGE_TEST_TAG)
    found = schema.from_json(schema.RangeTestRecord, text)
    assert found.suggestion == result.suggestion
    assert found.losses == result.losses
    (text,) = load_texts(folder, metadata.RUN_INFO_TAG)
    written = schema.from_json(schema.RunInfo, text)
    assert written.extra["kind"] == "range_test"
    # Where runs of several optimizers are drawn, the tab draws it beside Adam's alone.
    assert written.optimizer["class_name"] == "Adam"


def test_auto_tests_first_then_trains_with_the_suggestion(tmp_path, capsys):
    logdir = tmp_path / "logs"
    flags = ["--learning_rate=auto", "--epochs=1", "--run=a", "--warmup=10"]
    assert main([*flags, f"--logdir={logdir}"]) == 0
    written = json.loads((logdir / "a-range-test" / "range_test.json").read_text())
    rate = f"{written['suggestion']:.3g}"
    printed = capsys.readouterr().out
    assert f"suggested learning rate {rate}" in printed
    assert written["reason"] in printed
    assert f"Training with --learning_rate={rate}" in printed
    # The training repeats without another test.
    assert f"--learning_rate={rate}" in (logdir / "a" / "flags.txt").read_text()
    rows = read_columns(logdir / "a")
    assert rows["learning_rate"].max() == pytest.approx(float(rate))
    (text,) = load_texts(logdir / "a", metadata.RUN_INFO_TAG)
    found = schema.from_json(schema.RunInfo, text).extra["hparams"]["learning_rate"]
    assert found == float(rate)


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--warmup=9ep"], "`--warmup` must be shorter than the run"),
        (
            ["--optimizer=adagrad", "--schedule=one_cycle", "--cycle_momentum=0.8,0.9"],
            "`--cycle_momentum` needs an optimizer with momentum",
        ),
        (["--plateau=vall_loss"], "did you mean val_loss?"),
        (["--run=exists"], "`--run` must name a new run"),
    ],
)
def test_what_training_would_refuse_is_refused_before_the_test(
    flags, sentence, tmp_path, capsys
):
    (tmp_path / "exists").mkdir()
    assert main(["--learning_rate=auto", f"--logdir={tmp_path}", *flags]) == 2
    assert sentence in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["exists"]


def test_test_of_a_name_that_is_taken_gets_the_next_number(tmp_path):
    for name in ("a-range-test", "a-range-test-2"):
        (tmp_path / name).mkdir()
    settings = {"range_test_steps": 40, "range_test_repeats": 1}
    find_rate(Config(logdir=str(tmp_path), run="a", **settings))
    assert (tmp_path / "a-range-test-3" / "range_test.json").exists()
    assert not (tmp_path / "a").exists()


def test_a_number_needs_no_test(tmp_path):
    config = Config(logdir=str(tmp_path), learning_rate=0.01)
    assert with_found_rate(config) is config
    assert not list(tmp_path.iterdir())


def test_schedule_that_rises_reaches_the_suggestion_and_begins_at_a_tenth(tmp_path):
    config = Config(
        logdir=str(tmp_path),
        learning_rate="auto",
        schedule="triangular",
        range_test_steps=50,
        range_test_repeats=1,
    )
    found = with_found_rate(config)
    (file,) = tmp_path.glob("*/range_test.json")
    suggestion = json.loads(file.read_text())["suggestion"]
    assert found.max_learning_rate == pytest.approx(suggestion, rel=0.005)
    assert found.learning_rate == pytest.approx(suggestion / 10, rel=0.005)


def test_losses_can_be_those_of_held_out_examples(tmp_path):
    settings = {"logdir": str(tmp_path), "range_test_steps": 40}
    result = run_range_test(Config(range_test_validation=True, **settings))
    assert result.loss_name == "validation loss"
    assert "The validation loss fell" in result.reason
    # All repeats begin at the same loss: same weights, same examples.
    assert len({f"{losses[0]:.5f}" for losses in result.losses}) == 1
    assert 0.003 < result.suggestion < 0.03


def test_validation_needs_examples_that_are_held_out(tmp_path, capsys):
    flags = ["--range_test_validation", "--validation_split=0"]
    logdir = tmp_path / "logs"
    assert main(["--mode=range_test", f"--logdir={logdir}", *flags]) == 2
    assert "needs examples that are held out" in capsys.readouterr().err
    assert not logdir.exists()


def test_a_trained_model_is_not_tested_as_if_it_were_new(tmp_path):
    config = Config(logdir=str(tmp_path), run="a", resume=True, learning_rate="auto")
    with pytest.raises(ConfigError, match="tests a model before it is trained"):
        find_rate(config)


def test_momentum_of_a_cycle_is_what_training_begins_with(tmp_path):
    # With momentum 0.9 each update counts ten times, so that a lower rate is right.
    settings = {"optimizer": "sgd", "logdir": str(tmp_path), "range_test_steps": 50}
    constant = run_range_test(Config(**settings, momentum=0.9))
    cycled = run_range_test(
        Config(**settings, schedule="one_cycle", cycle_momentum=(0.5, 0.9))
    )
    assert cycled.losses == constant.losses


def test_auto_without_a_suggestion_is_a_sentence_with_the_reason(tmp_path):
    config = Config(
        logdir=str(tmp_path),
        learning_rate="auto",
        range_test_min=1e-9,
        range_test_max=1e-7,
        range_test_steps=20,
    )
    with pytest.raises(ConfigError, match="The curve is flat") as error:
        find_rate(config)
    assert str(error.value).startswith("`--learning_rate=auto` needs a range test")
    assert "Or give --learning_rate=NUMBER." in str(error.value)


def test_same_seed_gives_the_same_result(tmp_path):
    def run(name):
        config = Config(
            mode="range_test", logdir=str(tmp_path), run=name, range_test_steps=30
        )
        return run_range_test(config)

    assert run("a") == run("b")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--range_test_min=0"], "`--range_test_min` must be a number above 0"),
        (
            ["--range_test_min=1", "--range_test_max=1"],
            "`--range_test_min` must be below --range_test_max",
        ),
        (["--range_test_steps=9"], "must be a whole number of at least 10"),
        (["--range_test_repeats=0"], "must be a whole number of at least 1"),
        (["--model=cnn"], "`--model=cnn` needs images"),
    ],
)
def test_bad_flags_are_a_sentence_and_nothing_is_written(
    flags, sentence, tmp_path, capsys
):
    logdir = tmp_path / "logs"
    assert main(["--mode=range_test", f"--logdir={logdir}", *flags]) == 2
    assert sentence in capsys.readouterr().err
    assert not logdir.exists()


def test_flags_have_the_defaults_of_the_function():
    # They are written twice, because flags are read without importing Keras.
    config = Config()
    flags = (
        config.range_test_min,
        config.range_test_max,
        config.range_test_steps,
        config.range_test_repeats,
    )
    assert flags == (
        defaults.MIN_LEARNING_RATE,
        defaults.MAX_LEARNING_RATE,
        defaults.NUM_STEPS,
        defaults.NUM_REPEATS,
    )
