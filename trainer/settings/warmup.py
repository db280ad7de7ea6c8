"""What goes with any schedule: a warmup before it, or making it a staircase."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.durations import Duration
from trainer.settings.flag import flag
from trainer.settings.flag_types import Length, Number, OneOf, Switch


@dataclasses.dataclass(frozen=True)
class WarmupFlags:
    """How the rate rises before its schedule begins, and whether it moves by epochs."""

    warmup: Duration | None = flag(
        None,
        Length(or_zero=True),
        "Any schedule: a duration before it, in which the rate rises to "
        "--learning_rate. Default: 10% for warmup_stable_decay, else 0.",
        searched="evenly",
        on_resume="free",
    )
    warmup_shape: str = flag(
        "linear",
        OneOf(("linear", "exponential")),
        "How the rate rises in the warmup.",
        searched="evenly",
        on_resume="free",
    )
    warmup_factor: float = flag(
        0.01,
        Number(at_least=0, below=1),
        "Where the warmup starts, as a share of --learning_rate; at least 0, below 1, "
        "and above 0 where it is exponential.",
        searched="evenly",
        on_resume="free",
    )
    staircase: bool = flag(
        False,
        Switch(),
        "Any schedule: move the rate at the start of each epoch only.",
        searched="no",
        on_resume="free",
    )


def check_warmup(flags: WarmupFlags) -> None:
    """Refuses an exponential rise from 0.

    Raises:
        ConfigError: --warmup_factor is 0.
    """
    if flags.warmup_shape == "exponential" and flags.warmup_factor == 0:
        raise ConfigError(
            "`--warmup_factor` must be above 0 where the warmup is exponential. "
            "Received: --warmup_factor=0. Give a small share, such as 0.01."
        )
