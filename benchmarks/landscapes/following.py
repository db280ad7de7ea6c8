"""Trains with what is suggested, from runs whose rate is too low."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from landscapes.report import Grid
from landscapes.settings import NUM_SEEDS, Setting
from landscapes.trainings import Result, read_results, train_missing

from lr_plugin import read_run

# Rates of a grid lie half a decade apart, so these begin 30 times below the best.
NUM_PLACES = 3
NUM_STEPS = 2


@dataclasses.dataclass(frozen=True)
class Trained:
    """Trainings with rates that are on no grid, kept in a folder."""

    folder: Path

    def train(
        self,
        wanted: Iterable[tuple[Setting, float]],
        seeds: Sequence[int] = range(NUM_SEEDS),
    ) -> None:
        """Trains with each rate, from the weights of each seed."""
        missing = [
            Result(setting.task, setting.optimizer, setting.schedule, rate, seed)
            for setting, rate in dict.fromkeys(wanted)
            for seed in seeds
        ]
        train_missing(missing, self.folder / "results.csv", self.folder / "runs")

    def read_accuracies(self) -> dict[tuple[str, float], float]:
        """Reads the mean over seeds of the validation accuracy, by setting and rate."""
        by_rate: dict[tuple[str, float], list[float]] = {}
        for result in read_results(self.folder / "results.csv"):
            by_rate.setdefault((result.setting.name, result.rate), []).append(
                result.accuracy
            )
        return {key: float(np.mean(values)) for key, values in by_rate.items()}

    def find_run(self, setting: Setting, rate: float, seed: int) -> Path:
        """Names the folder of a run."""
        names = (setting.task, setting.optimizer, setting.schedule)
        return Result(*names, rate, seed).folder_in(self.folder / "runs")


def follow_suggestions(
    grids: Sequence[Grid], runs: Path, trained: Trained
) -> list[list[float]]:
    """Follows what the landscapes suggest, and what those of these trainings suggest.

    Args:
        runs: The folder of the grids' runs.

    Returns:
        By how much the accuracy is below the grid's best: of every run before, after
        one suggestion and after two. Where none is given, a run stays as it is.
    """
    begins = [
        (grid, grid.runs[grid.best - NUM_PLACES][seed][0])
        for grid in grids
        if grid.best >= NUM_PLACES
        for seed in range(NUM_SEEDS)
    ]
    folders = [result.folder_in(runs) for _, result in begins]
    gaps = [
        [_gap(grid, grid.accuracy_at(grid.best - NUM_PLACES)) for grid, _ in begins]
    ]
    for _ in range(NUM_STEPS):
        rates = [_round(_read_suggestion(folder)) for folder in folders]
        trained.train(
            (grid.setting, rate)
            for (grid, _), rate in zip(begins, rates, strict=True)
            if rate is not None
        )
        known = trained.read_accuracies()
        latest = list(gaps[-1])
        for i, ((grid, result), rate) in enumerate(zip(begins, rates, strict=True)):
            if rate is not None:
                latest[i] = _gap(grid, known[grid.setting.name, rate])
                folders[i] = trained.find_run(grid.setting, rate, result.seed)
        gaps.append(latest)
    return gaps


def train_suggested(
    grids: Sequence[Grid],
    trained: Trained,
    suggest: Callable[[str, str, int], float | None],
) -> list[float]:
    """Trains with what something else suggests.

    Args:
        suggest: Suggests a rate for a task, an optimizer and a seed.

    Returns:
        By how much the accuracy is below the grid's best, of every seed of every grid;
        infinite where nothing was suggested.
    """
    wanted = [
        (grid, _round(suggest(grid.setting.task, grid.setting.optimizer, seed)))
        for grid in grids
        for seed in range(NUM_SEEDS)
    ]
    trained.train((grid.setting, rate) for grid, rate in wanted if rate is not None)
    known = trained.read_accuracies()
    return [
        np.inf if rate is None else _gap(grid, known[grid.setting.name, rate])
        for grid, rate in wanted
    ]


def _read_suggestion(folder: Path) -> float | None:
    return read_run(folder).landscape.suggestion.rate


def _round(rate: float | None) -> float | None:
    """Rounds to two digits, as one would type it."""
    return None if rate is None else float(f"{rate:.2g}")


def _gap(grid: Grid, accuracy: float) -> float:
    return grid.accuracy_at(grid.best) - accuracy
