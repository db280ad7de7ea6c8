"""Compares what suggestions are worth, and what they cost."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from landscapes.following import Trained, follow_suggestions, train_suggested
from landscapes.peers import ORACLES, RangeTests, read_off, search, search_repeatedly
from landscapes.report import Grid
from landscapes.settings import NUM_SEEDS

_POINTS = 0.005
_NUMS_TRIALS = (3, 5, 11)
_NUM_SEARCHES = {"random": 30, "Bayesian": 3}
# Grids whose trials are trained, to see whether they may be read off.
_TRIED = ("digits-mlp-Adam-cosine", "mnist-mlp-Muon-cosine")


def print_comparison(grids: Sequence[Grid], logdir: Path) -> None:
    """Prints a table of methods."""
    print("\n## Suggestions that were followed\n")
    print(
        "| method | trainings | within half a point | median gap |\n|---|---|---|---|"
    )
    names = ("a run 30 times below the best", "its suggestion", "and that of this run")
    gaps = follow_suggestions(grids, logdir / "runs", Trained(logdir / "followed"))
    for num_followed, (name, each) in enumerate(zip(names, gaps, strict=True)):
        _print_row(name, f"{1 + num_followed}", each)
    suggest = RangeTests(logdir / "range_tests.csv").suggest
    tested = train_suggested(grids, Trained(logdir / "tested"), suggest)
    _print_row("range test, 300 updates", "1.75", tested)
    for kind in ORACLES:
        for num_trials in _NUMS_TRIALS:
            found = search_repeatedly(
                grids, kind, num_trials, num_repeats=_NUM_SEARCHES[kind]
            )
            _print_row(f"keras-tuner, {kind}", str(num_trials), list(found))
    for grid in grids:
        if grid.setting.name in _TRIED:
            _print_trials(grid, Trained(logdir / "tried"))


def _print_row(name: str, cost: str, gaps: Sequence[float]) -> None:
    share = np.mean(np.array(gaps) <= _POINTS)
    print(
        f"| {name} | {cost} | {share:.0%} of {len(gaps)} "
        f"| {100 * np.median(gaps):.1f} points |",
        flush=True,
    )


def _print_trials(grid: Grid, trained: Trained) -> None:
    """Compares trials that are trained with those that are read off."""
    differences = []

    def measure(rate: float) -> float:
        trained.train([(grid.setting, rate)], [seed])
        accuracy = trained.read_accuracies()[grid.setting.name, rate]
        differences.append(abs(accuracy - read_off(grid, rate, seed)))
        return accuracy

    for seed in range(NUM_SEEDS):
        search(grid, "random", max(_NUMS_TRIALS), seed, measure)
    print(
        f"\n{len(differences)} trials of {grid.setting.name} differ from what was read "
        f"off by {100 * np.median(differences):.1f} points, median, and "
        f"{100 * np.quantile(differences, 0.9):.1f} points, nine of ten."
    )
