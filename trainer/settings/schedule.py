"""Which flags shape which schedule, and what must hold of them."""

from typing import TYPE_CHECKING

from trainer.errors import ConfigError

if TYPE_CHECKING:
    from trainer.settings.config import Config

# The flags that shape each schedule. Those of the warmup, and --staircase, fit all.
SCHEDULE_FLAGS: dict[str, tuple[str, ...]] = {
    "constant": (),
    "time": ("decay",),
    "time_per_epoch": ("decay",),
    "linear": ("end_learning_rate", "schedule_length"),
    "polynomial": ("end_learning_rate", "schedule_length", "power"),
    "exponential": ("decay_factor", "decay_every"),
    "step": ("decay_factor", "decay_every"),
    "piecewise": ("boundaries", "values"),
    "cosine": ("end_learning_rate", "schedule_length"),
    "cosine_restarts": ("end_learning_rate", "cycle", "cycle_growth", "cycle_factor"),
    "triangular": ("max_learning_rate", "cycle"),
    "triangular2": ("max_learning_rate", "cycle"),
    "exp_range": ("max_learning_rate", "cycle", "gamma"),
    "one_cycle": (
        "max_learning_rate",
        "end_learning_rate",
        "schedule_length",
        "cycle_momentum",
    ),
    "inverse_sqrt": ("timescale",),
    "warmup_stable_decay": ("end_learning_rate", "decay_length"),
}


def check_schedule(config: "Config") -> None:
    """Raises ConfigError where flags do not fit the schedule, or each other."""
    _check_schedule_flags(config)
    _check_piecewise(config)
    _check_cycle(config)
    if config.warmup_shape == "exponential" and config.warmup_factor == 0:
        raise ConfigError(
            "`--warmup_factor` must be above 0 where the warmup is exponential. "
            "Received: --warmup_factor=0. Give a small share, such as 0.01."
        )


def _check_schedule_flags(config: "Config") -> None:
    used = SCHEDULE_FLAGS[config.schedule_name]
    names = {name for flags in SCHEDULE_FLAGS.values() for name in flags}
    for name in sorted(names - set(used)):
        if getattr(config, name) is not None:
            owners = [s for s, flags in SCHEDULE_FLAGS.items() if name in flags]
            raise ConfigError(
                f"`--{name}` belongs to --schedule={' or '.join(owners)}. Received: "
                f"--schedule={config.schedule_name}. Change --schedule or leave "
                f"--{name} out."
            )
    if config.schedule_name == "time_per_epoch" and config.decay is None:
        raise ConfigError(
            "`--schedule=time_per_epoch` needs --decay. Received: none. Add it, such "
            "as --decay=0.01: the rate is divided by 1.01, then by 1.02, ..."
        )


def _check_piecewise(config: "Config") -> None:
    if config.schedule_name != "piecewise":
        return
    if config.boundaries is None or config.values is None:
        raise ConfigError(
            "`--schedule=piecewise` needs --boundaries and --values. Received: one or "
            "none of them. For example --boundaries=50%,75% --values=0.001,0.0001."
        )
    if len(config.boundaries) != len(config.values):
        raise ConfigError(
            "`--values` must be as many as --boundaries: the rate from each on. "
            f"Received: {len(config.boundaries)} boundaries, {len(config.values)} "
            "values. The rate before the first boundary is --learning_rate."
        )


def _check_cycle(config: "Config") -> None:
    base, top = config.learning_rate, config.max_learning_rate
    if top is not None and isinstance(base, (int, float)) and top <= base:
        raise ConfigError(
            "`--max_learning_rate` must be above --learning_rate. Received: "
            f"--max_learning_rate={top:g} --learning_rate={base:g}. Raise one or "
            "lower the other."
        )
    pair = config.cycle_momentum
    if pair is not None and (len(pair) != 2 or pair[0] >= pair[1]):
        raise ConfigError(
            "`--cycle_momentum` must be two numbers, the lower first. Received: "
            f"--cycle_momentum={','.join(f'{value:g}' for value in pair)}. For "
            "example --cycle_momentum=0.85,0.95."
        )
