"""The learning rate as a function of the iteration, in parts that compose.

Every schedule is a serializable Keras `LearningRateSchedule`. What Keras has is
Keras' own (time, exponential, step, polynomial and cosine decay); here is what it
lacks, and what joins them. Where a schedule is expected a plain number will do: a
rate that never moves.

Positions are computed in whole numbers, so that a boundary falls exactly where it is
said to, however long the run.
"""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import keras
from keras import ops
from keras.optimizers.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

Schedule: TypeAlias = LearningRateSchedule | float


def rate_at(schedule: Schedule, step: Any) -> Any:
    """What `schedule` gives at `step`, a number or an integer tensor."""
    if callable(schedule):
        return schedule(step)
    return ops.convert_to_tensor(schedule, dtype="float32")


class _Composed(LearningRateSchedule):
    """A schedule made of others: serialization for all classes below."""

    def __init__(self, **arguments: Any):
        self._arguments = arguments

    def get_config(self) -> dict[str, Any]:
        return keras.saving.serialize_keras_object(self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**keras.saving.deserialize_keras_object(config))


@keras.saving.register_keras_serializable("trainer")
class Joined(_Composed):
    """Schedules one after the other, each counting from its own start.

    rate(i) = schedules[k](i - boundaries[k - 1]) for boundaries[k - 1] <= i <
    boundaries[k].

    Args:
        schedules: At least one.
        boundaries: The iterations at which the second and later ones start, rising.
    """

    def __init__(self, schedules: Sequence[Schedule], boundaries: Sequence[int]):
        super().__init__(schedules=list(schedules), boundaries=list(boundaries))
        if len(schedules) != len(boundaries) + 1 or list(boundaries) != sorted(
            set(boundaries)
        ):
            raise ValueError(
                "`boundaries` must rise and be one fewer than `schedules`. Received: "
                f"boundaries={list(boundaries)}, {len(schedules)} schedules."
            )
        self.schedules = list(schedules)
        self.boundaries = list(boundaries)

    def __call__(self, step: Any) -> Any:
        step = _whole(step)
        rate = rate_at(self.schedules[0], step)
        for schedule, start in zip(self.schedules[1:], self.boundaries, strict=True):
            since = ops.maximum(step - start, 0)
            rate = ops.where(step >= start, rate_at(schedule, since), rate)
        return rate


@keras.saving.register_keras_serializable("trainer")
class Clock(_Composed):
    """`schedule` on another clock: rate(i) = schedule(i * numerator // denominator).

    With the gradients of k batches accumulated, Keras asks for a rate at every batch;
    `Clock(schedule, 1, k)` follows the real updates.
    """

    def __init__(self, schedule: Schedule, numerator: int, denominator: int):
        super().__init__(
            schedule=schedule, numerator=numerator, denominator=denominator
        )
        self.schedule = schedule
        self.numerator = numerator
        self.denominator = denominator

    def __call__(self, step: Any) -> Any:
        ticks = ops.floor_divide(_whole(step) * self.numerator, self.denominator)
        return rate_at(self.schedule, ticks)


@keras.saving.register_keras_serializable("trainer")
class Staircase(_Composed):
    """`schedule`, moving only at the start of an epoch.

    rate(i) = schedule(first update of the epoch that update i belongs to).

    Args:
        batches_per_epoch, batches_per_update: An epoch need not be a whole number of
            updates, so both are counted in batches.
    """

    def __init__(
        self, schedule: Schedule, batches_per_epoch: int, batches_per_update: int = 1
    ):
        super().__init__(
            schedule=schedule,
            batches_per_epoch=batches_per_epoch,
            batches_per_update=batches_per_update,
        )
        self.schedule = schedule
        self.batches_per_epoch = batches_per_epoch
        self.batches_per_update = batches_per_update

    def __call__(self, step: Any) -> Any:
        batch = _whole(step) * self.batches_per_update
        epoch = ops.floor_divide(batch, self.batches_per_epoch)
        # Rounded up: the update that spans two epochs belongs to the earlier.
        first = -ops.floor_divide(
            -epoch * self.batches_per_epoch, self.batches_per_update
        )
        return rate_at(self.schedule, first)


@keras.saving.register_keras_serializable("trainer")
class CompoundingTimeDecay(_Composed):
    """rate(e) = learning_rate / ((1 + decay) (1 + 2 decay) ... (1 + e decay)).

    Asked for an epoch e, not an iteration. Each epoch divides what the former left,
    so the rate falls ever faster; time decay without compounding, `InverseTimeDecay`,
    divides the first rate each time.

    Source: Christian Versloot, "Problems with fixed and decaying learning rates",
    MachineCurve, 2019: `time_decay`.
    """

    def __init__(self, learning_rate: float, decay: float, num_epochs: int):
        super().__init__(
            learning_rate=learning_rate, decay=decay, num_epochs=num_epochs
        )
        rates = [learning_rate]
        for epoch in range(1, num_epochs):
            rates.append(rates[-1] / (1 + decay * epoch))
        self._rates = rates

    def __call__(self, step: Any) -> Any:
        epoch = ops.minimum(_whole(step), len(self._rates) - 1)
        return ops.take(ops.convert_to_tensor(self._rates, dtype="float32"), epoch)


@keras.saving.register_keras_serializable("trainer")
class CosineRestarts(_Composed):
    """Cosine decay that starts anew, "warm", at the end of each cycle.

    rate(i) = end + (peak_k - end) * (1 + cos(pi * t / length_k)) / 2, where t counts
    from the start of cycle k, length_k = first_cycle * growth^k and peak_k =
    learning_rate * factor^k. After `num_cycles` the rate stays at `end`.

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
        cycles = range(num_cycles)
        self._lengths = [round(first_cycle * growth**k) for k in cycles]
        self._starts = [sum(self._lengths[:k]) for k in cycles]
        self._heights = [learning_rate * factor**k - end for k in cycles]
        self._end = end

    def __call__(self, step: Any) -> Any:
        step = _whole(step)
        starts = ops.convert_to_tensor(self._starts, dtype="int64")
        begun = ops.cast(step[..., None] >= starts, "int32")
        cycle = ops.sum(begun, axis=-1) - 1
        since = ops.cast(step - ops.take(starts, cycle), "float32")
        length = ops.take(ops.convert_to_tensor(self._lengths, "float32"), cycle)
        height = ops.take(ops.convert_to_tensor(self._heights, "float32"), cycle)
        share = ops.minimum(since / length, 1.0)
        return self._end + height * 0.5 * (1.0 + ops.cos(math.pi * share))


@keras.saving.register_keras_serializable("trainer")
class Triangular(_Composed):
    """Up and down between two rates, in straight lines.

    rate(i) = base + (top - base) * (1 - |2 t / cycle - 1|) * cycle_factor^k *
    step_factor^i, where t counts from the start of cycle k = i // cycle. With both
    factors 1 it is Smith's "triangular", with cycle_factor 1/2 "triangular2", with a
    step_factor below 1 "exp_range".

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
        self.base = base
        self.top = top
        self.cycle = cycle
        self.cycle_factor = cycle_factor
        self.step_factor = step_factor

    def __call__(self, step: Any) -> Any:
        step = _whole(step)
        position = ops.cast(ops.mod(step, self.cycle), "float32") / self.cycle
        cycles = ops.cast(ops.floor_divide(step, self.cycle), "float32")
        height = 1.0 - ops.abs(2.0 * position - 1.0)
        # Powers by their logarithm: 0.99994 itself has too few digits in float32 for
        # a hundred thousand iterations.
        height = height * ops.exp(cycles * math.log(self.cycle_factor))
        passed = ops.cast(step, "float32")
        height = height * ops.exp(passed * math.log(self.step_factor))
        return self.base + (self.top - self.base) * height


@keras.saving.register_keras_serializable("trainer")
class InverseSquareRoot(_Composed):
    """rate(i) = learning_rate * sqrt(timescale / (timescale + i)).

    After a linear warmup of `timescale` iterations this is the schedule of Ashish
    Vaswani et al., "Attention Is All You Need", NeurIPS 2017,
    https://arxiv.org/abs/1706.03762, section 5.3.
    """

    def __init__(self, learning_rate: float, timescale: int):
        super().__init__(learning_rate=learning_rate, timescale=timescale)
        self.learning_rate = learning_rate
        self.timescale = timescale

    def __call__(self, step: Any) -> Any:
        passed = ops.cast(_whole(step) + self.timescale, "float32")
        return self.learning_rate * ops.sqrt(self.timescale / passed)


def linear(start: float, end: float, num_steps: int) -> LearningRateSchedule:
    """From `start` to `end` in a straight line, up or down; then `end`."""
    return PolynomialDecay(start, num_steps, end)


def polynomial(
    start: float, end: float, num_steps: int, power: float
) -> LearningRateSchedule:
    """rate(i) = end + (start - end) * (1 - i / num_steps)^power; then `end`."""
    return PolynomialDecay(start, num_steps, end, power)


def time_decay(learning_rate: float, decay: float) -> LearningRateSchedule:
    """rate(i) = learning_rate / (1 + decay * i): Keras' old `decay` argument."""
    return InverseTimeDecay(learning_rate, 1, decay)


def exponential(
    learning_rate: float, factor: float, every: int, *, steps: bool = False
) -> LearningRateSchedule:
    """rate(i) = learning_rate * factor^(i / every); in whole powers with `steps`."""
    return ExponentialDecay(learning_rate, every, factor, staircase=steps)


def cosine(start: float, end: float, num_steps: int) -> LearningRateSchedule:
    """rate(i) = end + (start - end) * (1 + cos(pi * i / num_steps)) / 2; then `end`.

    Source: Loshchilov and Hutter, as for CosineRestarts, without restarts.
    """
    return CosineDecay(start, num_steps, alpha=end / start)


def piecewise(
    boundaries: Sequence[int], values: Sequence[float]
) -> LearningRateSchedule:
    """values[k] from boundaries[k - 1] on; values[0] before the first boundary."""
    # Keras counts a boundary to the piece before it.
    return PiecewiseConstantDecay([start - 1 for start in boundaries], list(values))


def one_cycle(
    base: float, top: float, end: float, num_steps: int
) -> LearningRateSchedule:
    """Up from `base` to `top`, down to `base`, then far down to `end`; lines all.

    Up and down take 45 % of `num_steps` each.

    Source: Leslie N. Smith, Nicholay Topin, "Super-Convergence: Very Fast Training of
    Neural Networks Using Large Learning Rates", 2018, https://arxiv.org/abs/1708.07120
    """
    up = max(1, int(num_steps * 0.45))
    return Joined(
        [
            linear(base, top, up),
            linear(top, base, up),
            linear(base, end, max(1, num_steps - 2 * up)),
        ],
        [up, 2 * up],
    )


def one_cycle_momentum(low: float, high: float, num_steps: int) -> LearningRateSchedule:
    """The momentum beside `one_cycle`: low where the rate is high, and high at last."""
    up = max(1, int(num_steps * 0.45))
    return Joined([linear(high, low, up), linear(low, high, up)], [up])


def warmup_stable_decay(
    learning_rate: float, end: float, num_steps: int, decay_steps: int
) -> LearningRateSchedule:
    """`learning_rate` until `decay_steps` before the end, then a line to `end`.

    Source: Shengding Hu et al., "MiniCPM: Unveiling the Potential of Small Language
    Models with Scalable Training Strategies", 2024, https://arxiv.org/abs/2404.06395;
    the line instead of their exponential: Alexander Hägele et al., "Scaling Laws and
    Compute-Optimal Training Beyond Fixed Training Durations", 2024,
    https://arxiv.org/abs/2405.18392
    """
    decay = linear(learning_rate, end, decay_steps)
    stable_steps = num_steps - decay_steps
    return Joined([learning_rate, decay], [stable_steps]) if stable_steps else decay


def with_warmup(
    schedule: Schedule, num_steps: int, *, factor: float, shape: str = "linear"
) -> LearningRateSchedule:
    """Rises to the first rate of `schedule` in `num_steps`, then starts it.

    Args:
        factor: What the first of `num_steps` is multiplied by; above 0 where the
            shape is "exponential".
        shape: "linear" or "exponential".
    """
    top = float(rate_at(schedule, 0))
    if shape == "linear":
        rise = linear(factor * top, top, num_steps)
    else:
        rise = exponential(factor * top, 1 / factor, num_steps)
    return Joined([rise, schedule], [num_steps])


def _whole(step: Any) -> Any:
    return ops.convert_to_tensor(step, dtype="int64")
