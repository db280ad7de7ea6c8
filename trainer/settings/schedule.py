"""How the rate moves: the schedules, and which flags shape which of them."""

import dataclasses

from trainer.settings.durations import Duration
from trainer.settings.flag import flags_of, schedule_flag
from trainer.settings.flag_types import (
    Length,
    Number,
    NumberOrShare,
    OneOf,
    OneOfOrFunction,
    Several,
    Share,
)

# planning/schedule_table.py builds each by the same name.
SCHEDULES = (
    "constant",
    "time",
    "time_per_epoch",
    "linear",
    "polynomial",
    "exponential",
    "step",
    "piecewise",
    "cosine",
    "cosine_restarts",
    "triangular",
    "triangular2",
    "exp_range",
    "one_cycle",
    "inverse_sqrt",
    "warmup_stable_decay",
)


@dataclasses.dataclass(frozen=True)
class ScheduleFlags:
    """The schedule, and the flags that shape some of the schedules."""

    schedule: str | None = schedule_flag(
        None,
        OneOfOrFunction(SCHEDULES),
        f"How the rate moves: {', '.join(SCHEDULES)}; or module:function, which may "
        "ask for learning_rate, num_steps, steps_per_epoch and epochs, and returns a "
        "LearningRateSchedule of Keras, a number, or a function of the step. Default: "
        "constant, or time where --decay is given.",
        searched="first",
        on_resume="free",
        schedules=(),
        is_rate=False,
    )
    decay: float | None = schedule_flag(
        None,
        Number(at_least=0),
        "time: the rate of iteration i is learning_rate / (1 + decay * i), as with "
        "Keras' old decay argument. Default: ends at a tenth of the rate. "
        "time_per_epoch: the rate is divided by 1 + decay * epoch at every epoch, "
        "which compounds; no default.",
        searched="by factors",
        on_resume="free",
        schedules=("time", "time_per_epoch"),
        is_rate=False,
    )
    decay_factor: float | None = schedule_flag(
        None,
        Number(above=0, at_most=1),
        "exponential, step: what the rate is multiplied by in every --decay_every, "
        "above 0, at most 1. Default: 0.1 (exponential), 0.5 (step).",
        searched="evenly",
        on_resume="free",
        schedules=("exponential", "step"),
        is_rate=False,
    )
    decay_every: Duration | None = schedule_flag(
        None,
        Length(),
        "exponential, step: a duration. Default: 100% (exponential), 25% (step).",
        searched="evenly",
        on_resume="free",
        schedules=("exponential", "step"),
        is_rate=False,
    )
    end_learning_rate: float | Share | None = schedule_flag(
        None,
        NumberOrShare(at_least=0),
        "linear, polynomial, cosine, cosine_restarts, one_cycle, warmup_stable_decay: "
        "the rate at the end, at least 0, or a share of --learning_rate, such as 10%. "
        "Default: 0; 1% (one_cycle).",
        searched="by factors",
        on_resume="free",
        schedules=(
            "linear",
            "polynomial",
            "cosine",
            "cosine_restarts",
            "one_cycle",
            "warmup_stable_decay",
        ),
        is_rate=True,
    )
    schedule_length: Duration | None = schedule_flag(
        None,
        Length(),
        "linear, polynomial, cosine, one_cycle: a duration, after which the rate "
        "stays. Default: what the warmup leaves of the run.",
        searched="evenly",
        on_resume="free",
        schedules=("linear", "polynomial", "cosine", "one_cycle"),
        is_rate=False,
    )
    power: float | None = schedule_flag(
        None,
        Number(above=0),
        "polynomial: the exponent, above 0; 1 is linear. Default: 2.",
        searched="evenly",
        on_resume="free",
        schedules=("polynomial",),
        is_rate=False,
    )
    boundaries: tuple[Duration, ...] | None = schedule_flag(
        None,
        Several(Length()),
        "piecewise: rising durations with commas, counted from the start of the run: "
        "50%,75%.",
        searched="no",
        on_resume="free",
        schedules=("piecewise",),
        is_rate=False,
    )
    values: tuple[float, ...] | None = schedule_flag(
        None,
        Several(Number(above=0)),
        "piecewise: the rate from each of the --boundaries on: 0.001,0.0001.",
        searched="no",
        on_resume="free",
        schedules=("piecewise",),
        is_rate=True,
    )
    max_learning_rate: float | None = schedule_flag(
        None,
        Number(above=0),
        "triangular, triangular2, exp_range, one_cycle: the highest rate, above "
        "--learning_rate, which is the lowest. Default: ten times --learning_rate.",
        searched="by factors",
        on_resume="free",
        schedules=("triangular", "triangular2", "exp_range", "one_cycle"),
        is_rate=True,
    )
    cycle: Duration | None = schedule_flag(
        None,
        Length(),
        "triangular, triangular2, exp_range: a duration, up and down again. "
        "cosine_restarts: until the first restart; all cycles are stretched or "
        "shortened evenly, so that the last one ends with the run. Default: 25%.",
        searched="evenly",
        on_resume="free",
        schedules=("cosine_restarts", "triangular", "triangular2", "exp_range"),
        is_rate=False,
    )
    cycle_growth: float | None = schedule_flag(
        None,
        Number(at_least=1),
        "cosine_restarts: how many times longer each cycle is than the one before. "
        "Default: 1.",
        searched="evenly",
        on_resume="free",
        schedules=("cosine_restarts",),
        is_rate=False,
    )
    cycle_factor: float | None = schedule_flag(
        None,
        Number(above=0, at_most=1),
        "cosine_restarts: what the rate of each restart is multiplied by. Default: 1.",
        searched="evenly",
        on_resume="free",
        schedules=("cosine_restarts",),
        is_rate=False,
    )
    gamma: float | None = schedule_flag(
        None,
        Number(above=0, at_most=1),
        "exp_range: what the height of the cycle is multiplied by in every update. "
        "Default: ends at a tenth of the height.",
        searched="evenly",
        on_resume="free",
        schedules=("exp_range",),
        is_rate=False,
    )
    timescale: Duration | None = schedule_flag(
        None,
        Length(),
        "inverse_sqrt: a duration T; i updates after the warmup the rate is "
        "learning_rate * sqrt(T / (T + i)). Default: the warmup, else 10%.",
        searched="evenly",
        on_resume="free",
        schedules=("inverse_sqrt",),
        is_rate=False,
    )
    decay_length: Duration | None = schedule_flag(
        None,
        Length(),
        "warmup_stable_decay: a duration, the fall at the end. Default: 20%.",
        searched="evenly",
        on_resume="free",
        schedules=("warmup_stable_decay",),
        is_rate=False,
    )
    decay_shape: str | None = schedule_flag(
        None,
        OneOf(("linear", "cosine", "1-sqrt")),
        "one_cycle: how the rate rises and falls, linear or cosine. "
        "warmup_stable_decay: how it falls, linear, cosine or 1-sqrt. Default: linear.",
        searched="evenly",
        on_resume="free",
        schedules=("one_cycle", "warmup_stable_decay"),
        is_rate=False,
    )
    pct_start: float | None = schedule_flag(
        None,
        Number(above=0, below=1),
        "one_cycle: the share of the schedule in which the rate rises, above 0, below "
        "1; after it comes one fall to the end, as in PyTorch and fastai. Default: 0.3 "
        "for --decay_shape=cosine; else the rate rises and falls for 45 % each, and "
        "far down in the rest.",
        searched="evenly",
        on_resume="free",
        schedules=("one_cycle",),
        is_rate=False,
    )
    cycle_momentum: tuple[float, ...] | None = schedule_flag(
        None,
        Several(Number(at_least=0, below=1)),
        "one_cycle: the lowest and the highest momentum (beta_1 for the Adam family), "
        "as in 0.85,0.95; high where the rate is low. Default: momentum does not move.",
        searched="no",
        on_resume="fixed",
        schedules=("one_cycle",),
        is_rate=False,
    )

    @property
    def schedule_name(self) -> str:
        """The schedule asked for; without one, what --decay implies."""
        return self.schedule or ("constant" if self.decay is None else "time")


# The flags that shape each schedule of the trainer.
SCHEDULE_FLAGS: dict[str, tuple[str, ...]] = {
    schedule: tuple(
        name
        for name, flag in flags_of(ScheduleFlags).items()
        if schedule in flag.schedules
    )
    for schedule in SCHEDULES
}
FLAGS_OF_SCHEDULES = tuple(
    name for name, flag in flags_of(ScheduleFlags).items() if flag.schedules
)


def flags_of_schedule(name: str) -> tuple[str, ...]:
    """Lists the flags that shape a schedule; none shapes one of the user's own."""
    return SCHEDULE_FLAGS.get(name, ())
