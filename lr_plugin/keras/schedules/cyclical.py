"""Schedules that go up again."""

import itertools
import math
from typing import Any

from keras import ops

from lr_plugin.keras.schedules.registration import registered
from lr_plugin.keras.schedules.schedule import SavedSchedule, check_positive, whole


@registered
class Triangular(SavedSchedule):
    """A rate that goes up and down between two rates, in straight lines.

    rate(i) = base + (top - base) * height * cycle_factor^k * step_factor^i, where t
    counts from the start of cycle k = i // cycle and the height is t / up before t =
    up = cycle // 2, (cycle - t) / (cycle - up) after it; in an even cycle that is
    Smith's 1 - |2 t / cycle - 1|, and an odd one reaches the top, too. With both
    factors 1 it is Smith's "triangular", with cycle_factor 1/2 "triangular2", with a
    step_factor below 1 "exp_range".

    Args:
        base: The rate at the start and the end of each cycle.
        top: The rate in the middle of the first cycle.
        cycle: Steps up and down again, at least 2.
        cycle_factor: By what the height is multiplied from cycle to cycle; above 0.
        step_factor: By what the height is multiplied from step to step; above 0.

    Raises:
        ValueError: `cycle` is below 2 or a factor not above 0.

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
        if not cycle >= 2:
            raise ValueError(f"`cycle` must be at least 2. Received: cycle={cycle}.")
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
        since = ops.cast(ops.mod(step, self.cycle), "float32")
        up = self.cycle // 2
        height = ops.minimum(since / up, (self.cycle - since) / (self.cycle - up))
        cycles = ops.cast(ops.floor_divide(step, self.cycle), "float32")
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
    learning_rate * factor^k, but never below `end`. After `num_cycles` the rate stays
    at `end`.

    Args:
        learning_rate: The rate at the start of the first cycle.
        first_cycle: Steps in the first cycle, at least 1.
        num_cycles: At least 1.
        end: The rate at the end of each cycle.
        growth: By what the length is multiplied from cycle to cycle.
        factor: By what the first rate is multiplied from cycle to cycle.
        num_steps: Stretches or shortens all cycles evenly, so that they end together
            with a training of so many steps; None leaves them as they are.

    Raises:
        ValueError: `first_cycle` or `num_cycles` is below 1, or `num_steps` is below
            `num_cycles`.

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
        num_steps: int | None = None,
    ):
        super().__init__(
            learning_rate=learning_rate,
            first_cycle=first_cycle,
            num_cycles=num_cycles,
            end=end,
            growth=growth,
            factor=factor,
            num_steps=num_steps,
        )
        check_positive(first_cycle=first_cycle, num_cycles=num_cycles)
        cycles = range(num_cycles)
        lengths = [round(first_cycle * growth**k) for k in cycles]
        borders = list(itertools.accumulate(lengths, initial=0))
        if num_steps is not None:
            if num_steps < num_cycles:
                raise ValueError(
                    "`num_steps` must be at least `num_cycles`. Received: num_steps="
                    f"{num_steps}, num_cycles={num_cycles}."
                )
            borders = _stretched(borders, num_steps)
        self._starts = borders[:-1]
        self._lengths = [b - a for a, b in itertools.pairwise(borders)]
        self._heights = [max(learning_rate * factor**k - end, 0.0) for k in cycles]
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


def _stretched(borders: list[int], num_steps: int) -> list[int]:
    """Moves borders in proportion, each cycle keeping one step at least."""
    stretched = [0]
    for left, border in zip(range(len(borders) - 2, -1, -1), borders[1:], strict=True):
        moved = round(border * num_steps / borders[-1])
        stretched.append(min(max(moved, stretched[-1] + 1), num_steps - left))
    return stretched
