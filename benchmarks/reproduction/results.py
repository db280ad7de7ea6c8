"""Keeps the results of trainings, a line each in a CSV file."""

import csv
import dataclasses
import pathlib
import statistics
from collections.abc import Iterable, Mapping

from benchmarks.reproduction.trainings import Recipe, Training


@dataclasses.dataclass(frozen=True)
class Result:
    """What the tables need of one finished training.

    Attributes:
        run: The run name, which is another for each recipe, length and seed.
        test_loss, test_accuracy: Those of model.keras, tested by Keras alone.
        first_val_accuracy, last_val_accuracy: Those after the first and the last epoch;
            NaN where nothing was held out.
        first_rate, last_rate, min_rate, max_rate: The rates of all updates.
        num_shown, first_shown, last_shown: The points of the rate that the stock
            Scalars tab has.
        said: The warnings of Keras.
        cpu_secs: Processor time of the program that trained, all its attempts together.
    """

    run: str
    test_loss: float
    test_accuracy: float
    first_val_accuracy: float
    last_val_accuracy: float
    first_rate: float
    last_rate: float
    min_rate: float
    max_rate: float
    num_shown: int
    first_shown: float
    last_shown: float
    said: str
    cpu_secs: float


@dataclasses.dataclass(frozen=True)
class Row:
    """A recipe with all of its finished trainings, in the order of their seeds."""

    recipe: Recipe
    epochs: int
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


def read_results(path: pathlib.Path) -> dict[str, Result]:
    """Reads the results in a file, by run name; none if there is no such file."""
    if not path.is_file():
        return {}
    types = {field.name: field.type for field in dataclasses.fields(Result)}
    with path.open(newline="") as file:
        return {
            line["run"]: Result(**{name: types[name](line[name]) for name in types})
            for line in csv.DictReader(file)
        }


def add_result(path: pathlib.Path, result: Result) -> None:
    """Adds a line; a new file gets a line of names first."""
    line = dataclasses.asdict(result)
    is_new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, line, lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow(line)


def rows_of(
    results: Mapping[str, Result], trainings: Iterable[Training]
) -> dict[str, Row]:
    """Makes a row for each recipe of which a training is finished, by its name."""
    found: dict[Recipe, list[Training]] = {}
    for training in trainings:
        if training.run_name in results:
            found.setdefault(training.recipe, []).append(training)
    return {
        recipe.name: Row(
            recipe, done[0].epochs, tuple(results[t.run_name] for t in done)
        )
        for recipe, done in found.items()
    }
