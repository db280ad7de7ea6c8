"""Suggestions for curves whose answer is known, and reasons where there is none."""

import re

import numpy as np
import pytest

from lr_plugin import demo, read_run
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


@pytest.mark.slow
def test_suggestion_is_the_steepest_point_and_its_reason_names_the_numbers():
    found = suggest_for(
        *(fall_at(-3, noise=0.05, onset=-1.8, seed=s) for s in range(3))
    )
    assert found.suggestion == pytest.approx(1e-3, rel=0.1)
    assert found.suggestion == found.suggestions["steepest"]
    low, high = found.interval
    assert low < found.suggestion < high
    start, lowest = max(found.smoothed[:50]), int(np.argmin(found.smoothed))
    numbers = re.fullmatch(
        r"The batch loss fell from (\S+) on, from (\S+) to (\S+) at (\S+), fastest at "
        r"(\S+); by 3 repeats that lies between (\S+) and (\S+) with 90 % confidence\.",
        found.reason,
    ).groups()
    # The level at the start is a mean of the first losses; the true curve has 2.3.
    assert float(numbers[1]) == pytest.approx(start, rel=0.01)
    assert [*numbers[:1], *numbers[2:]] == [
        f"{found.usable_band[0]:.2g}",
        f"{found.smoothed[lowest]:.4g}",
        f"{RATES[lowest]:.2g}",
        f"{found.suggestion:.2g}",
        f"{low:.2g}",
        f"{high:.2g}",
    ]


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


@pytest.mark.slow
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


def flat(start, *, to="10", what="", advice="Raise the highest rate"):
    return (
        f"The curve is flat: from 1e-06 to {to} the loss, {start} at first, fell "
        f"nowhere by more than its noise{what}\\. {advice}; or the model has been "
        "trained already, cannot learn, or the batches are too small\\."
    )


@pytest.mark.parametrize(
    ("repeats", "reason"),
    [
        ([fall_at(5, noise=0.1)], flat(r"2\.3\S+")),
        (
            [fall_at(-3, noise=2, onset=-1)],
            # It fell to 0.3, and rose by 10 squared decades: four times that at 2.3.
            flat(
                r"\S+",
                to=r"2\.31",
                what=", and then it diverged",
                advice="Lower the lowest rate",
            ),
        ),
        ([[1.0] * 100], flat("1")),
        # In floats the mean of ten tenths is not a tenth.
        ([[0.1] * 100] * 3, flat(r"0\.1")),
        ([[2.3025851249694824] * 100], flat(r"2\.303")),
        ([fall_at(-3, noise=3.0, seed=s) for s in range(10, 13)], flat(r"\S+")),
        (
            [[], []],
            "No update was possible: from the beginning the loss or its gradients were "
            "not finite, which no rate changes\\. Look for NaN and infinity in the "
            "data and in the model\\.",
        ),
        (
            [[2.0, 1.9, 1.8]],
            "The test was too short: it diverged after 3 updates, and 10 are needed to "
            "tell anything\\. Lower the lowest rate \\(1e-06\\)\\.",
        ),
        (
            [fall_at(5, onset=-6.0)],
            "The loss diverged at once: it rose from the lowest rate on \\(1e-06\\) "
            "and fell nowhere\\. Lower the lowest rate\\.",
        ),
        (
            [fall_at(-6.2, onset=-3)],
            "The loss fell from the lowest rate on \\(1e-06\\), so that the beginning "
            "of the fall is not seen\\. Lower the lowest rate\\.",
        ),
        (
            [fall_at(1.0)],
            "The loss still fell at the highest rate \\(10\\), so that the end of the "
            "fall is not seen\\. Raise the highest rate\\.",
        ),
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
    assert re.fullmatch(reason, found.reason)


def test_repeats_that_disagree_are_too_noisy():
    found = suggest_for(
        fall_at(-5, onset=-3.5), fall_at(-3.5, onset=-2), fall_at(-2, onset=-0.5)
    )
    assert found.suggestion is None
    # Two of the three are steepest at 10 ** -5 and 10 ** -2.
    low, high = re.fullmatch(
        r"The losses are too noisy: repeats disagree, and the suggestion could be "
        r"anywhere from (\S+) to (\S+)\. Use larger batches, more repeats or more "
        r"steps\.",
        found.reason,
    ).groups()
    assert float(low) < 1e-5
    assert float(high) > 1e-2


def test_a_flat_curve_is_hardly_ever_given_a_rate():
    answers = [suggest_for(fall_at(5, noise=0.1, seed=seed)) for seed in range(100)]
    assert sum(found.suggestion is not None for found in answers) <= 1


@pytest.mark.slow
def test_the_range_test_among_the_examples_says_what_a_range_test_says(tmp_path):
    demo.write_demo(tmp_path, num_runs=0, long_steps=0, seed=5)
    (record,) = read_run(tmp_path / "range_test").range_tests

    found = suggest(record.learning_rates, record.losses, diverged=True)

    assert record.reason == found.reason
    assert record.reason == (
        "The batch loss fell from 0.00026 on, from 2.309 to 0.8081 at 0.038, fastest "
        "at 0.002; by 3 repeats that lies between 0.0019 and 0.0022 with 90 % "
        "confidence."
    )
    assert record.suggestion == pytest.approx(found.suggestion, rel=0.01)
    assert record.interval == pytest.approx(found.interval, rel=0.01)
    assert record.usable_band == pytest.approx(found.usable_band, rel=0.01)
    assert record.suggestions == pytest.approx(found.suggestions, rel=0.01)
    for losses in record.losses:
        assert losses[-1] > 4 * min(losses) > max(losses[:-1])
    assert record.stop_reason == "the loss rose to 4 times its lowest value"
