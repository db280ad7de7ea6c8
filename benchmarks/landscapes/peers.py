"""What else finds a rate: the range test, and trials of keras-tuner."""

import csv
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import keras
import keras_tuner
import numpy as np
from landscapes.report import Grid
from landscapes.settings import NUM_SEEDS, OPTIMIZERS
from landscapes.tasks import TASKS

from lr_plugin.keras import range_test

ORACLES = {
    "random": keras_tuner.oracles.RandomSearchOracle,
    "Bayesian": keras_tuner.oracles.BayesianOptimizationOracle,
}
_OBJECTIVE = keras_tuner.Objective("val_accuracy", "max")


class RangeTests:
    """The suggestions of range tests, each made once and kept in a file."""

    def __init__(self, path: Path):
        """Reads what the file holds."""
        self._path = path
        self._known: dict[tuple[str, str, int], float | None] = {}
        if path.exists():
            with open(path, newline="", encoding="utf-8") as file:
                for task, optimizer, seed, rate in csv.reader(file):
                    self._known[task, optimizer, int(seed)] = (
                        float(rate) if rate else None
                    )

    def suggest(self, task: str, optimizer: str, seed: int) -> float | None:
        """Suggests a rate; None where the test gives a reason for none."""
        key = (task, optimizer, seed)
        if key not in self._known:
            self._known[key] = _test_range(task, optimizer, seed)
            with open(self._path, "a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerow([*key, self._known[key] or ""])
        return self._known[key]


def _test_range(task: str, optimizer: str, seed: int) -> float | None:
    """Makes a range test as its user would, of 3 times 100 updates."""
    of_task = TASKS[task]
    x, y, *_ = of_task.load()
    keras.utils.set_random_seed(seed)
    model = of_task.build()
    model.compile(
        OPTIMIZERS[optimizer][0](0.01),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    return range_test(model, x, y, batch_size=of_task.batch_size).suggestion


def search(
    grid: Grid,
    kind: str,
    num_trials: int,
    seed: int,
    measure: Callable[[float], float] | None = None,
) -> float:
    """Searches the rates of a grid with an oracle of keras-tuner.

    Args:
        kind: A key of `ORACLES`.
        measure: Gives the validation accuracy of a trial, by its rate. By default it is
            read off the trainings of the grid, between two rates on a straight line
            over the logarithm of the rate.

    Returns:
        The rate of the best trial.
    """
    rates = grid.setting.rates
    space = keras_tuner.HyperParameters()
    space.Float("learning_rate", rates[0], rates[-1], sampling="log")
    oracle = ORACLES[kind](
        objective=_OBJECTIVE, max_trials=num_trials, hyperparameters=space, seed=seed
    )
    oracle.verbose = 0
    best, best_accuracy = math.nan, -math.inf
    with tempfile.TemporaryDirectory() as folder:
        oracle._set_project_dir(folder, "search")
        for _ in range(num_trials):
            trial = oracle.create_trial("tuner")
            rate = trial.hyperparameters.get("learning_rate")
            accuracy = (
                read_off(grid, rate, seed % NUM_SEEDS)
                if measure is None
                else measure(rate)
            )
            oracle.update_trial(trial.trial_id, {"val_accuracy": accuracy})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
            if accuracy > best_accuracy:
                best, best_accuracy = rate, accuracy
    return best


def search_repeatedly(
    grids: Sequence[Grid], kind: str, num_trials: int, *, num_repeats: int
) -> Iterator[float]:
    """Gives by how much the accuracy that each search finds is below the best."""
    for grid in grids:
        for seed in range(num_repeats):
            rate = search(grid, kind, num_trials, seed)
            yield grid.accuracy_at(grid.best) - read_off(grid, rate)


def read_off(grid: Grid, rate: float, seed: int | None = None) -> float:
    """Reads an accuracy off a grid: that of a seed, or the mean over seeds."""
    accuracies = [
        grid.accuracy_at(place) if seed is None else runs[seed][0].accuracy
        for place, runs in enumerate(grid.runs)
    ]
    return float(np.interp(math.log(rate), np.log(grid.setting.rates), accuracies))
