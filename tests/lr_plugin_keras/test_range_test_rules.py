"""Rules on curves whose answer is known."""

import numpy as np
import pytest

from lr_plugin.keras.range_test.curve import smooth_losses
from lr_plugin.keras.range_test.rules import steepest, tenth_of_minimum, valley

RATES = np.geomspace(1e-6, 10, 100)
LOG_RATES = np.log10(RATES)


@pytest.mark.parametrize("log_rate", [-4.0, -3.0, -2.0])
@pytest.mark.parametrize("rule", [steepest, valley])
def test_rules_find_the_center_of_a_symmetric_fall(rule, log_rate):
    losses = 2.3 - 2 / (1 + np.exp(-(LOG_RATES - log_rate) / 0.2))
    losses += 10 * np.maximum(LOG_RATES - log_rate - 1.3, 0) ** 2
    curve = smooth_losses(RATES, [losses.tolist()])
    assert rule(curve) == pytest.approx(log_rate, abs=0.06)


def test_tenth_of_the_minimum_is_a_decade_below_it():
    # Falls by 1 in a decade until -2, then rises by 1 in a decade.
    losses = np.abs(LOG_RATES + 2).tolist()
    assert tenth_of_minimum(smooth_losses(RATES, [losses])) == pytest.approx(
        -3, abs=0.02
    )


def test_steepest_of_two_falls_is_on_the_steeper_and_not_between():
    losses = np.zeros(100)
    for depth, log_rate in ((1.2, -4), (1.0, -2)):
        losses -= depth / (1 + np.exp(-(LOG_RATES - log_rate) / 0.15))
    curve = smooth_losses(RATES, [losses.tolist()])
    assert steepest(curve) == pytest.approx(-4, abs=0.06)
