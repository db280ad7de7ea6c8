import csv
import math

import keras_tuner
import pytest
from keras_tuner.engine.trial import TrialStatus

from trainer.errors import ConfigError
from trainer.search.hyperparameters import choose_settings
from trainer.search.oracle import build_oracle
from trainer.search.results import (
    best_config,
    format_table,
    list_results,
    write_results,
)
from trainer.settings.command_line import parse_command_line
from trainer.settings.config import Config
from trainer.settings.open_values import Choices


def search(folder, *curves, objective="val_accuracy", direction="max"):
    """Makes a search that has tried the rates 0.1, 0.2, ... with results by epoch."""
    rates = tuple(round(0.1 * (i + 1), 1) for i in range(len(curves)))
    settings = {"learning_rate": Choices(rates), "warmup": Choices((_pct(0), _pct(5)))}
    config = Config(mode="search", tuner="grid", epochs=2, **settings)
    hp = keras_tuner.HyperParameters()
    choose_settings(hp, config)
    objective = keras_tuner.Objective(objective, direction)
    oracle = build_oracle(config, objective, hp)
    oracle._set_project_dir(str(folder), "state")
    oracle.verbose = 0
    for curve, rate in zip(curves, rates, strict=True):
        trial = oracle.create_trial("alone")
        trial.hyperparameters.values = {"learning_rate": rate, "warmup": "5%"}
        trial.status = TrialStatus.COMPLETED if curve else TrialStatus.FAILED
        for epoch, value in enumerate(curve):
            oracle.update_trial(trial.trial_id, {objective.name: value}, step=epoch)
        oracle.end_trial(trial)
    return oracle, config


def _pct(value):
    return parse_command_line([f"--warmup={value}%"])["warmup"]


def test_table_has_the_best_first_and_says_how_trials_ended(tmp_path):
    oracle, config = search(tmp_path, [0.5, 0.6], [0.9, 0.8], [0.7], [-math.inf], [])
    assert format_table(list_results(oracle, config), "val_accuracy") == (
        "Search of 5 trials by val_accuracy (1 diverged, 1 ended early, 1 failed):\n"
        "trial  val_accuracy  learning_rate  warmup  epochs     ended\n"
        "   02           0.9            0.2      5%       2\n"
        "   03           0.7            0.3      5%       1     early\n"
        "   01           0.6            0.1      5%       2\n"
        "   04          -inf            0.4      5%       1  diverged\n"
        "   05           nan            0.5      5%       0    failed"
    )


def test_less_is_better_where_the_objective_is_a_loss(tmp_path):
    oracle, config = search(
        tmp_path, [0.5, 0.6], [math.inf], [0.4, 0.9], objective="loss", direction="min"
    )
    results = list_results(oracle, config)
    assert [result.score for result in results] == [0.4, 0.5, math.inf]


def test_best_flags_and_results_are_written(tmp_path):
    oracle, config = search(tmp_path, [0.5, 0.6], [0.9, 0.8])
    best = best_config(oracle, config)
    results = list_results(oracle, config)
    write_results(results, best, tmp_path, "val_accuracy")
    given = parse_command_line([f"--flagfile={tmp_path / 'best.flags'}"])
    assert (given["mode"], given["learning_rate"]) == ("train", 0.2)
    assert str(given["warmup"]) == "5%"
    assert given["epochs"] == 2
    with (tmp_path / "results.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["trial"] for row in rows] == ["02", "01"]
    assert rows[0]["run"] == "02-lr0.2-warmup5pct"
    assert rows[0]["val_accuracy"] == "0.9"


def test_search_without_a_finite_result_is_said(tmp_path):
    oracle, config = search(tmp_path, [-math.inf], [-math.inf])
    with pytest.raises(ConfigError) as error:
        best_config(oracle, config)
    assert str(error.value) == (
        "A search needs a trial that does not diverge. Received: 2 trials, of which "
        "none ended with a finite val_accuracy. Search lower rates, or look at the "
        "runs in TensorBoard."
    )
