"""What is said of a run's rates by what other rates would have done."""

import numpy as np
import pytest
from data_providers import SCOPE, python_loader

from lr_plugin.reader.landscape.headroom import find_low_rate
from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import LandscapeSample
from lr_plugin.writer.run_writer import RunWriter

RATE = 0.01


@pytest.fixture
def summarize(tmp_path):
    """Writes a run with a sample for each headroom, and sums it up."""

    def summarize(headrooms):
        steps = np.arange(200)
        rates = RATE + 1e-5 * steps
        with RunWriter(tmp_path / "run") as writer:
            losses = 2.0 * 0.5 ** (steps / 20)
            writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})
            for step, headroom in enumerate(headrooms):
                sample = LandscapeSample(
                    used_rate=float(np.float32(rates[step])),
                    critical_rate=rates[step] * headroom,
                    loss=1.0,
                    rates=[rates[step], 1000 * rates[step]],
                    loss_changes=[-0.1 if headroom > 1 else 0.1, 0.1],
                )
                writer.write_landscape(step, sample)
        with python_loader() as load:
            reader = LearningRateReader(load(tmp_path), directories=RunDirectories())
        (run,) = reader.list_runs(SCOPE)["runs"]
        return run

    return summarize


def test_columns_are_medians_over_the_moments(summarize):
    run = summarize([2.0, 8.0, 4.0])

    assert run["landscape"]["num_samples"] == 3
    assert run["landscape"]["headroom"] == pytest.approx(4.0)
    # 2 * 0.01, 8 * 0.01001 and 4 * 0.01002.
    assert run["landscape"]["critical_rate"] == pytest.approx(4 * 0.01002)


def test_moments_without_a_critical_rate_are_above_all_others(summarize):
    assert summarize([2.0, np.inf, np.inf])["landscape"]["headroom"] == np.inf


def test_run_without_samples_has_no_columns(summarize):
    assert summarize([])["landscape"] is None


def test_rate_that_was_too_low_is_found(summarize):
    (finding,) = summarize([*range(23, 42), 40.5])["findings"]

    # Of 23, 24, ..., 40, 40.5, 41 the tenth is 32, of step 9.
    assert finding["kind"] == "rate_too_low"
    assert finding["step"] == 9
    assert finding["learning_rate"] == pytest.approx(0.01009)
    assert finding["text"] == (
        "The learning rate was low: of 20 updates that were measured while it was near "
        "its highest, half could have gone 32 times as far or more before the loss of "
        "the next batch rose, as at iteration 9, where the rate was 0.0101. Try a "
        "higher rate."
    )


@pytest.mark.parametrize("headroom", [0.5, 1.2, 4.0, 7.5])
def test_rates_that_are_not_clearly_too_low_are_left_alone(headroom, summarize):
    assert summarize([headroom] * 20)["findings"] == []


def test_where_no_rate_raised_the_loss_the_largest_is_named(summarize):
    (finding,) = summarize([np.inf] * 20)["findings"]

    assert "gone 1,000 times as far or more before" in finding["text"]


def test_few_moments_tell_nothing(summarize):
    assert summarize([100.0] * 9)["findings"] == []


def test_a_schedule_that_has_decayed_is_low_on_purpose():
    # The critical rate stays at 0.2: twice the first rate, and 20 times the later ones.
    used = np.repeat([0.1, 0.01], [12, 28])
    rates = used[:, None] * [1.0, 2.0, 100.0]

    def landscape_with(critical_rate):
        return Landscape(
            steps=np.arange(40),
            used_rates=used,
            losses=np.ones(40),
            rates=rates,
            loss_changes=np.where(rates > critical_rate, 1.0, -0.1),
            critical_rates=np.full(40, critical_rate),
        )

    assert find_low_rate(landscape_with(0.2)) is None
    low = find_low_rate(landscape_with(1.0))
    assert (low.num_samples, low.headroom) == (12, pytest.approx(10.0))
