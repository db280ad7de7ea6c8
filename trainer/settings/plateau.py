"""When the rate is multiplied because a quantity stops improving."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.durations import ONE_EPOCH, Duration
from trainer.settings.flag import flag
from trainer.settings.flag_types import Length, Number, OneOf, Text, Whole


@dataclasses.dataclass(frozen=True)
class PlateauFlags:
    """Which quantity must go on improving, how it is judged, and what a cut does."""

    plateau: str | None = flag(
        None,
        Text(),
        "Any schedule: the quantity, such as val_loss, that must go on improving; "
        "where it does not, the rate is multiplied by --plateau_factor. min: or max: "
        "before it, as in max:val_f1, says what is better, as --plateau_mode does. "
        "Default: none.",
        searched="no",
        on_resume="fixed",
    )
    plateau_factor: float = flag(
        0.1,
        Number(above=0, below=1),
        "Above 0, below 1.",
        searched="no",
        on_resume="free",
    )
    plateau_every: Duration = flag(
        ONE_EPOCH,
        Length(),
        "A duration: how often the quantity is looked at. In epochs, at their ends; "
        "in updates or as a share, the mean training loss since the last look.",
        searched="no",
        on_resume="free",
    )
    plateau_patience: int = flag(
        10,
        Whole(at_least=0),
        "How many looks without improvement are allowed.",
        searched="no",
        on_resume="free",
    )
    plateau_min_delta: float = flag(
        0.0001,
        Number(at_least=0),
        "The least change that is an improvement, at least 0.",
        searched="no",
        on_resume="free",
    )
    plateau_delta_mode: str = flag(
        "absolute",
        OneOf(("absolute", "relative")),
        "Whether --plateau_min_delta is a difference or a share of the best so far.",
        searched="no",
        on_resume="free",
    )
    plateau_cooldown: int = flag(
        0,
        Whole(at_least=0),
        "How many looks after a cut do not count.",
        searched="no",
        on_resume="free",
    )
    plateau_min_learning_rate: float = flag(
        0.0,
        Number(at_least=0),
        "No cut goes below this rate, at least 0.",
        searched="no",
        on_resume="free",
    )
    plateau_mode: str = flag(
        "auto",
        OneOf(("auto", "min", "max")),
        "min: lower is better. max: higher is better. auto: as Keras knows its own "
        "metrics; of others it must be said.",
        searched="no",
        on_resume="free",
    )

    @property
    def plateau_name(self) -> str | None:
        """The quantity by the name that Keras gives it."""
        return self.plateau and self.plateau.rpartition(":")[2]

    @property
    def plateau_direction(self) -> str:
        """What is better: "min", "max", or "auto" where Keras is asked."""
        direction = (self.plateau or "").rpartition(":")[0]
        return direction or self.plateau_mode


def check_plateau_flags(flags: PlateauFlags) -> None:
    """Refuses a quantity that cannot be read, and two directions of one.

    Raises:
        ConfigError: What is before its colon is neither min nor max, or contradicts
            --plateau_mode.
    """
    direction, colon, name = (flags.plateau or "x").rpartition(":")
    if (colon and direction not in ("min", "max")) or not name:
        raise ConfigError(
            "`--plateau` must be a name, with min: or max: before it where the name "
            f"alone does not tell. Received: --plateau={flags.plateau}. For example "
            "--plateau=max:val_accuracy."
        )
    if colon and flags.plateau_mode not in ("auto", direction):
        raise ConfigError(
            "`--plateau` and --plateau_mode must agree on what is better. Received: "
            f"--plateau={flags.plateau} --plateau_mode={flags.plateau_mode}. Leave one "
            "of them out."
        )
