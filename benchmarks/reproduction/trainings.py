"""Lists every training of the reproduction, and the command for it."""

import dataclasses
import os
import pathlib
import sys
from collections.abc import Collection

FOLDER = pathlib.Path(__file__).parent
ROOT = FOLDER.parents[1]
# In the run folder: the warnings of Keras.
WARNINGS_FILE = "warnings.txt"

FIXED_RATES = ("0.001", "0.5", "0.01", "1e-05", "1e-07")
TRANSFER_RATES = ("0.001", "0.0001", "0.01")
DECAYS = ("linear", "step", "time", "exponential", "cyclical", "plateau")
BEST_FIXED = "fixed-0.001"

# How often each row of a part's table is trained.
NUM_SEEDS = {1: 1, 2: 3, 3: 1, 4: 1, 5: 5}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A row of a table, and how it is trained.

    Attributes:
        name: Unique; run names begin with it.
        parts: The tables that show it, 1 to 5.
        program: What follows `python`, flags included.
        epochs, quick_epochs: Those of the full reproduction and of the quick one.
        examples: The function of mnist.py that loads its examples.
        begins_with: The recipe with whose model it begins.
        shown_tag: The tag of the rate in the stock Scalars tab.
    """

    name: str
    parts: tuple[int, ...]
    program: tuple[str, ...]
    epochs: int = 25
    quick_epochs: int = 2
    examples: str = "load_mnist"
    begins_with: str | None = None
    shown_tag: str = "learning_rate"


@dataclasses.dataclass(frozen=True)
class Training:
    """One training: a recipe with one of its seeds."""

    recipe: Recipe
    seed: int
    is_full: bool

    @property
    def epochs(self) -> int:
        return self.recipe.epochs if self.is_full else self.recipe.quick_epochs

    @property
    def run_name(self) -> str:
        return f"{self.recipe.name}-{self.epochs}ep-seed{self.seed}"

    @property
    def begins_with(self) -> "Training | None":
        """The training with whose model this one begins."""
        if self.recipe.begins_with is None:
            return None
        return dataclasses.replace(self, recipe=find_recipe(self.recipe.begins_with))

    def command(self, logdir: pathlib.Path, *, resume: bool) -> list[str]:
        """Makes the command of the training, for the folder of the repository.

        Args:
            logdir: Absolute.
            resume: Go on from the run's last checkpoint.
        """
        where = [f"--logdir={logdir}", f"--run={self.run_name}"]
        if resume:
            return [sys.executable, "-m", "trainer", "--resume", *where]
        command = [sys.executable, *self.recipe.program]
        path = os.environ.get("MNIST_NPZ")
        if path and "trainer" in command and self.recipe.examples == "load_mnist":
            command.append(f"--dataset={os.path.abspath(path)}")
        if self.begins_with:
            path = logdir / self.begins_with.run_name / "model.keras"
            command.append(f"--weights={path}")
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
        shown_tag="epoch_learning_rate",
    ),
    Recipe(
        "stock-schedule",
        (3,),
        _stock("--rate=schedule"),
        epochs=5,
        quick_epochs=1,
        shown_tag="epoch_learning_rate",
    ),
    Recipe("decay", (3,), _trained("decay"), epochs=5, quick_epochs=1),
    Recipe(
        "lenet_one_cycle", (5,), _trained("lenet_one_cycle"), epochs=12, quick_epochs=1
    ),
    Recipe("lenet_inverse", (5,), _trained("lenet_inverse"), epochs=85, quick_epochs=7),
    *(Recipe(name, (2,), _trained(name)) for name in DECAYS),
    Recipe(
        "first_half",
        (4,),
        _trained("first_half"),
        epochs=3,
        quick_epochs=1,
        examples="first_half",
    ),
    *(
        Recipe(
            f"transfer-{rate}",
            (4,),
            _trained("transfer", f"--learning_rate={rate}"),
            epochs=3,
            quick_epochs=1,
            examples="second_half",
            begins_with="first_half",
        )
        for rate in TRANSFER_RATES
    ),
)


def find_recipe(name: str) -> Recipe:
    (found,) = (recipe for recipe in RECIPES if recipe.name == name)
    return found


def list_trainings(
    *, full: bool, max_seeds: int, parts: Collection[int]
) -> list[Training]:
    """Lists the trainings of `parts`, the first seed of all before the second of any.

    So every row of every table is there long before the last seed.

    Args:
        full: Whether to train all epochs, not few.
        max_seeds: At most so many seeds of each, and at most those of NUM_SEEDS.
    """
    num_seeds = {
        recipe: max(NUM_SEEDS[part] for part in set(recipe.parts) & set(parts))
        for recipe in RECIPES
        if set(recipe.parts) & set(parts)
    }
    return [
        Training(recipe, seed, full)
        for seed in range(max_seeds)
        for recipe in num_seeds
        if seed < num_seeds[recipe]
    ]
