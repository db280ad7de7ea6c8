"""What the tab says of each run."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

from landscapes.trainings import Result
from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope

# What a finding says of the rate, where it says that.
DIRECTIONS = {
    "rate_too_low": "low",
    "rate_too_high": "high",
    "diverged": "high",
    "nonfinite_loss": "high",
}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is said of a run.

    Attributes:
        direction: "low", "high", or "" where nothing is said of the rate.
        kinds: Of all findings.
        interval: Around the suggestion for the next run; None where there is none.
    """

    direction: str
    kinds: frozenset[str]
    interval: tuple[float, float] | None


def read_verdicts(
    results: list[Result], logdir: Path
) -> Iterator[tuple[Result, Verdict]]:
    """Asks the reader that the tab asks, one grid after the other."""
    by_name: dict[str, list[Result]] = {}
    for result in results:
        by_name.setdefault(result.setting.name, []).append(result)
    for name, of_grid in by_name.items():
        runs = _list_runs(logdir / name)
        for result in of_grid:
            folder = result.folder_in(logdir).relative_to(logdir / name)
            yield result, _make_verdict(runs[os.fspath(folder)])


def _list_runs(logdir: Path) -> dict[str, dict]:
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        tensor_size_guidance={"learning_rate": 0, "learning_rate_raw": 0}
    )
    multiplexer.AddRunsFromDirectory(os.fspath(logdir))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, os.fspath(logdir))
    reader = LearningRateReader(provider, directories=RunDirectories())
    found = reader.list_runs(Scope(RequestContext(), ""))
    return {run["run"]: run for run in found["runs"]}


def _make_verdict(run: dict) -> Verdict:
    kinds = [finding["kind"] for finding in run["findings"]]
    # The worst comes first.
    directions = [DIRECTIONS[kind] for kind in kinds if kind in DIRECTIONS]
    landscape = run["landscape"]
    return Verdict(
        directions[0] if directions else "",
        frozenset(kinds),
        landscape["suggestion"]["interval"] if landscape else None,
    )
