"""How long a model is trained, and on which batches."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.flag import flag
from trainer.settings.flag_types import Number, Switch, Whole


@dataclasses.dataclass(frozen=True)
class TrainingFlags:
    """The length of a run, its batches, and what makes it the same again."""

    epochs: int = flag(
        5,
        Whole(at_least=1),
        "Passes over the training data.",
        searched="no",
        on_resume="free",
    )
    batch_size: int = flag(
        32,
        Whole(at_least=1),
        "Examples in one batch.",
        searched="by factors",
        on_resume="fixed",
    )
    validation_split: float = flag(
        0.2,
        Number(at_least=0, below=1),
        "Share of the training data kept for validation, the same of every class, at "
        "least 0, below 1. Which examples these are does not depend on --seed. Data "
        "with a validation part of its own keeps that.",
        searched="no",
        on_resume="fixed",
    )
    seed: int = flag(
        0,
        # TensorFlow shuffles by an int32.
        Whole(at_least=0, at_most=2**31 - 1),
        "Seeds weights, dropout and the order of the data: the same seed gives the "
        "same run.",
        searched="no",
        on_resume="fixed",
    )
    stop_at_nan: bool = flag(
        True,
        Switch(),
        "End a training whose weights are no longer finite, with exit code 1: it "
        "cannot succeed any more.",
        searched="no",
        on_resume="free",
    )
    deterministic: bool | None = flag(
        None,
        Switch(),
        "Use only TensorFlow operations that give the same bits every time. On one "
        "CPU the same seed, or a run that was resumed, is then equal to the last bit; "
        "TensorFlow promises no such thing between machines or versions, and for XLA "
        "not at all. A few operations have no such form on a GPU; the program then "
        "ends and names the first. Default: true, except with --jit_compile.",
        searched="no",
        on_resume="free",
    )


def check_deterministic(flags: TrainingFlags, *, jit_compile: bool) -> None:
    """Refuses to promise the same bits where XLA computes them.

    Raises:
        ConfigError: --deterministic together with --jit_compile.
    """
    if jit_compile and flags.deterministic:
        raise ConfigError(
            "`--deterministic` cannot be promised for what XLA compiles. Received: "
            "--deterministic --jit_compile. Leave one of them out."
        )
