"""Checks the flags of the schedule against each other."""

from trainer.errors import ConfigError
from trainer.settings.schedule import (
    FLAGS_OF_SCHEDULES,
    SCHEDULE_FLAGS,
    ScheduleFlags,
    flags_of_schedule,
)


def check_schedule(flags: ScheduleFlags, *, learning_rate: object) -> None:
    """Refuses flags that do not fit the schedule, or each other.

    Raises:
        ConfigError: One of them belongs to another schedule, is missing or is wrong.
    """
    _check_owners(flags)
    _check_piecewise(flags)
    _check_cycle(flags, learning_rate)


def _check_owners(flags: ScheduleFlags) -> None:
    mine = flags_of_schedule(flags.schedule_name)
    for name in sorted(set(FLAGS_OF_SCHEDULES) - set(mine)):
        if getattr(flags, name) is not None:
            owners = [s for s, names in SCHEDULE_FLAGS.items() if name in names]
            raise ConfigError(
                f"`--{name}` belongs to --schedule={' or '.join(owners)}. Received: "
                f"--schedule={flags.schedule_name}. Change --schedule or leave "
                f"--{name} out."
            )
    if flags.schedule_name == "time_per_epoch" and flags.decay is None:
        raise ConfigError(
            "`--schedule=time_per_epoch` needs --decay. Received: none. Add it, such "
            "as --decay=0.01: the rate is divided by 1.01, then by 1.02, ..."
        )


def _check_piecewise(flags: ScheduleFlags) -> None:
    if flags.schedule_name != "piecewise":
        return
    if flags.boundaries is None or flags.values is None:
        raise ConfigError(
            "`--schedule=piecewise` needs --boundaries and --values. Received: one or "
            "none of them. For example --boundaries=50%,75% --values=0.001,0.0001."
        )
    if len(flags.boundaries) != len(flags.values):
        raise ConfigError(
            "`--values` must be as many as --boundaries: the rate from each on. "
            f"Received: {len(flags.boundaries)} boundaries, {len(flags.values)} "
            "values. The rate before the first boundary is --learning_rate."
        )


def _check_cycle(flags: ScheduleFlags, base: object) -> None:
    top = flags.max_learning_rate
    if top is not None and isinstance(base, (int, float)) and top <= base:
        raise ConfigError(
            "`--max_learning_rate` must be above --learning_rate. Received: "
            f"--max_learning_rate={top:g} --learning_rate={base:g}. Raise one or "
            "lower the other."
        )
    if flags.schedule_name == "one_cycle" and flags.decay_shape == "1-sqrt":
        raise ConfigError(
            "`--decay_shape` of one_cycle must be linear or cosine. Received: "
            "--decay_shape=1-sqrt. Change it, or use --schedule=warmup_stable_decay."
        )
    pair = flags.cycle_momentum
    if pair is not None and (len(pair) != 2 or pair[0] >= pair[1]):
        raise ConfigError(
            "`--cycle_momentum` must be two numbers, the lower first. Received: "
            f"--cycle_momentum={','.join(f'{value:g}' for value in pair)}. For "
            "example --cycle_momentum=0.85,0.95."
        )
