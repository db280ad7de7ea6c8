"""The rate to start from, and the range test that finds it."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.flag import flag
from trainer.settings.flag_types import Number, Switch, Whole


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
