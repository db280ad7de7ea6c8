"""The parts of a run: one, or two where frozen layers are trained from some epoch on.

The second part gets a fresh optimizer. In one that goes on, the newly trainable weights
would have no moments yet, although its count of updates says that they have: Adam would
make their first steps up to six times as long as the rate says.
"""

import dataclasses
from typing import Any

from trainer.planning.plan import Plan, build_plan
from trainer.settings.config import Config
from trainer.settings.durations import RunLength
from trainer.settings.flag import flags_of
from trainer.settings.schedule import ScheduleFlags

# From 1e-3 to 1e-5, as in https://keras.io/guides/transfer_learning/.
_UNFROZEN_SHARE = 0.01


@dataclasses.dataclass(frozen=True)
class Phase:
    """A part of a run.

    Attributes:
        first_epoch, end_epoch: `first_epoch <= epoch < end_epoch`, counted from 0.
        config: The settings, with this part's rates.
        length: Of this part.
        plan: The plan of the rate, from the start of this part.
        is_unfrozen: Whether the layers that --freeze froze are trained.
    """

    first_epoch: int
    end_epoch: int
    config: Config
    length: RunLength
    plan: Plan
    is_unfrozen: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        if not self.is_unfrozen:
            return self.plan.lines
        return (
            f"After epoch {self.first_epoch} all layers are trained, with a fresh "
            f"{self.config.optimizer or 'optimizer'}.",
            *self.plan.lines,
        )


def plan_phases(
    config: Config, learning_rate: float, batches_per_epoch: int
) -> tuple[Phase, ...]:
    """Plans each part of the run: the schedule begins anew in each.

    Args:
        learning_rate: The rate to start from, which `config` may leave to Keras.

    Raises:
        ConfigError: The schedule does not fit a part.
    """
    if config.unfreeze_after is None:
        return (_phase(config, learning_rate, batches_per_epoch, range(config.epochs)),)
    boundary = int(config.unfreeze_after.value)
    rate = config.unfreeze_learning_rate or _UNFROZEN_SHARE * learning_rate
    unfrozen = _phase(
        _with_rates_times(config, rate / learning_rate),
        rate,
        batches_per_epoch,
        range(boundary, config.epochs),
    )
    return (
        _phase(config, learning_rate, batches_per_epoch, range(boundary)),
        dataclasses.replace(unfrozen, is_unfrozen=True),
    )


def _phase(
    config: Config, learning_rate: float, batches_per_epoch: int, epochs: range
) -> Phase:
    length = RunLength(batches_per_epoch, len(epochs), config.accumulate)
    plan = build_plan(config, learning_rate, length)
    return Phase(epochs.start, epochs.stop, config, length, plan)


def _with_rates_times(config: Config, factor: float) -> Config:
    changes: dict[str, Any] = {}
    if isinstance(config.learning_rate, float | int):
        changes["learning_rate"] = config.learning_rate * factor
    for name, flag in flags_of(ScheduleFlags).items():
        value = getattr(config, name) if flag.is_rate else None
        if isinstance(value, tuple):
            changes[name] = tuple(factor * each for each in value)
        elif isinstance(value, float | int):
            changes[name] = factor * value
    return dataclasses.replace(config, **changes)
