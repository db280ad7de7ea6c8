"""Every training of the reproduction, and the command that does it."""

import dataclasses
import os
import pathlib
import sys
from collections.abc import Collection

FOLDER = pathlib.Path(__file__).parent
ROOT = FOLDER.parents[1]

FIXED_RATES = ("0.001", "0.5", "0.01", "1e-05", "1e-07")
DECAYS = ("linear", "step", "time", "exponential", "cyclical", "plateau")
BEST_FIXED = "fixed-0.001"

# How often each row of a part's table is trained.
NUM_SEEDS = {1: 1, 2: 3, 3: 1, 5: 5}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A row of a table, and how it is trained.

    Attributes:
        name: Unique; the runs' folders are named after it.
        parts: The tables that show it, 1 to 5.
        program: What follows `python`, flags included.
        epochs, quick_epochs: Of the full reproduction and of the quick one.
        reads_mnist: Whether its --dataset is the whole MNIST, wherever that is.
        begins_with: The recipe whose model it goes on from.
    """

    name: str
    parts: tuple[int, ...]
    program: tuple[str, ...]
    epochs: int = 25
    quick_epochs: int = 2
    reads_mnist: bool = True
    begins_with: str | None = None


@dataclasses.dataclass(frozen=True)
class Training:
    """One training: a recipe with one of its seeds."""

    recipe: Recipe
    epochs: int
    seed: int

    @property
    def run(self) -> str:
        return f"{self.recipe.name}-{self.epochs}ep-seed{self.seed}"

    def command(self, logdir: pathlib.Path, *, resume: bool) -> list[str]:
        """The program and its flags, to be run in the folder of the repository.

        Args:
            logdir: Absolute.
            resume: Go on from the run's last checkpoint.
        """
        where = [f"--logdir={logdir}", f"--run={self.run}"]
        if resume:
            return [sys.executable, "-m", "trainer", "--resume", *where]
        command = [sys.executable, *self.recipe.program]
        path = os.environ.get("MNIST_NPZ")
        if path and self.recipe.reads_mnist:
            command.append(f"--dataset={os.path.abspath(path)}")
        return [*command, f"--epochs={self.epochs}", f"--seed={self.seed}", *where]


def _trained(flagfile: str, *settings: str) -> tuple[str, ...]:
    path = (FOLDER / f"{flagfile}.flags").relative_to(ROOT)
    return ("-m", "trainer", f"--flagfile={path}", *settings)


def _stock(*settings: str) -> tuple[str, ...]:
    return (str((FOLDER / "stock_adam.py").relative_to(ROOT)), *settings)


RECIPES = (
    *(
        Recipe(
            f"fixed-{rate}",
            (1, 2) if f"fixed-{rate}" == BEST_FIXED else (1,),
            _trained("fixed", f"--learning_rate={rate}"),
        )
        for rate in FIXED_RATES
    ),
    Recipe(
        "stock-decay",
        (3,),
        _stock("--rate=decay"),
        epochs=5,
        quick_epochs=1,
        reads_mnist=False,
    ),
    Recipe(
        "stock-schedule",
        (3,),
        _stock("--rate=schedule"),
        epochs=5,
        quick_epochs=1,
        reads_mnist=False,
    ),
    Recipe("decay", (3,), _trained("decay"), epochs=5, quick_epochs=1),
    *(Recipe(name, (2,), _trained(name)) for name in DECAYS),
)


def list_trainings(
    *, full: bool, max_seeds: int | None, parts: Collection[int]
) -> list[Training]:
    """The trainings of `parts`, the first seed of all before the second of any.

    So every row of every table is there long before the last seed.

    Args:
        full: All epochs and seeds; otherwise few epochs and one seed.
        max_seeds: Fewer seeds than these; None for what `full` says.
    """
    num_seeds = {
        recipe: max(NUM_SEEDS[part] for part in set(recipe.parts) & set(parts))
        for recipe in RECIPES
        if set(recipe.parts) & set(parts)
    }
    limit = (max_seeds or max(num_seeds.values())) if full else 1
    return [
        Training(recipe, recipe.epochs if full else recipe.quick_epochs, seed)
        for seed in range(limit)
        for recipe in num_seeds
        if seed < num_seeds[recipe]
    ]
