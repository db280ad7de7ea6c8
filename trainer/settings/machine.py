"""How the updates are computed: compiled, accumulated, on which devices."""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.flag import flag
from trainer.settings.flag_types import OneOf, Switch, Whole

STRATEGIES = ("none", "mirrored", "multi_worker")


@dataclasses.dataclass(frozen=True)
class MachineFlags:
    """How the updates are computed, how exactly, and on which devices."""

    steps_per_execution: int = flag(
        1,
        Whole(at_least=1),
        "Iterations in one call of the compiled function.",
        searched="no",
        on_resume="free",
    )
    jit_compile: bool = flag(
        False,
        Switch(),
        "Compile the step with XLA.",
        searched="no",
        on_resume="free",
    )
    mixed_precision: bool = flag(
        False,
        Switch(),
        "Compute in float16, keep the weights in float32.",
        searched="no",
        on_resume="fixed",
    )
    accumulate: int = flag(
        1,
        Whole(at_least=1),
        "Batches whose gradients are added up for one update of the weights. "
        "Schedules and durations count updates.",
        searched="no",
        on_resume="fixed",
    )
    strategy: str = flag(
        "none",
        OneOf(STRATEGIES),
        "none: one device. mirrored: all devices of this machine. multi_worker: all "
        "machines that TF_CONFIG names, the same command on each. --batch_size is "
        "divided among them.",
        searched="no",
        on_resume="free",
    )


def check_accumulate(flags: MachineFlags) -> None:
    """Refuses to add up gradients on several devices.

    Raises:
        ConfigError: --accumulate together with --strategy.
    """
    if flags.strategy != "none" and flags.accumulate > 1:
        raise ConfigError(
            "`--accumulate` works on one device only: where there are several, Keras "
            "cannot add up their gradients every few batches. Received: "
            f"--accumulate={flags.accumulate} --strategy={flags.strategy}. Leave one "
            "of them out."
        )


def check_multi_worker(
    flags: MachineFlags, *, mode: str, learning_rate: object
) -> None:
    """Refuses what several machines cannot do together.

    Raises:
        ConfigError: They are to look for a rate, or to compile steps as Keras cannot.
    """
    if flags.strategy != "multi_worker":
        return
    looks_for_a_rate = mode == "range_test" or learning_rate == "auto"
    if looks_for_a_rate or mode == "search":
        asked = f"--mode={mode}"
        if learning_rate == "auto":
            asked += " --learning_rate=auto"
        raise ConfigError(
            "`--strategy=multi_worker` trains at a rate that is known. Received: "
            f"--strategy=multi_worker with {asked}. Look for the rate with "
            "--strategy=none first; a search shares its trials among machines without "
            "a strategy."
        )
    if flags.jit_compile or flags.steps_per_execution > 1:
        raise ConfigError(
            "`--strategy=multi_worker` makes one call of TensorFlow for each batch, "
            "without XLA: Keras cannot do otherwise there. Received: "
            f"--steps_per_execution={flags.steps_per_execution}"
            f"{' --jit_compile' if flags.jit_compile else ''}. Leave it out."
        )
