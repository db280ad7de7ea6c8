import pytest

from trainer.errors import ConfigError
from trainer.settings.command_line import (
    format_flags,
    help_text,
    parse_command_line,
    short_help_text,
)
from trainer.settings.config import SETTINGS, Config
from trainer.settings.durations import Duration
from trainer.settings.flag_types import Share


def test_flags_become_values_of_their_kind():
    given = parse_command_line(
        [
            "--learning_rate=0.003",
            "--epochs=7",
            "--schedule=piecewise",
            "--boundaries=500,5ep,75%",
            "--values=0.01,0.001,1e-4",
            "--jit_compile",
            "--nonesterov",
        ]
    )
    assert given == {
        "learning_rate": 0.003,
        "epochs": 7,
        "schedule": "piecewise",
        "boundaries": (Duration(500, ""), Duration(5, "ep"), Duration(75, "%")),
        "values": (0.01, 0.001, 1e-4),
        "jit_compile": True,
        "nesterov": False,
    }


def test_what_is_not_given_is_left_out():
    assert parse_command_line([]) == {}


def test_flag_after_a_flagfile_wins(tmp_path):
    path = tmp_path / "some.flags"
    path.write_text("# a comment\n--epochs=3\n--batch_size=16\n")
    given = parse_command_line([f"--flagfile={path}", "--epochs=9"])
    assert given == {"epochs": 9, "batch_size": 16}


def test_value_may_follow_its_flag_and_hyphens_are_underscores():
    given = parse_command_line(["--batch-size", "64", "--jit-compile", "--seed=1"])
    assert given == {"batch_size": 64, "jit_compile": True, "seed": 1}
    assert parse_command_line(["--end_learning_rate", "10%"]) == {
        "end_learning_rate": Share(10)
    }


def test_home_folder_has_its_short_name(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    given = parse_command_line(["--logdir=~/logs", "--dataset=~/t.csv", "--run=~"])
    assert given == {
        "logdir": "/home/ada/logs",
        "dataset": "/home/ada/t.csv",
        "run": "~",
    }


def test_short_help_has_a_line_for_every_flag():
    lines = short_help_text().splitlines()
    assert len(lines) == len(SETTINGS)
    assert max(map(len, lines)) <= 79


def test_flags_of_a_config_read_back_as_the_same_config(tmp_path):
    config = Config(
        learning_rate=0.0030000000000000001,
        schedule="one_cycle",
        cycle_momentum=(0.85, 0.95),
        warmup=Duration(2.5, "ep"),
        amsgrad=False,
        plateau="val_loss",
        epochs=17,
    )
    path = tmp_path / "flags.txt"
    path.write_text(format_flags(config))
    assert Config(**parse_command_line([f"--flagfile={path}"])) == config


def test_flags_that_repeat_a_run_give_it_a_new_name():
    text = format_flags(Config(run="first", resume=True))
    assert "--run" not in text
    assert "--resume" not in text


def test_help_has_every_flag_with_its_default():
    text = help_text()
    assert all(f"--{name}\n" in text for name in SETTINGS)
    assert "Passes over the training data. Default: 5." in text


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        (
            "--lerning_rate=1",
            r"Every flag must be known\. Received: --lerning_rate \(did you mean "
            r"learning_rate\?\)\.",
        ),
        (
            "--learning_rate=fast",
            r"`--learning_rate` must be a number above 0 or auto\. Received: "
            r"--learning_rate=fast\.",
        ),
        ("--warmup=-5", r"`--warmup` must be a duration: 500 \(updates\)"),
        ("--values=1,x", r"`--values` must be a number above 0\. Received: --values="),
        (
            "--jit_compile=yes",
            r"`--jit_compile` must be true or false\. Received: --jit_compile=yes\.",
        ),
        ("--flagfile=nowhere", r"nowhere"),
        ("--epochs", r"`--epochs` must have a value\. Received: --epochs alone\."),
        ("--lr=0.1", r"Received: --lr \(did you mean learning_rate\?\)\."),
        ("--Epochs=1", r"Received: --Epochs \(did you mean epochs\?\)\."),
        ("--noepochs", r"Received: --noepochs \(did you mean epochs\?\)\."),
        (
            "--learning_rate=1e-4..1e-2",
            r"must be one value: ranges and choices are for --mode=search\. Received: ",
        ),
        (
            "--optimizer=adam,sgd",
            r"one value: ranges and choices are for --mode=search",
        ),
        ("digits", r"Every setting must be a flag\. Received: digits\."),
    ],
)
def test_what_cannot_be_read_is_refused(argument, message):
    with pytest.raises(ConfigError, match=message):
        parse_command_line([argument])
