"""Results of trainings, a line each in a CSV file, which can go on elsewhere."""

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
        run: The folder's name, of which there is one for each recipe, length and seed.
        test_loss, test_accuracy: Of model.keras, tested by Keras alone.
        first_val_accuracy, last_val_accuracy: After the first and the last epoch; NaN
            where nothing was held out.
        first_rate, last_rate, min_rate, max_rate: Of all updates.
        num_shown, first_shown, last_shown: The points of the rate that TensorBoard's
            own Scalars tab has.
        said: What Keras warned of.
        cpu_secs: Processor time of the program that trained, all its attempts.
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
    """A recipe with all of its finished trainings, in order of their seeds."""

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
    """The results in a file by their runs; none if there is no such file."""
    if not path.is_file():
        return {}
    types = {field.name: field.type for field in dataclasses.fields(Result)}
    with path.open(newline="") as file:
        return {
            line["run"]: Result(**{name: types[name](line[name]) for name in types})
            for line in csv.DictReader(file)
        }


def add_result(path: pathlib.Path, result: Result) -> None:
    """Adds a line; the first one in a file comes below the names."""
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
    """The rows of which at least one training is finished, by the recipes' names."""
    found: dict[Recipe, list[Training]] = {}
    for training in trainings:
        if training.run in results:
            found.setdefault(training.recipe, []).append(training)
    return {
        recipe.name: Row(recipe, done[0].epochs, tuple(results[t.run] for t in done))
        for recipe, done in found.items()
    }
