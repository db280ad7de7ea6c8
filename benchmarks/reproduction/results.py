"""What a finished training left in its folder, as the tables need it."""

import csv
import dataclasses
import json
import pathlib
import statistics
from collections.abc import Iterable

from benchmarks.reproduction.trainings import Recipe, Training

SCORES_FILE = "test_by_keras.json"
ATTEMPTS_FILE = "attempts.csv"


@dataclasses.dataclass(frozen=True)
class Result:
    """One finished training.

    Attributes:
        test_loss, test_accuracy: Of model.keras.
        history: A dict for each epoch: loss, val_accuracy, ...; of the trainer's runs.
        cpu_secs: Processor time of the program that trained, all its attempts.
    """

    training: Training
    folder: pathlib.Path
    test_loss: float
    test_accuracy: float
    history: tuple[dict[str, float], ...]
    cpu_secs: float


@dataclasses.dataclass(frozen=True)
class Row:
    """All finished trainings of one recipe, in order of their seeds."""

    recipe: Recipe
    results: tuple[Result, ...]

    @property
    def test_loss(self) -> float:
        return statistics.fmean(result.test_loss for result in self.results)

    @property
    def test_accuracy(self) -> float:
        return statistics.fmean(result.test_accuracy for result in self.results)

    @property
    def accuracy_deviation(self) -> float | None:
        """Standard deviation between seeds; None for one seed."""
        values = [result.test_accuracy for result in self.results]
        return statistics.stdev(values) if len(values) > 1 else None


def is_finished(folder: pathlib.Path) -> bool:
    return (folder / SCORES_FILE).is_file()


def read_rows(logdir: pathlib.Path, trainings: Iterable[Training]) -> dict[str, Row]:
    """The rows of which at least one training is finished, by the recipes' names."""
    results: dict[Recipe, list[Result]] = {}
    for training in trainings:
        folder = logdir / training.run
        if is_finished(folder):
            results.setdefault(training.recipe, []).append(_read(training, folder))
    return {recipe.name: Row(recipe, tuple(found)) for recipe, found in results.items()}


def note_attempt(folder: pathlib.Path, *, secs: float, cpu_secs: float) -> None:
    """Adds a line on how long a program ran for the training, finished or not."""
    with (folder / ATTEMPTS_FILE).open("a", newline="") as file:
        csv.writer(file).writerow([f"{secs:.1f}", f"{cpu_secs:.1f}"])


def _read(training: Training, folder: pathlib.Path) -> Result:
    scores = json.loads((folder / SCORES_FILE).read_text())
    attempts = _read_lines(folder / ATTEMPTS_FILE)
    lines = _read_lines(folder / "history.csv")
    history = [
        {
            name: float(text)
            for name, text in zip(lines[0], line, strict=True)
            # What an epoch did not have, such as a validation.
            if text != "NA"
        }
        for line in lines[1:]
    ]
    return Result(
        training,
        folder,
        test_loss=scores["test_loss"],
        test_accuracy=scores["test_accuracy"],
        history=tuple(history),
        cpu_secs=sum(float(cpu_secs) for _, cpu_secs in attempts),
    )


def _read_lines(path: pathlib.Path) -> list[list[str]]:
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return list(csv.reader(file))
