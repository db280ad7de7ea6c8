"""How a search chooses and compares trials; the other flags say what it varies."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.flag import flag
from trainer.settings.flag_types import Number, OneOf, Switch, Text, Whole

TUNERS = ("random", "grid", "bayesian", "hyperband")


@dataclasses.dataclass(frozen=True)
class SearchFlags:
    """How trials are chosen, compared and ended early, on one machine or many."""

    search_space: str | None = flag(
        None,
        OneOf(("auto",)),
        "search. auto: vary --learning_rate around the interval of a range test. "
        "Default: the ranges and choices of the other flags; without any, "
        "--learning_rate=1e-4..1e-1 --schedule=constant,exponential,cosine "
        "--warmup=0%..10%, as far as these are not given.",
        searched="no",
        on_resume="used up",
        is_shown=False,
        repeated="never",
    )
    tuner: str = flag(
        "random",
        OneOf(TUNERS),
        "search. random: anywhere. grid: everywhere, a range being 5 values. "
        "bayesian: where a Gaussian process expects most. hyperband: anywhere, for "
        "few epochs at first; the best go on up to --epochs.",
        searched="no",
        on_resume="free",
        is_shown=False,
        repeated="in a search",
    )
    max_trials: int | None = flag(
        None,
        Whole(at_least=1),
        "search: at most so many. Default: 20; for grid and hyperband all that these "
        "make.",
        searched="no",
        on_resume="free in a search",
        is_shown=False,
        repeated="in a search",
    )
    objective: str | None = flag(
        None,
        Text(),
        "search: the quantity to compare trials by, at its best epoch. min: or max: "
        "before it, as in max:val_f1, says what is better where its name does not. "
        "Default: the validation accuracy if the model reports one, else the loss.",
        searched="no",
        on_resume="free",
        is_shown=False,
        repeated="in a search",
    )
    trial_seeds: int = flag(
        1,
        Whole(at_least=1),
        "search: how often each trial is trained, with --seed, --seed + 1, ...; the "
        "mean counts.",
        searched="no",
        on_resume="free",
        is_shown=False,
        repeated="in a search",
    )
    stop_hopeless: bool = flag(
        True,
        Switch(),
        "search: end a trial whose best value so far is worse than the median of what "
        "others had on average by then.",
        searched="no",
        on_resume="free in a search",
        is_shown=False,
        repeated="in a search",
    )
    retrain_best: bool = flag(
        True,
        Switch(),
        "search: train the best settings once more, and evaluate on the test set.",
        searched="no",
        on_resume="free in a search",
        is_shown=False,
        repeated="in a search",
    )
    lost_after_secs: float = flag(
        60.0,
        Number(above=0),
        "search on many machines: a worker that is silent for so long is lost, and "
        "another takes over its trial.",
        searched="no",
        on_resume="free in a search",
        is_shown=False,
        repeated="in a search",
    )
    chief_wait_secs: float = flag(
        600.0,
        Number(above=0),
        "search on many machines: so long a worker waits for its chief.",
        searched="no",
        on_resume="free in a search",
        is_shown=False,
        repeated="in a search",
    )


def check_search(flags: SearchFlags, *, learning_rate: object) -> None:
    """Refuses flags of a search that contradict each other.

    Raises:
        ConfigError: Two flags say where to search, or --objective cannot be read.
    """
    if flags.search_space == "auto" and learning_rate not in (None, "auto"):
        raise ConfigError(
            "`--search_space=auto` finds the range of the rate. Received: "
            "--learning_rate, too. Leave one of them out."
        )
    if flags.objective is not None:
        direction, colon, name = flags.objective.rpartition(":")
        if (colon and direction not in ("min", "max")) or not name:
            raise ConfigError(
                "`--objective` must be a name, with min: or max: before it where the "
                f"name alone does not tell. Received: --objective={flags.objective}. "
                "For example --objective=max:val_accuracy."
            )
