"""What follows from the numbers of an update, of one or of many at once.

Each rule takes tensors of equal shapes: [] or [num_updates]. Keras' counter of an
optimizer counts micro-batches where gradients accumulate, and else updates.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

from lr_plugin.keras.capture.optimizers.used_rate import (
    defining_class,
    uses_asked_rate,
)

_ADAM_LIKE = (keras.optimizers.Adam, keras.optimizers.Adamax)
# Of many steps these give as many rates, except where they warm up.
_ELEMENTWISE = (
    keras.optimizers.schedules.CosineDecay,
    keras.optimizers.schedules.CosineDecayRestarts,
    keras.optimizers.schedules.ExponentialDecay,
    keras.optimizers.schedules.InverseTimeDecay,
    keras.optimizers.schedules.PolynomialDecay,
)


class StepSizeRule(NamedTuple):
    """What makes the bias-corrected step size of a rate.

    For Adam and AdamW rate * sqrt(1 - beta_2^t) / (1 - beta_1^t), for Adamax
    rate / (1 - beta_1^t), with t counted from 1, in the precision in which Keras
    computes it.

    Source: Kingma & Ba, Adam: A Method for Stochastic Optimization, 2015, end of
    section 2 and algorithm 2, https://arxiv.org/abs/1412.6980.

    Attributes:
        beta_1: A number, or a variable.
        beta_2: Likewise; None for Adamax.
        num_micro_batches: How many make one update.
    """

    beta_1: Any
    beta_2: Any
    num_micro_batches: int

    @property
    def is_fixed(self) -> bool:
        """Whether it holds numbers alone, so that equal rules do the same."""
        return isinstance(self.beta_1, float) and (
            self.beta_2 is None or isinstance(self.beta_2, float)
        )

    def __call__(self, learning_rate: Any, counter: Any) -> Any:
        """Computes it of rates and of Keras' counter before the update."""
        dtype = learning_rate.dtype
        t = ops.cast(count_updates(counter, self.num_micro_batches) + 1, dtype)
        correction = 1 - ops.power(ops.cast(self.beta_1, dtype), t)
        if self.beta_2 is None:
            return learning_rate / correction
        second = 1 - ops.power(ops.cast(self.beta_2, dtype), t)
        return learning_rate * ops.sqrt(second) / correction


class AppliedRule(NamedTuple):
    """What tells whether the weights were changed: by 0 or 1 update.

    Attributes:
        num_micro_batches: How many make one update.
    """

    num_micro_batches: int

    @property
    def is_fixed(self) -> bool:
        """Whether equal rules do the same."""
        return True

    def __call__(self, before: Any, after: Any) -> Any:
        """Computes it of Keras' counter before and after."""
        return count_updates(after, self.num_micro_batches) - count_updates(
            before, self.num_micro_batches
        )


class ScheduleRule(NamedTuple):
    """A schedule of Keras' own as it is at an update that may not ask it.

    Attributes:
        schedule_class: Its class.
        state: Its attributes.
    """

    schedule_class: type[Any]
    state: tuple[tuple[str, Any], ...]

    @property
    def is_fixed(self) -> bool:
        """Whether equal rules do the same."""
        return True

    def __call__(self, counter: Any, asked: Any) -> Any:
        """Returns the rates that were asked for, and where these are NaN its own."""
        schedule = object.__new__(self.schedule_class)
        vars(schedule).update(self.state)
        return ops.where(ops.isnan(asked), schedule(counter), asked)


Rule = StepSizeRule | AppliedRule | ScheduleRule


def step_size_rule(
    optimizer: keras.Optimizer, num_micro_batches: int
) -> StepSizeRule | None:
    """Returns the rule of an inner optimizer's step size; None where it has none.

    Nadam, Lamb and ScheduleFreeAdamW correct the moments, not the rate, and an
    `update_step` of the program's own may do anything.
    """
    rule = defining_class(optimizer)
    if rule not in _ADAM_LIKE:
        return None
    beta_2 = None if rule is keras.optimizers.Adamax else optimizer.beta_2
    return StepSizeRule(optimizer.beta_1, beta_2, num_micro_batches)


def schedule_rule(optimizer: keras.Optimizer) -> ScheduleRule | None:
    """Returns the rule of an optimizer's rate, where that is its schedule's.

    None for a schedule that takes one step at a time, as that of a program may.
    """
    schedule = getattr(optimizer, "_learning_rate", None)
    if (
        type(schedule) not in _ELEMENTWISE
        or getattr(schedule, "warmup_steps", False)
        or not uses_asked_rate(optimizer)
    ):
        return None
    return ScheduleRule(type(schedule), tuple(vars(schedule).items()))


def count_updates(counter: Any, num_micro_batches: int) -> Any:
    """Returns how many updates were applied, where Keras' counter stands there."""
    return counter if num_micro_batches == 1 else counter // num_micro_batches
