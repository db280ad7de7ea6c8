"""Suggestions for curves whose answer is known, and reasons where there is none."""

import re

import numpy as np
import pytest

from lr_plugin.keras.range_test.curve import has_diverged
from lr_plugin.keras.range_test.suggestions import suggest

RATES = np.geomspace(1e-6, 10, 100)
LOG_RATES = np.log10(RATES)


def fall_at(log_rate, *, noise=0.0, onset=None, seed=0, scale=1.0, shift=0.0):
    """Makes a fall from 2.3 to 0.3, steepest at `log_rate`, and a rise from `onset`."""
    losses = 2.3 - 2 / (1 + np.exp(-(LOG_RATES - log_rate) / 0.2))
    if onset is not None:
        losses = losses + 10 * np.maximum(LOG_RATES - onset, 0) ** 2
    losses = losses + noise * np.random.default_rng(seed).normal(size=len(losses))
    losses = (scale * losses + shift).tolist()
    for num_losses in range(1, len(losses)):
        if has_diverged(losses[:num_losses]):
            return losses[:num_losses]
    return losses


def suggest_for(*repeats):
    diverged = any(len(losses) < len(RATES) for losses in repeats)
    return suggest(RATES.tolist(), repeats, diverged=diverged)


def test_suggestion_is_the_steepest_point_and_its_reason_names_the_numbers():
    found = suggest_for(
        *(fall_at(-3, noise=0.05, onset=-1.8, seed=s) for s in range(3))
    )
    assert found.suggestion == pytest.approx(1e-3, rel=0.1)
    assert found.suggestion == found.suggestions["steepest"]
    low, high = found.interval
    assert low < found.suggestion < high
    assert f"fastest at {found.suggestion:.2g};" in found.reason
    assert "by 3 repeats" in found.reason


@pytest.mark.parametrize(("scale", "shift"), [(1e-3, 0.0), (50.0, -200.0)])
def test_suggestion_does_not_depend_on_the_unit_of_the_loss(scale, shift):
    plain = suggest_for(fall_at(-3, noise=0.05, onset=-1.8))
    other = suggest_for(fall_at(-3, noise=0.05, onset=-1.8, scale=scale, shift=shift))
    assert other.suggestion == pytest.approx(plain.suggestion, rel=1e-6)
    assert other.interval == pytest.approx(plain.interval, rel=1e-6)


def test_usable_band_reaches_from_improvement_to_divergence():
    found = suggest_for(fall_at(-3, noise=0.02, onset=-1.5))
    low, high = np.log10(found.usable_band)
    # The logistic has fallen by a tenth at -3 - 0.2 * ln 9.
    assert low == pytest.approx(-3 - 0.2 * np.log(9), abs=0.12)
    assert high == pytest.approx(-1.5, abs=0.15)


@pytest.mark.parametrize("num_repeats", [1, 3])
def test_interval_holds_the_true_rate_about_nine_times_in_ten(num_repeats):
    num_held = 0
    for trial in range(30):
        seeds = range(10 * trial, 10 * trial + num_repeats)
        found = suggest_for(
            *(fall_at(-3, noise=0.2, onset=-1.8, seed=seed) for seed in seeds)
        )
        low, high = found.interval
        num_held += low <= 1e-3 <= high
    # 90 % of 30 are 27; fewer than 22 would happen once in 500 tries.
    assert num_held >= 22


def test_interval_is_never_narrower_than_a_step_of_the_test():
    found = suggest_for(*[fall_at(-3, onset=-1.8)] * 3)
    low, high = np.log10(found.interval)
    assert high - low >= LOG_RATES[1] - LOG_RATES[0] - 1e-9


@pytest.mark.parametrize(
    ("repeats", "reason"),
    [
        ([fall_at(5, noise=0.1)], r"The curve is flat.* Raise the highest rate"),
        (
            [fall_at(-3, noise=2, onset=-1)],
            r"flat.*then it diverged\. Lower the lowest",
        ),
        ([[1.0] * 100], "The curve is flat"),
        # In floats the mean of ten tenths is not a tenth.
        ([[0.1] * 100] * 3, "The curve is flat"),
        ([[2.3025851249694824] * 100], "The curve is flat"),
        ([fall_at(-3, noise=3.0, seed=s) for s in range(10, 13)], "flat"),
        ([[], []], "Look for NaN and infinity in the data"),
        ([[2.0, 1.9, 1.8]], "too short: it diverged after 3 updates"),
        ([fall_at(5, onset=-6.0)], "diverged at once"),
        ([fall_at(-6.2, onset=-3)], "fell from the lowest rate on"),
        ([fall_at(1.0)], "still fell at the highest rate"),
    ],
    ids=[
        "noise only",
        "then diverged",
        "constant",
        "constant tenths",
        "constant guess",
        "buried",
        "not finite",
        "short",
        "rising",
        "late",
        "early",
    ],
)
def test_where_nothing_can_be_told_there_is_a_reason_and_no_rate(repeats, reason):
    found = suggest_for(*repeats)
    assert found.suggestion is None
    assert found.interval is None
    assert found.usable_band is None
    assert set(found.suggestions.values()) == {None}
    assert re.search(reason, found.reason)


def test_repeats_that_disagree_are_too_noisy():
    found = suggest_for(
        fall_at(-5, onset=-3.5), fall_at(-3.5, onset=-2), fall_at(-2, onset=-0.5)
    )
    assert found.suggestion is None
    assert "too noisy" in found.reason


def test_a_flat_curve_is_hardly_ever_given_a_rate():
    answers = [suggest_for(fall_at(5, noise=0.1, seed=seed)) for seed in range(100)]
    assert sum(found.suggestion is not None for found in answers) <= 1
