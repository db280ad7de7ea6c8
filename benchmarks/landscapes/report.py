"""Compares what is said of single runs with what their grids know."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from landscapes.settings import Setting, is_calibration
from landscapes.trainings import Result
from landscapes.verdicts import Verdict

# Rates of a grid lie half a decade apart.
_PLACES_OF_DECADE = 2

Judged = Sequence[tuple[Result, Verdict]]


@dataclasses.dataclass(frozen=True, eq=False)
class Grid:
    """The runs of a setting.

    Attributes:
        runs: By the place of their rate, then by seed.
        best: The place of the rate with the lowest validation loss, mean over seeds.
    """

    setting: Setting
    runs: Sequence[Judged]
    best: int

    def accuracy_at(self, place: int) -> float:
        """Gives the mean over seeds of the validation accuracy."""
        return float(np.mean([result.accuracy for result, _ in self.runs[place]]))


def make_grids(judged: Judged) -> list[Grid]:
    """Puts the runs in order."""
    by_setting: dict[Setting, list] = {}
    for result, verdict in judged:
        by_setting.setdefault(result.setting, []).append((result, verdict))
    grids = []
    for setting, runs in by_setting.items():
        rates = sorted({result.rate for result, _ in runs})
        of_rates = [[run for run in runs if run[0].rate == rate] for rate in rates]
        losses = [np.mean([result.loss for result, _ in runs]) for runs in of_rates]
        grids.append(Grid(setting, of_rates, int(np.nanargmin(losses))))
    return grids


def print_report(grids: Sequence[Grid]) -> None:
    """Prints the tables, for the half that thresholds were chosen on and the other."""
    for title, is_shown in (("Chosen on these", True), ("Held out", False)):
        half = [grid for grid in grids if is_calibration(grid.setting) == is_shown]
        print(f"\n## {title}: {len(half)} grids\n")
        _print_directions(half)
        _print_intervals(half)


def _print_directions(grids: Sequence[Grid]) -> None:
    bands = {
        "10 times below the best, or more": (-math.inf, -_PLACES_OF_DECADE),
        "3 times below": (-1, -1),
        "the best": (0, 0),
        "3 times above": (1, 1),
        "10 times above, or more": (_PLACES_OF_DECADE, math.inf),
    }
    print("| rate | too low | too high | nothing |\n|---|---|---|---|")
    for name, (low, high) in bands.items():
        said = [
            verdict.direction
            for grid in grids
            for place, runs in enumerate(grid.runs)
            if low <= place - grid.best <= high
            for _, verdict in runs
        ]
        counts = (said.count("low"), said.count("high"), said.count(""))
        print(f"| {name} | {' | '.join(map(str, counts))} |")


def _print_intervals(grids: Sequence[Grid]) -> None:
    is_within = [
        verdict.interval[0] <= grid.runs[grid.best][0][0].rate <= verdict.interval[1]
        for grid in grids
        for runs in grid.runs
        for _, verdict in runs
        if verdict.interval is not None
    ]
    print(
        f"\n{sum(is_within)} of {len(is_within)} intervals around all suggestions "
        "have the best rate."
    )
