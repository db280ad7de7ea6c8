"""The parts of a run: one, or two where frozen layers are trained from some epoch on.

The second part gets a fresh optimizer. In one that goes on, the newly trainable weights
would have no moments yet, although its count of updates says that they have: Adam would
make their first steps up to six times as long as the rate says.
"""

import dataclasses

from trainer.planning.plan import Plan, build_plan
from trainer.planning.scaling import (
    describe_scaling,
    find_scale,
    multiply_rates,
    scale_rates,
)
from trainer.settings.config import Config
from trainer.settings.durations import RunLength

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
        learning_rate: The rate to start from as it was given, which `config` may leave
            to Keras; here it is scaled.

    Raises:
        ConfigError: The schedule does not fit a part.
    """
    if config.scale_learning_rate == "none":
        return _plan(config, learning_rate, batches_per_epoch)
    boundary = config.unfreeze_after.value if config.unfreeze_after else 0
    num_epochs = min(int(boundary) or config.epochs, config.epochs - int(boundary))
    scaled = scale_rates(config, num_epochs=num_epochs)
    rate = learning_rate * find_scale(config)
    first, *others = _plan(scaled, rate, batches_per_epoch)
    line = describe_scaling(config, scaled, learning_rate)
    plan = dataclasses.replace(first.plan, lines=(line, *first.plan.lines))
    return (dataclasses.replace(first, plan=plan), *others)


def _plan(
    config: Config, learning_rate: float, batches_per_epoch: int
) -> tuple[Phase, ...]:
    """Plans each part of the run, with rates that are scaled already."""
    if config.unfreeze_after is None:
        return (_phase(config, learning_rate, batches_per_epoch, range(config.epochs)),)
    boundary = int(config.unfreeze_after.value)
    rate = config.unfreeze_learning_rate or _UNFROZEN_SHARE * learning_rate
    unfrozen = _phase(
        multiply_rates(config, rate / learning_rate),
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
