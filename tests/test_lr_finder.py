"""The range test by the trainer's flags, and what it leaves in the logdir."""

import json

import numpy as np
import pytest
from event_files import load_texts

from lr_plugin import metadata, schema
from trainer.__main__ import main
from trainer.config import Config, ConfigError
from trainer.lr_finder import find_learning_rate, run_range_test


@pytest.fixture(scope="module")
def tested(tmp_path_factory):
    """One test of the digits with all defaults: its logdir and its result."""
    logdir = tmp_path_factory.mktemp("logs")
    # A schedule is no part of the test: it brings its own.
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
        assert written[name] == getattr(result, name)
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
    assert schema.from_json(schema.RunInfo, text).extra["kind"] == "range_test"


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
    assert f"--learning_rate={rate}" in (logdir / "a" / "flags.txt").read_text()


def test_auto_without_a_suggestion_is_a_sentence_with_the_reason(tmp_path):
    config = Config(
        logdir=str(tmp_path),
        learning_rate="auto",
        range_test_min=1e-9,
        range_test_max=1e-7,
        range_test_steps=20,
    )
    with pytest.raises(ConfigError, match="The curve is flat") as error:
        find_learning_rate(config)
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
