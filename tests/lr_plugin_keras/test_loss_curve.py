"""Smoothing that does not lag, and a rule of divergence without units."""

import numpy as np
import pytest

from lr_plugin.keras.range_test.curve import (
    divergence_level,
    has_diverged,
    smooth_losses,
)

RATES = np.geomspace(1e-6, 10, 100)
LOG_RATES = np.log10(RATES)


def step_at(log_rate, *, width=0.2):
    """Makes a logistic fall from 2 to 1, steepest at `log_rate`."""
    return 1 + 1 / (1 + np.exp((LOG_RATES - log_rate) / width))


def test_a_straight_line_stays_as_it_is_up_to_both_ends():
    line = 3 - 0.25 * LOG_RATES
    curve = smooth_losses(RATES, [line.tolist()])
    np.testing.assert_allclose(curve.losses, line, atol=1e-9)
    np.testing.assert_allclose(curve.slopes, -0.25, atol=1e-9)


def test_a_fall_is_neither_delayed_nor_brought_forward():
    curve = smooth_losses(RATES, [step_at(-2.5).tolist()])
    # A symmetric fall keeps its center: half of it, 1.5, is reached there.
    assert np.interp(-1.5, -curve.losses, LOG_RATES) == pytest.approx(-2.5, abs=0.01)
    assert LOG_RATES[np.argmin(curve.slopes)] == pytest.approx(-2.5, abs=0.05)


def test_mirrored_losses_give_the_mirrored_curve():
    generator = np.random.default_rng(0)
    # A dip in the middle: neither it nor its mirror image diverges.
    losses = 1 - np.exp(-((LOG_RATES + 2) ** 2)) + 0.1 * generator.normal(size=100)
    forward = smooth_losses(RATES, [losses.tolist()]).losses
    backward = smooth_losses(RATES, [losses[::-1].tolist()]).losses
    np.testing.assert_allclose(forward, backward[::-1], rtol=1e-6)


def test_one_outlier_among_repeats_hardly_moves_the_curve():
    losses = step_at(-2.5)
    with_outlier = losses.copy()
    with_outlier[30] = 1e6
    curve = smooth_losses(RATES, [losses, losses, with_outlier])
    clean = smooth_losses(RATES, [losses, losses, losses])
    assert np.max(np.abs(curve.losses - clean.losses)) < 0.02


def test_errors_are_what_repeats_of_the_noise_show():
    generator = np.random.default_rng(1)
    curves = [
        smooth_losses(RATES, [(2 + 0.3 * generator.normal(size=100)).tolist()])
        for _ in range(200)
    ]
    found = np.std([curve.losses[50] for curve in curves])
    told = np.mean([curve.errors[50] for curve in curves])
    assert told == pytest.approx(found, rel=0.25)


def test_ends_where_half_of_the_repeats_have_ended():
    losses = step_at(-2.5).tolist()
    curve = smooth_losses(RATES, [losses[:60], losses[:70], losses])
    assert len(curve.losses) == 70


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("shift", [-5.0, 0.0, 100.0])
def test_divergence_does_not_depend_on_the_unit_of_the_loss(scale, shift):
    # Ten losses from 1.0 to 1.2, a fall to 0.5: diverged above 1.2 + (1.2 - 0.5) = 1.9.
    start = [1.0, 1.2] * 5 + [0.5]

    def diverged_at(loss):
        losses = [*start, *[loss] * 4]
        return has_diverged([scale * (each + shift) for each in losses])

    assert divergence_level(start) == pytest.approx(1.9)
    assert not diverged_at(1.85)
    assert diverged_at(1.95)


def test_single_spikes_are_no_divergence():
    losses = [1.0, 1.2] * 10 + [50.0, 1.1, 50.0, 1.0]
    assert not any(has_diverged(losses[:n]) for n in range(len(losses)))
    assert has_diverged([*losses, 50.0])


def test_divergence_is_not_told_before_there_is_something_to_compare_with():
    assert divergence_level([1.0, 2.0]) == np.inf
    assert not has_diverged([1.0, 1e9])
