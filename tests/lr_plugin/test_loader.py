"""The entry point: quick to import, and respectful of the user's flags."""

import argparse
import subprocess
import sys

import pytest
from tensorboard import program

from lr_plugin.loader import LearningRateLoader


def parse(*args):
    """Parses flags as the `tensorboard` command does, with this plugin alone."""
    tensorboard = program.TensorBoard(plugins=[*_core(), LearningRateLoader])
    tensorboard.configure(("tensorboard", "--logdir=logs", *args))
    return tensorboard.flags


def _core():
    from tensorboard.plugins.core import core_plugin

    return [core_plugin.CorePluginLoader]


def test_small_tags_are_kept_whole_and_blocks_are_bounded():
    assert parse().samples_per_plugin == {
        "learning_rate": 0,
        "learning_rate_raw": 32,
    }


def test_the_bound_can_be_set():
    assert parse("--lr_raw_blocks=0").samples_per_plugin["learning_rate_raw"] == 0
    assert parse("--lr_raw_blocks=9").samples_per_plugin["learning_rate_raw"] == 9


def test_what_the_person_asked_for_stays():
    flags = parse("--samples_per_plugin=learning_rate_raw=5,scalars=77")

    assert flags.samples_per_plugin == {
        "learning_rate": 0,
        "learning_rate_raw": 5,
        "scalars": 77,
    }


@pytest.mark.parametrize("value", ["-1", "many", "1.5", ""])
def test_a_bound_that_is_no_count_is_refused(value, capsys):
    parser = argparse.ArgumentParser()
    LearningRateLoader().define_flags(parser)

    with pytest.raises(SystemExit):
        parser.parse_args([f"--lr_raw_blocks={value}"])

    assert "must be a whole number, 0 or more. Received:" in capsys.readouterr().err


def test_tags_of_the_whole_log_can_be_named():
    assert parse().lr_tags == {}
    assert parse("--lr_tags=learning_rate=optim/lr").lr_tags == {
        "learning_rate": "optim/lr"
    }
    assert parse("--lr_tags=loss=train/nll,learning_rate=a=b").lr_tags == {
        "loss": "train/nll",
        "learning_rate": "a=b",
    }


@pytest.mark.parametrize("value", ["optim/lr", "rate=optim/lr", "loss=a,loss=b"])
def test_tags_that_name_no_column_are_refused(value, capsys):
    parser = argparse.ArgumentParser()
    LearningRateLoader().define_flags(parser)

    with pytest.raises(SystemExit):
        parser.parse_args([f"--lr_tags={value}"])

    assert "must be learning_rate=TAG or loss=TAG" in capsys.readouterr().err


def test_importing_the_entry_point_is_light():
    code = (
        "import sys, lr_plugin.loader;"
        "heavy = {'numpy', 'werkzeug', 'tensorflow', 'tsdownsample', 'keras'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
