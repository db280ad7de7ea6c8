"""Suggests a rate from the losses of a range test, by pure functions."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from lr_plugin.keras.range_test.curve import LossCurve, smooth_losses
from lr_plugin.keras.range_test.defaults import MIN_STEPS
from lr_plugin.keras.range_test.interval import estimate_interval
from lr_plugin.keras.range_test.rules import RULES

RECOMMENDED = "steepest"

# A fall counts from this many standard errors on, because the lowest of many smoothed
# losses is low by chance already.
_MIN_FALL_ERRORS = 6.0
# A minimum among this many first rates is the start and not the end of a fall.
_MIN_FALL_STEPS = 3
# The share of the fall at which improvement, and later divergence, is clear.
_CLEAR_SHARE = 0.1
_CLEAR_ERRORS = 3.0
_MAX_INTERVAL_DECADES = 1.0
# Where the slope at an end of the curve is at least this share of the steepest, the
# fall goes on beyond that end.
_CUT_OFF_SHARE = 0.5


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """What a range test concludes.

    Attributes:
        suggestion: The recommended rate, or None.
        interval: Lower and upper rate that hold the suggestion with 90 % confidence,
            or None.
        reason: Why this suggestion, or why there is none.
        suggestions: Rate by the name of the rule; None where a rule has no answer.
        usable_band: From the first clear improvement to divergence, or None.
        smoothed: The curve from which all this follows. Shape [<= num_steps].
    """

    suggestion: float | None
    interval: tuple[float, float] | None
    reason: str
    suggestions: Mapping[str, float | None]
    usable_band: tuple[float, float] | None
    smoothed: Sequence[float]


def suggest(
    learning_rates: Sequence[float],
    losses: Sequence[Sequence[float]],
    *,
    diverged: bool,
    loss_name: str = "batch loss",
) -> Suggestion:
    """Suggests a rate, or says why it cannot.

    Args:
        learning_rates: Log-spaced, rising. Shape [num_steps].
        losses: Finite. Shape [num_repeats][<= num_steps].
        diverged: Whether the losses ended the test before the last rate.
        loss_name: What the losses are, for the reason.
    """
    if not any(losses):
        return _no_suggestion(
            "No update was possible: from the beginning the loss or its gradients were "
            "not finite, which no rate changes. Look for NaN and infinity in the data "
            "and in the model."
        )
    num_updates = sorted(len(each) for each in losses)[(len(losses) - 1) // 2]
    if num_updates < MIN_STEPS:
        return _no_suggestion(
            f"The test was too short: it diverged after {num_updates} updates, "
            f"and {MIN_STEPS} are needed to tell anything. Lower the lowest rate "
            f"({learning_rates[0]:.3g})."
        )
    curve = smooth_losses(learning_rates, losses)
    obstacle = _find_obstacle(curve, diverged=diverged)
    if obstacle:
        return _no_suggestion(obstacle, curve)
    log_interval = estimate_interval(learning_rates, losses, curve)
    suggestions = {name: 10 ** rule(curve) for name, rule in RULES.items()}
    if log_interval[1] - log_interval[0] > _MAX_INTERVAL_DECADES:
        low, high = 10 ** log_interval[0], 10 ** log_interval[1]
        return _no_suggestion(
            "The losses are too noisy: repeats disagree, and the suggestion could be "
            f"anywhere from {low:.2g} to {high:.2g}. Use larger batches, more repeats "
            "or more steps.",
            curve,
        )
    interval = (float(10 ** log_interval[0]), float(10 ** log_interval[1]))
    usable_band = _find_usable_band(curve)
    suggestion = suggestions[RECOMMENDED]
    return Suggestion(
        suggestion=suggestion,
        interval=interval,
        reason=_explain(
            curve, suggestion, interval, usable_band, len(losses), loss_name
        ),
        suggestions=suggestions,
        usable_band=usable_band,
        smoothed=curve.losses.tolist(),
    )


def _find_obstacle(curve: LossCurve, *, diverged: bool) -> str:
    """Says why the curve allows no suggestion; empty if it does."""
    rates = 10**curve.log_rates
    lowest = curve.minimum
    rounding = np.finfo(np.float32).eps * abs(curve.start_level)
    error = max(rounding, float(np.hypot(curve.errors[0], curve.errors[lowest])))
    has_fallen = curve.fall > 0 and curve.fall >= _MIN_FALL_ERRORS * error
    if lowest < _MIN_FALL_STEPS or not has_fallen:
        if diverged and lowest < len(rates) // 4:
            return (
                "The loss diverged at once: it rose from the lowest rate on "
                f"({rates[0]:.3g}) and fell nowhere. Lower the lowest rate."
            )
        # A test that diverged has tried high rates already.
        what, advice = (
            (", and then it diverged", "Lower the lowest rate")
            if diverged
            else ("", "Raise the highest rate")
        )
        return (
            f"The curve is flat: from {rates[0]:.3g} to {rates[-1]:.3g} the loss, "
            f"{curve.start_level:.4g} at first, fell nowhere by more than its "
            f"noise{what}. {advice}; or the model has been trained already, cannot "
            "learn, or the batches are too small."
        )
    slopes = curve.slopes[: lowest + 1]
    cut_off = _CUT_OFF_SHARE * slopes.min()
    if slopes[0] < cut_off:
        return (
            f"The loss fell from the lowest rate on ({rates[0]:.3g}), so that the "
            "beginning of the fall is not seen. Lower the lowest rate."
        )
    if not diverged and lowest == len(rates) - 1 and slopes[-1] < cut_off:
        return (
            f"The loss still fell at the highest rate ({rates[-1]:.3g}), so that the "
            "end of the fall is not seen. Raise the highest rate."
        )
    return ""


def _find_usable_band(curve: LossCurve) -> tuple[float, float] | None:
    """Finds the rates from the first clear improvement to just before divergence.

    Noise makes it narrower at both ends: improvement must be certain, while the first
    sign of divergence ends it.
    """
    lowest = curve.minimum
    clear = _CLEAR_SHARE * curve.fall
    certain = np.maximum(clear, _CLEAR_ERRORS * curve.errors)
    improved = np.flatnonzero(
        curve.losses[: lowest + 1] < curve.start_level - certain[: lowest + 1]
    )
    worse = np.flatnonzero(curve.losses[lowest:] > curve.losses[lowest] + clear)
    if not len(improved):
        return None
    high = lowest + worse[0] - 1 if len(worse) else len(curve.log_rates) - 1
    return (
        float(10 ** curve.log_rates[improved[0]]),
        float(10 ** curve.log_rates[high]),
    )


def _no_suggestion(reason: str, curve: LossCurve | None = None) -> Suggestion:
    return Suggestion(
        suggestion=None,
        interval=None,
        reason=reason,
        suggestions=dict.fromkeys(RULES),
        usable_band=None,
        smoothed=[] if curve is None else curve.losses.tolist(),
    )


def _explain(
    curve: LossCurve,
    suggestion: float,
    interval: tuple[float, float],
    usable_band: tuple[float, float] | None,
    num_repeats: int,
    loss_name: str,
) -> str:
    lowest = curve.minimum
    where = "" if usable_band is None else f" from {usable_band[0]:.2g} on"
    repeats = "1 repeat" if num_repeats == 1 else f"{num_repeats} repeats"
    return (
        f"The {loss_name} fell{where}, from {curve.start_level:.4g} to "
        f"{curve.losses[lowest]:.4g} at {10 ** curve.log_rates[lowest]:.2g}, "
        f"fastest at {suggestion:.2g}; "
        f"by {repeats} that lies between {interval[0]:.2g} and {interval[1]:.2g} with "
        "90 % confidence."
    )
