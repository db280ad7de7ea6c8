"""The one-cycle schedule, and the momentum that moves beside it."""

from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.schedules.composed import Joined
from lr_plugin.keras.schedules.decay import cosine, linear
from lr_plugin.keras.schedules.schedule import Schedule

# The share of Smith's cycle in which the rate rises, and that in which it falls.
_HALF_CYCLE = 0.45
# Of the cycle without a third part, as in fastai and PyTorch.
_PCT_START = 0.3


def one_cycle(
    base: float,
    top: float,
    end: float,
    num_steps: int,
    *,
    shape: str = "linear",
    pct_start: float | None = None,
) -> LearningRateSchedule:
    """Rises from `base` to `top` and falls, at the last of `num_steps`, to `end`.

    Without `pct_start` and with straight lines it has the three parts of Smith and
    Topin: up, down to `base` again in as many steps, 45 % each, then far down to `end`.
    Otherwise it has two: up to step pct_start * num_steps - 1, then down to `end`.

    Args:
        base: The first rate, above 0.
        top: The highest rate.
        end: The rate of step `num_steps` - 1 and of all after it.
        num_steps: At least 4.
        shape: "linear" or "cosine".
        pct_start: The share of the steps in which the rate rises, above 0, below 1;
            0.3 if it is None and the shape is a cosine.

    Raises:
        ValueError: `shape` or `pct_start` is something else.

    Source: Leslie N. Smith, Nicholay Topin, "Super-Convergence: Very Fast Training of
    Neural Networks Using Large Learning Rates", 2018, https://arxiv.org/abs/1708.07120;
    two parts: Sylvain Gugger, "The 1cycle policy", fastai, and PyTorch's OneCycleLR
    """
    _check(shape, pct_start)
    if _has_three_parts(shape, pct_start):
        half = _half(num_steps)
        rest = max(1, num_steps - 1 - 2 * half)
        return Joined(
            [
                linear(base, top, half),
                linear(top, base, half),
                linear(base, end, rest),
            ],
            [half, 2 * half],
        )
    return _up_and_down(base, top, end, num_steps, shape, pct_start)


def one_cycle_momentum(
    low: float,
    high: float,
    num_steps: int,
    *,
    shape: str = "linear",
    pct_start: float | None = None,
) -> LearningRateSchedule:
    """Moves the momentum beside `one_cycle`: low where the rate is high.

    Args:
        low: The momentum where the rate is at its top.
        high: The momentum at the start, and from where the rate is at `base` again, or
            at its end.
        num_steps: As of `one_cycle`.
        shape: As of `one_cycle`.
        pct_start: As of `one_cycle`.

    Raises:
        ValueError: As `one_cycle`.
    """
    _check(shape, pct_start)
    if _has_three_parts(shape, pct_start):
        half = _half(num_steps)
        return Joined([linear(high, low, half), linear(low, high, half)], [half])
    return _up_and_down(high, low, high, num_steps, shape, pct_start)


def _has_three_parts(shape: str, pct_start: float | None) -> bool:
    return shape == "linear" and pct_start is None


def _half(num_steps: int) -> int:
    # In the shortest runs one step is left for the third part.
    return max(1, min(int(num_steps * _HALF_CYCLE), (num_steps - 2) // 2))


def _up_and_down(
    first: float,
    middle: float,
    last: float,
    num_steps: int,
    shape: str,
    pct_start: float | None,
) -> LearningRateSchedule:
    share = _PCT_START if pct_start is None else pct_start
    turn = min(max(1, round(share * num_steps - 1)), max(1, num_steps - 2))
    move = cosine if shape == "cosine" else linear
    parts: list[Schedule] = [
        move(first, middle, turn),
        move(middle, last, max(1, num_steps - 1 - turn)),
    ]
    return Joined(parts, [turn])


def _check(shape: str, pct_start: float | None) -> None:
    if shape not in ("linear", "cosine"):
        raise ValueError(
            f"`shape` must be linear or cosine. Received: shape={shape!r}."
        )
    if pct_start is not None and not 0 < pct_start < 1:
        raise ValueError(
            f"`pct_start` must be above 0 and below 1. Received: pct_start={pct_start}."
        )
