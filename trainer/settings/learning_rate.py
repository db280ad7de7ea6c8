"""The rate to start from, the range test that finds it, and how batches scale it."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.flag import flag
from trainer.settings.flag_types import Number, OneOf, Switch, Whole

SCALINGS = ("none", "linear", "sqrt")


@dataclasses.dataclass(frozen=True)
class LearningRateFlags:
    """The rate to start from, or how a range test looks for it."""

    learning_rate: float | str | None = flag(
        None,
        Number(above=0, words=("auto",)),
        "The rate that the schedule starts from, above 0, or auto: found by a range "
        "test first. Default: the optimizer's own in Keras, as 0.001 for adam.",
        searched="by factors",
        on_resume="free",
    )
    range_test_min: float = flag(
        1e-6,
        Number(above=0),
        "range_test, --learning_rate=auto: the lowest rate.",
        searched="no",
        on_resume="free",
    )
    range_test_max: float = flag(
        10.0,
        Number(above=0),
        "range_test, --learning_rate=auto: the highest rate.",
        searched="no",
        on_resume="free",
    )
    range_test_steps: int = flag(
        100,
        Whole(at_least=10),
        "range_test, --learning_rate=auto: how many rates, log-spaced, one for each "
        "update.",
        searched="no",
        on_resume="free",
    )
    range_test_repeats: int = flag(
        3,
        Whole(at_least=1),
        "range_test, --learning_rate=auto: how often; each repeat takes other "
        "batches, and how far they disagree makes the interval.",
        searched="no",
        on_resume="free",
    )
    range_test_validation: bool = flag(
        False,
        Switch(),
        "range_test, --learning_rate=auto: take the losses of one fixed batch of "
        "held-out examples, at most 512, after each update, not those of the updates' "
        "own batches.",
        searched="no",
        on_resume="free",
    )


@dataclasses.dataclass(frozen=True)
class ScalingFlags:
    """How a rate that was found for other batches is made one for these."""

    scale_learning_rate: str = flag(
        "none",
        OneOf(SCALINGS),
        "Every rate that is given is multiplied: linear by how many times as large as "
        "--scale_from_batch_size the batch of an update is, sqrt by the root of that. "
        "Where rates grow and --warmup is not given, a warmup from the rate as given "
        "comes first: 5 epochs, or 10% of a run of less than 50.",
        searched="no",
        on_resume="free",
    )
    scale_from_batch_size: int = flag(
        32,
        Whole(at_least=1),
        "--scale_learning_rate: the --batch_size for which the rate was found.",
        searched="no",
        on_resume="free",
    )


def check_range_test(flags: LearningRateFlags) -> None:
    """Refuses rates to test that do not rise.

    Raises:
        ConfigError: The lowest is not below the highest.
    """
    lowest, highest = flags.range_test_min, flags.range_test_max
    if lowest >= highest:
        raise ConfigError(
            "`--range_test_min` must be below --range_test_max. Received: "
            f"--range_test_min={lowest:g} --range_test_max={highest:g}. For example "
            "--range_test_min=1e-6 --range_test_max=10."
        )


def check_scaling(flags: ScalingFlags, *, mode: str, learning_rate: object) -> None:
    """Refuses to scale a rate that is found for the batches at hand.

    Raises:
        ConfigError: A range test finds the rate.
    """
    is_found = mode == "range_test" or learning_rate == "auto"
    if flags.scale_learning_rate != "none" and is_found:
        asked = f"--mode={mode}"
        if learning_rate == "auto":
            asked += " --learning_rate=auto"
        raise ConfigError(
            "`--scale_learning_rate` is for a rate that was found with other batches; "
            "a range test finds it for these. Received: --scale_learning_rate="
            f"{flags.scale_learning_rate} with {asked}. Leave it out."
        )
