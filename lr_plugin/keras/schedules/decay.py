"""Schedules that only fall."""

from collections.abc import Sequence
from typing import Any

from keras import ops
from keras.optimizers.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)

from lr_plugin.keras.schedules.registration import registered
from lr_plugin.keras.schedules.schedule import SavedSchedule, check_positive, whole


def linear(start: float, end: float, num_steps: int) -> LearningRateSchedule:
    """Goes from `start` to `end` in a straight line, up or down; then stays.

    rate(i) = start + (end - start) * min(i, num_steps) / num_steps.
    """
    return PolynomialDecay(start, num_steps, end)


def polynomial(
    start: float, end: float, num_steps: int, power: float
) -> LearningRateSchedule:
    """Falls from `start` to `end` along a power of what is left; then stays.

    rate(i) = end + (start - end) * (1 - i / num_steps)^power up to step `num_steps`.
    """
    return PolynomialDecay(start, num_steps, end, power)


def time_decay(learning_rate: float, decay: float) -> LearningRateSchedule:
    """Falls with the steps, as the `decay` argument of optimizers before Keras 3.

    rate(i) = learning_rate / (1 + decay * i).
    """
    return InverseTimeDecay(learning_rate, 1, decay)


def exponential(
    learning_rate: float, factor: float, every: int, *, steps: bool = False
) -> LearningRateSchedule:
    """Multiplies the rate by `factor` every `every` steps, smoothly or at once.

    rate(i) = learning_rate * factor^(i / every); with `steps` i / every is rounded
    down, so that the rate holds between its falls.
    """
    return ExponentialDecay(learning_rate, every, factor, staircase=steps)


def cosine(start: float, end: float, num_steps: int) -> LearningRateSchedule:
    """Falls from `start` to `end` along half a cosine; then stays.

    rate(i) = end + (start - end) * (1 + cos(pi * i / num_steps)) / 2 up to step
    `num_steps`.

    Raises:
        ValueError: `start` is not above 0.

    Source: Ilya Loshchilov, Frank Hutter, "SGDR: Stochastic Gradient Descent with
    Warm Restarts", ICLR 2017, https://arxiv.org/abs/1608.03983, without restarts.
    """
    if not start > 0:
        raise ValueError(f"`start` must be above 0. Received: start={start}.")
    return CosineDecay(start, num_steps, alpha=end / start)


def piecewise(
    boundaries: Sequence[int], values: Sequence[float]
) -> LearningRateSchedule:
    """Holds one value after the other.

    rate(i) = `values[k]` from `boundaries[k - 1]` on, `values[0]` before the first.

    Args:
        boundaries: Steps, rising.
        values: Rates, one more than boundaries.

    Raises:
        ValueError: There are more or fewer.
    """
    # Minus 1 because in Keras a boundary belongs to the piece before it.
    return PiecewiseConstantDecay([start - 1 for start in boundaries], list(values))


@registered
class InverseSquareRoot(SavedSchedule):
    """A rate that falls with the square root of the steps.

    rate(i) = learning_rate * sqrt(timescale / (timescale + i)).

    After a linear warmup of `timescale` steps this is the schedule of Ashish Vaswani
    et al., "Attention Is All You Need", NeurIPS 2017,
    https://arxiv.org/abs/1706.03762, section 5.3.

    Args:
        learning_rate: The first rate.
        timescale: Steps, at least 1; after three times as many the rate is half.

    Raises:
        ValueError: `timescale` is below 1.
    """

    def __init__(self, learning_rate: float, timescale: int):
        super().__init__(learning_rate=learning_rate, timescale=timescale)
        check_positive(timescale=timescale)
        self.learning_rate = learning_rate
        self.timescale = timescale

    def __call__(self, step: Any) -> Any:
        passed = ops.cast(whole(step) + self.timescale, "float32")
        return self.learning_rate * ops.sqrt(self.timescale / passed)


@registered
class SqrtFall(SavedSchedule):
    """A rate that falls fast at first, then ever slower: 1 minus a square root.

    rate(i) = end + (start - end) * (1 - sqrt(i / num_steps)) up to step `num_steps`;
    then it stays.

    Args:
        start: The first rate.
        end: The rate at step `num_steps` and after it.
        num_steps: At least 1.

    Raises:
        ValueError: `num_steps` is below 1.

    Source: Alexander Hägele et al., "Scaling Laws and Compute-Optimal Training Beyond
    Fixed Training Durations", 2024, https://arxiv.org/abs/2405.18392, section 3.1.
    """

    def __init__(self, start: float, end: float, num_steps: int):
        super().__init__(start=start, end=end, num_steps=num_steps)
        check_positive(num_steps=num_steps)
        self.start = start
        self.end = end
        self.num_steps = num_steps

    def __call__(self, step: Any) -> Any:
        passed = ops.cast(ops.minimum(whole(step), self.num_steps), "float32")
        left = 1.0 - ops.sqrt(passed / self.num_steps)
        return self.end + (self.start - self.end) * left


@registered
class CompoundingTimeDecay(SavedSchedule):
    """A rate that each epoch divides again, so that it falls ever faster.

    rate(e) = learning_rate / ((1 + decay) (1 + 2 decay) ... (1 + e decay)).

    It is asked for an epoch e, not a step: see `Clock`. `time_decay`, which does not
    compound, divides the first rate each time.

    Args:
        learning_rate: The rate of epoch 0.
        decay: At least 0.
        num_epochs: At least 1. Later epochs have the rate of the last one.

    Raises:
        ValueError: `num_epochs` is below 1.

    Source: Christian Versloot, "Problems with fixed and decaying learning rates",
    MachineCurve, 2019: `time_decay`.
    """

    def __init__(self, learning_rate: float, decay: float, num_epochs: int):
        super().__init__(
            learning_rate=learning_rate, decay=decay, num_epochs=num_epochs
        )
        check_positive(num_epochs=num_epochs)
        rates = [learning_rate]
        for epoch in range(1, num_epochs):
            rates.append(rates[-1] / (1 + decay * epoch))
        self._rates = rates

    def __call__(self, step: Any) -> Any:
        epoch = ops.minimum(whole(step), len(self._rates) - 1)
        return ops.take(ops.convert_to_tensor(self._rates, dtype="float32"), epoch)
