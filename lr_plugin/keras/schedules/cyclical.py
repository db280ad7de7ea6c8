"""Schedules that go up again."""

import math
from typing import Any

from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.schedules.composed import Joined
from lr_plugin.keras.schedules.decay import linear
from lr_plugin.keras.schedules.registration import registered
from lr_plugin.keras.schedules.schedule import SavedSchedule, check_positive, whole

# The share of a one-cycle schedule in which the rate rises, and that in which it falls.
_HALF_CYCLE = 0.45


@registered
class Triangular(SavedSchedule):
    """A rate that goes up and down between two rates, in straight lines.

    rate(i) = base + (top - base) * (1 - |2 t / cycle - 1|) * cycle_factor^k *
    step_factor^i, where t counts from the start of cycle k = i // cycle. With both
    factors 1 it is Smith's "triangular", with cycle_factor 1/2 "triangular2", with a
    step_factor below 1 "exp_range".

    Args:
        base: The rate at the start and the end of each cycle.
        top: The rate in the middle of the first cycle.
        cycle: Steps up and down again, at least 1.
        cycle_factor: By what the height is multiplied from cycle to cycle; above 0.
        step_factor: By what the height is multiplied from step to step; above 0.

    Raises:
        ValueError: `cycle` is below 1 or a factor not above 0.

    Source: Leslie N. Smith, "Cyclical Learning Rates for Training Neural Networks",
    WACV 2017, https://arxiv.org/abs/1506.01186, section 3.1.
    """

    def __init__(
        self,
        base: float,
        top: float,
        cycle: int,
        *,
        cycle_factor: float = 1.0,
        step_factor: float = 1.0,
    ):
        super().__init__(
            base=base,
            top=top,
            cycle=cycle,
            cycle_factor=cycle_factor,
            step_factor=step_factor,
        )
        check_positive(cycle=cycle)
        if not (cycle_factor > 0 and step_factor > 0):
            raise ValueError(
                "`cycle_factor` and `step_factor` must be above 0. Received: "
                f"cycle_factor={cycle_factor}, step_factor={step_factor}."
            )
        self.base = base
        self.top = top
        self.cycle = cycle
        self.cycle_factor = cycle_factor
        self.step_factor = step_factor

    def __call__(self, step: Any) -> Any:
        step = whole(step)
        position = ops.cast(ops.mod(step, self.cycle), "float32") / self.cycle
        cycles = ops.cast(ops.floor_divide(step, self.cycle), "float32")
        height = 1.0 - ops.abs(2.0 * position - 1.0)
        # Powers are computed from the logarithm: in float32, 0.99994 has too few digits
        # to be raised to the power of a hundred thousand.
        height = height * ops.exp(cycles * math.log(self.cycle_factor))
        passed = ops.cast(step, "float32")
        height = height * ops.exp(passed * math.log(self.step_factor))
        return self.base + (self.top - self.base) * height


@registered
class CosineRestarts(SavedSchedule):
    """A rate that falls along half a cosine, and jumps up after each cycle.

    rate(i) = end + (peak_k - end) * (1 + cos(pi * t / length_k)) / 2, where t counts
    from the start of cycle k, length_k = first_cycle * growth^k and peak_k =
    learning_rate * factor^k. After `num_cycles` the rate stays at `end`.

    Args:
        learning_rate: The rate at the start of the first cycle.
        first_cycle: Steps in the first cycle, at least 1.
        num_cycles: At least 1.
        end: The rate at the end of each cycle.
        growth: By what the length is multiplied from cycle to cycle.
        factor: By what the first rate is multiplied from cycle to cycle.

    Raises:
        ValueError: `first_cycle` or `num_cycles` is below 1.

    Source: Ilya Loshchilov, Frank Hutter, "SGDR: Stochastic Gradient Descent with
    Warm Restarts", ICLR 2017, https://arxiv.org/abs/1608.03983, equation 5.
    """

    def __init__(
        self,
        learning_rate: float,
        first_cycle: int,
        num_cycles: int,
        *,
        end: float = 0.0,
        growth: float = 1.0,
        factor: float = 1.0,
    ):
        super().__init__(
            learning_rate=learning_rate,
            first_cycle=first_cycle,
            num_cycles=num_cycles,
            end=end,
            growth=growth,
            factor=factor,
        )
        check_positive(first_cycle=first_cycle, num_cycles=num_cycles)
        cycles = range(num_cycles)
        self._lengths = [round(first_cycle * growth**k) for k in cycles]
        self._starts = [sum(self._lengths[:k]) for k in cycles]
        self._heights = [learning_rate * factor**k - end for k in cycles]
        self._end = end

    def __call__(self, step: Any) -> Any:
        step = whole(step)
        starts = ops.convert_to_tensor(self._starts, dtype="int64")
        begun = ops.cast(step[..., None] >= starts, "int32")
        cycle = ops.sum(begun, axis=-1) - 1
        since = ops.cast(step - ops.take(starts, cycle), "float32")
        length = ops.take(ops.convert_to_tensor(self._lengths, "float32"), cycle)
        height = ops.take(ops.convert_to_tensor(self._heights, "float32"), cycle)
        share = ops.minimum(since / length, 1.0)
        return self._end + height * 0.5 * (1.0 + ops.cos(math.pi * share))


def one_cycle(
    base: float, top: float, end: float, num_steps: int
) -> LearningRateSchedule:
    """Rises from `base` to `top`, falls to `base`, then far down to `end`.

    All three are straight lines; rise and first fall take 45 % of `num_steps` each.

    Source: Leslie N. Smith, Nicholay Topin, "Super-Convergence: Very Fast Training of
    Neural Networks Using Large Learning Rates", 2018, https://arxiv.org/abs/1708.07120
    """
    half = max(1, int(num_steps * _HALF_CYCLE))
    return Joined(
        [
            linear(base, top, half),
            linear(top, base, half),
            linear(base, end, max(1, num_steps - 2 * half)),
        ],
        [half, 2 * half],
    )


def one_cycle_momentum(low: float, high: float, num_steps: int) -> LearningRateSchedule:
    """Moves the momentum beside `one_cycle`: low where the rate is high.

    Args:
        low: The momentum where the rate is at its top.
        high: The momentum at the start, and from where the rate is at `base` again.
        num_steps: As of `one_cycle`.
    """
    half = max(1, int(num_steps * _HALF_CYCLE))
    return Joined([linear(high, low, half), linear(low, high, half)], [half])
