"""Plans the rate of every update from the settings, and tells the user of it."""

import dataclasses

from lr_plugin.keras import schedules
from lr_plugin.keras.schedules import Schedule
from trainer.errors import ConfigError
from trainer.planning.schedule_numbers import ScheduleNumbers
from trainer.planning.schedule_table import find_entry
from trainer.settings.config import Config
from trainer.settings.durations import RunLength
from trainer.settings.warmup import WarmupFlags

# The user is told of a schedule that ends before this share of the run.
_EARLY_END = 0.9


@dataclasses.dataclass(frozen=True)
class Plan:
    """What the learning rate, and with it the momentum, will do.

    Attributes:
        learning_rate: The rate, by batch: Keras asks for it at every batch.
        momentum: The momentum, by batch; None where it does not move.
        lines: What durations came to, and what may surprise, for the user to read.
    """

    learning_rate: Schedule
    momentum: Schedule | None
    lines: tuple[str, ...]


def build_plan(config: Config, learning_rate: float, run_length: RunLength) -> Plan:
    """Resolves every duration of the schedule and composes it.

    Args:
        learning_rate: The rate to start from, which `config` may leave to Keras.
        run_length: The length of what is planned, the whole run or a part of it.

    Raises:
        ConfigError: The schedule does not fit the run.
    """
    name = config.schedule_name
    entry = find_entry(name)
    numbers = ScheduleNumbers(config, learning_rate, run_length)
    numbers.warmup_steps = _resolve_warmup(config, numbers, entry.default_warmup)
    rate, momentum = entry.build(numbers), numbers.momentum
    if numbers.warmup_steps:
        rate = schedules.with_warmup(
            rate,
            numbers.warmup_steps,
            factor=config.warmup_factor,
            shape=config.warmup_shape,
        )
        if momentum is not None:
            high = float(schedules.rate_at(momentum, 0))
            momentum = schedules.Joined([high, momentum], [numbers.warmup_steps])
    staircase = config.staircase
    return Plan(
        learning_rate=_on_the_clock(rate, run_length, staircase=staircase),
        momentum=None
        if momentum is None
        else _on_the_clock(momentum, run_length, staircase=staircase),
        lines=(_describe(name, numbers), *_surprise_lines(rate, numbers)),
    )


def _resolve_warmup(flags: WarmupFlags, numbers: ScheduleNumbers, default: str) -> int:
    steps = numbers.steps("warmup", flags.warmup, default=default)
    if steps >= numbers.num_updates:
        raise ConfigError(
            "`--warmup` must be shorter than the run. Received: --warmup="
            f"{flags.warmup or default}, {steps} updates of a run of "
            f"{numbers.num_updates}. Lower --warmup or raise --epochs."
        )
    return steps


def _on_the_clock(
    schedule: Schedule, run_length: RunLength, *, staircase: bool
) -> Schedule:
    """Makes a schedule move at epochs only, where asked to, and follow updates."""
    if not callable(schedule):
        return schedule
    if staircase:
        schedule = schedules.Staircase(
            schedule, run_length.batches_per_epoch, run_length.batches_per_update
        )
    if run_length.batches_per_update > 1:
        schedule = schedules.Clock(schedule, 1, run_length.batches_per_update)
    return schedule


def _describe(name: str, numbers: ScheduleNumbers) -> str:
    words = [f"learning_rate {numbers.learning_rate:g}", *numbers.words]
    return f"Schedule {name} over {numbers.num_updates} updates: {', '.join(words)}."


def _surprise_lines(rate: Schedule, numbers: ScheduleNumbers) -> list[str]:
    """Tells, before the training shows it, what the user may not expect."""
    lines = []
    num_updates, end = numbers.num_updates, numbers.end
    batches_per_update = numbers.run_length.batches_per_update
    if batches_per_update > 1:
        lines.append(
            f"One update every {batches_per_update} batches: the schedule "
            "and all durations count updates."
        )
    last = float(schedules.rate_at(rate, num_updates - 1))
    if end is not None and end > num_updates:
        lines.append(
            f"The run ends before the schedule, which needs {end} updates: "
            f"the last rate is {last:.3g}."
        )
    elif end is not None and end < _EARLY_END * num_updates:
        lines.append(
            f"The schedule ends at update {end}: the rate stays at "
            f"{last:.3g} for the last {1 - end / num_updates:.0%} of the run."
        )
    return lines
