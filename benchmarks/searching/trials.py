"""Counts trials and steps until a search is near the best known accuracy."""

import math
import tempfile

import keras_tuner
import numpy as np
from keras_tuner.engine.trial import TrialStatus
from searching.problems import RATES, Problem, load_problems

from lr_plugin.keras.range_test.range_test import range_test
from trainer.search.hyperparameters import choose_settings
from trainer.search.oracle import build_oracle
from trainer.settings.config import Config
from trainer.settings.open_values import Range
from trainer.settings.search_space import around_interval

_NEAR = 0.002
_MAX_TRIALS = 20
_OBJECTIVE = keras_tuner.Objective("accuracy", "max")


def print_trials(*, num_seeds: int, num_searches: int) -> None:
    """Prints the table of part 1."""
    print(
        f"Until within {100 * _NEAR:g} points of the best known: median of "
        f"{num_searches} random searches of at most {_MAX_TRIALS} trials.\n"
        f"{'':34}{'range':>19}{'found':>7}{'trials':>8}{'steps':>8}"
    )
    for problem in load_problems():
        accuracies = _accuracies(problem, num_seeds)
        print(
            f"{problem.name}, {problem.optimizer}: best {accuracies.max():.4f} at "
            f"{RATES[accuracies.argmax()]:.2g}, {problem.num_steps} steps a trial, "
            f"{np.sum(accuracies >= accuracies.max() - _NEAR)} rates of {len(RATES)} "
            "are near"
        )
        for name, rates, num_steps in _spaces(problem):
            if rates is None:
                print(f"    {name:<30}{'no suggestion':>19}")
                continue
            needed = [
                _search(rates, accuracies, seed=seed) for seed in range(num_searches)
            ]
            found = [number for number in needed if number <= _MAX_TRIALS]
            median = float(np.median(needed))
            is_found = median <= _MAX_TRIALS
            steps = num_steps + median * problem.num_steps
            print(
                f"    {name:<30}{f'{rates.low:.2g} to {rates.high:.2g}':>19}"
                f"{len(found) / len(needed):7.0%}"
                f"{f'{median:.1f}' if is_found else '> 20':>8}"
                f"{f'{steps:.0f}' if is_found else '':>8}"
            )


def _accuracies(problem: Problem, num_seeds: int) -> np.ndarray:
    """Computes the mean accuracy of each rate of the grid.

    They are smoothed over their neighbours: otherwise chance would decide which of
    several good ones is the best.
    """
    means = [
        np.mean([problem.train(float(rate), seed) for seed in range(num_seeds)])
        for rate in RATES
    ]
    padded = np.pad(means, 1, mode="edge")
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def _spaces(problem: Problem) -> list[tuple[str, Range | None, int]]:
    """Lists the ranges to search, with the steps that it took to find each."""
    problem.begin_again()
    found = range_test(
        problem.model, problem.x, problem.y, batch_size=problem.batch_size
    )
    num_steps = sum(len(losses) for losses in found.losses)
    seeded = None if found.interval is None else around_interval(*found.interval)
    return [
        ("unseeded, everything", Range(float(RATES[0]), float(RATES[-1])), 0),
        ("unseeded, the default", Range(1e-4, 1e-1), 0),
        (f"range test of {num_steps} steps", seeded, num_steps),
    ]


def _search(rates: Range, accuracies: np.ndarray, *, seed: int) -> float:
    """Counts the trials that keras-tuner needs; infinite if 20 are not enough."""
    settings = {"learning_rate": rates}
    config = Config(mode="search", seed=seed, max_trials=_MAX_TRIALS, **settings)
    hp = keras_tuner.HyperParameters()
    choose_settings(hp, config)
    oracle = build_oracle(config, _OBJECTIVE, hp)
    oracle.verbose = 0
    with tempfile.TemporaryDirectory() as folder:
        oracle._set_project_dir(folder, "state")
        for number in range(1, _MAX_TRIALS + 1):
            trial = oracle.create_trial("benchmark")
            rate = trial.hyperparameters.values["learning_rate"]
            nearest = int(np.abs(np.log(RATES / rate)).argmin())
            accuracy = float(accuracies[nearest])
            if accuracy >= accuracies.max() - _NEAR:
                return number
            oracle.update_trial(trial.trial_id, {"accuracy": accuracy})
            trial.status = TrialStatus.COMPLETED
            oracle.end_trial(trial)
    return math.inf
