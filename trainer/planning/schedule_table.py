"""How each schedule is built: an entry for each of settings.schedule.SCHEDULES."""

import dataclasses
from collections.abc import Callable
from typing import Any

from lr_plugin.keras import schedules
from lr_plugin.keras.schedules import Schedule
from trainer.errors import ConfigError
from trainer.planning.schedule_numbers import ScheduleNumbers
from trainer.planning.user_schedule import build_user_schedule


@dataclasses.dataclass(frozen=True)
class Entry:
    """How a schedule is built.

    Attributes:
        build: Makes the schedule; its step 0 is the first update after the warmup.
        default_warmup: How long the warmup is without --warmup.
    """

    build: Callable[[ScheduleNumbers], Schedule]
    default_warmup: str = "0"


def _constant(numbers: ScheduleNumbers) -> Schedule:
    return numbers.learning_rate


def _time(numbers: ScheduleNumbers) -> Schedule:
    decay = numbers.flags.decay
    if decay is None:
        decay = 9 / numbers.num_left
    numbers.tell("decay", f"{decay:g}")
    return schedules.time_decay(numbers.learning_rate, decay)


def _time_per_epoch(numbers: ScheduleNumbers) -> Schedule:
    decay, run_length = numbers.flags.decay, numbers.run_length
    assert decay is not None and run_length.num_epochs is not None
    rates = schedules.CompoundingTimeDecay(
        numbers.learning_rate, decay, run_length.num_epochs
    )
    return schedules.Clock(
        rates, run_length.batches_per_update, run_length.batches_per_epoch
    )


def _linear(numbers: ScheduleNumbers) -> Schedule:
    return schedules.linear(numbers.learning_rate, numbers.end_rate(), numbers.length())


def _polynomial(numbers: ScheduleNumbers) -> Schedule:
    return schedules.polynomial(
        numbers.learning_rate,
        numbers.end_rate(),
        numbers.length(),
        numbers.flags.power or 2.0,
    )


def _exponential(numbers: ScheduleNumbers) -> Schedule:
    factor = numbers.flags.decay_factor or 0.1
    every = numbers.steps("decay_every", numbers.flags.decay_every, default="100%")
    return schedules.exponential(numbers.learning_rate, factor, every)


def _step(numbers: ScheduleNumbers) -> Schedule:
    factor = numbers.flags.decay_factor or 0.5
    every = numbers.steps("decay_every", numbers.flags.decay_every, default="25%")
    return schedules.exponential(numbers.learning_rate, factor, every, steps=True)


def _piecewise(numbers: ScheduleNumbers) -> Schedule:
    boundaries, values = numbers.flags.boundaries, numbers.flags.values
    assert boundaries is not None and values is not None
    starts = [numbers.resolve("boundaries", each) for each in boundaries]
    warmup_steps = numbers.warmup_steps
    if starts != sorted(set(starts)) or starts[0] <= warmup_steps:
        raise ConfigError(
            "`--boundaries` must rise and come after the warmup. Received: "
            f"boundaries at {', '.join(map(str, starts))}, a warmup of "
            f"{warmup_steps} updates. Put them in order or shorten --warmup."
        )
    numbers.end = starts[-1]
    return schedules.piecewise(
        [start - warmup_steps for start in starts], [numbers.learning_rate, *values]
    )


def _cosine(numbers: ScheduleNumbers) -> Schedule:
    return schedules.cosine(numbers.learning_rate, numbers.end_rate(), numbers.length())


def _cosine_restarts(numbers: ScheduleNumbers) -> Schedule:
    # A cycle of one update would never leave the top.
    first, growth = max(2, _cycle(numbers)), numbers.flags.cycle_growth or 1.0
    lengths = [first]
    # Rounded to whole cycles, whichever comes nearer; they are stretched to fit.
    while (
        sum(lengths) + first * growth ** len(lengths) / 2 <= numbers.num_left
        and 2 * len(lengths) + 2 <= numbers.num_left
    ):
        lengths.append(round(first * growth ** len(lengths)))
    if sum(lengths) != numbers.num_left:
        numbers.tell("whole cycles", f"{len(lengths)} in {numbers.num_left} updates")
    return schedules.CosineRestarts(
        numbers.learning_rate,
        first,
        len(lengths),
        end=numbers.end_rate(),
        growth=growth,
        factor=numbers.flags.cycle_factor or 1.0,
        num_steps=numbers.num_left,
    )


def _triangular(numbers: ScheduleNumbers) -> Schedule:
    top = numbers.top_rate()
    return schedules.Triangular(numbers.learning_rate, top, _triangle(numbers))


def _triangular2(numbers: ScheduleNumbers) -> Schedule:
    top = numbers.top_rate()
    return schedules.Triangular(
        numbers.learning_rate, top, _triangle(numbers), cycle_factor=0.5
    )


def _exp_range(numbers: ScheduleNumbers) -> Schedule:
    gamma = numbers.flags.gamma or 0.1 ** (1 / numbers.num_left)
    numbers.tell("gamma", f"{gamma:g}")
    top = numbers.top_rate()
    return schedules.Triangular(
        numbers.learning_rate, top, _triangle(numbers), step_factor=gamma
    )


def _cycle(numbers: ScheduleNumbers) -> int:
    return numbers.steps("cycle", numbers.flags.cycle, default="25%")


def _triangle(numbers: ScheduleNumbers) -> int:
    # Up in one update at least, and down in another.
    return max(2, _cycle(numbers))


def _one_cycle(numbers: ScheduleNumbers) -> Schedule:
    top, length = numbers.top_rate(), numbers.length()
    form: dict[str, Any] = {
        "shape": numbers.flags.decay_shape or "linear",
        "pct_start": numbers.flags.pct_start,
    }
    if numbers.flags.cycle_momentum is not None:
        low, high = numbers.flags.cycle_momentum
        numbers.momentum = schedules.one_cycle_momentum(low, high, length, **form)
    end = numbers.end_rate(numbers.learning_rate / 100)
    return schedules.one_cycle(numbers.learning_rate, top, end, length, **form)


def _inverse_sqrt(numbers: ScheduleNumbers) -> Schedule:
    if numbers.flags.timescale is None and numbers.warmup_steps:
        timescale = numbers.warmup_steps
    else:
        timescale = numbers.steps("timescale", numbers.flags.timescale, default="10%")
    return schedules.InverseSquareRoot(numbers.learning_rate, timescale)


def _warmup_stable_decay(numbers: ScheduleNumbers) -> Schedule:
    decay_steps = numbers.steps(
        "decay_length", numbers.flags.decay_length, default="20%"
    )
    if decay_steps > numbers.num_left:
        raise ConfigError(
            "`--decay_length` must fit into what the warmup leaves of the run. "
            f"Received: {decay_steps} updates of {numbers.num_left}. Lower "
            "--decay_length or --warmup."
        )
    numbers.end = numbers.num_updates
    return schedules.warmup_stable_decay(
        numbers.learning_rate,
        numbers.end_rate(),
        numbers.num_left,
        decay_steps,
        shape=numbers.flags.decay_shape or "linear",
    )


def find_entry(name: str) -> Entry:
    """Finds how a schedule is built; any other name is the user's module:function."""
    return SCHEDULE_TABLE.get(name, Entry(build_user_schedule))


SCHEDULE_TABLE: dict[str, Entry] = {
    "constant": Entry(_constant),
    "time": Entry(_time),
    "time_per_epoch": Entry(_time_per_epoch),
    "linear": Entry(_linear),
    "polynomial": Entry(_polynomial),
    "exponential": Entry(_exponential),
    "step": Entry(_step),
    "piecewise": Entry(_piecewise),
    "cosine": Entry(_cosine),
    "cosine_restarts": Entry(_cosine_restarts),
    "triangular": Entry(_triangular),
    "triangular2": Entry(_triangular2),
    "exp_range": Entry(_exp_range),
    "one_cycle": Entry(_one_cycle),
    "inverse_sqrt": Entry(_inverse_sqrt),
    "warmup_stable_decay": Entry(_warmup_stable_decay, default_warmup="10%"),
}
