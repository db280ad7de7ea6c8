"""Each mistake is found where it was made, and not where it was not."""

import math

import numpy as np
import pytest
from data_providers import SCOPE, python_loader

from lr_plugin.reader.findings.finding import shorten
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import Event, RangeTestRecord, RunInfo
from lr_plugin.writer.run_writer import RunWriter


@pytest.fixture
def find(tmp_path):
    """Writes a run and finds what is wrong with it."""

    def find(
        *,
        rates,
        losses=None,
        info=None,
        applied=None,
        events=(),
        test=None,
        directories=None,
    ):
        steps = np.arange(len(rates))
        if losses is None:
            losses = 2.0 * 0.5 ** (10 * steps / len(steps))
        rows = {"step": steps, "learning_rate": rates, "loss": losses}
        if applied is not None:
            rows["applied"] = applied
        with RunWriter(tmp_path / "run") as writer:
            writer.write_run_info(info or RunInfo())
            writer.write_rows(rows)
            for event in events:
                writer.write_event(event)
            if test:
                writer.write_range_test(test)
        with python_loader() as load:
            reader = LearningRateReader(
                load(tmp_path), directories=directories or RunDirectories()
            )
        found = reader.find_findings(SCOPE, "run")
        (run,) = reader.list_runs(SCOPE)["runs"]
        assert repr(run["findings"]) == repr(found)  # A loss may be NaN.
        return found

    return find


def falling(num_steps, begin=1e-2, end=1e-4):
    return np.geomspace(begin, end, num_steps)


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [50, 1000, 5000])
def test_a_good_training_has_no_findings(find, num_steps):
    assert find(rates=falling(num_steps)) == []


@pytest.mark.slow
def test_a_constant_rate_that_nobody_wanted_otherwise_is_no_finding(find):
    assert find(rates=np.full(3000, 1e-3)) == []


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [900, 5000])
def test_a_loss_that_is_not_finite_is_an_error(find, num_steps):
    losses = np.linspace(2, 1, num_steps)
    losses[600:] = np.nan

    (found,) = find(rates=np.full(num_steps, 0.25), losses=losses)

    assert (found["kind"], found["severity"]) == ("nonfinite_loss", "error")
    assert f"in {num_steps - 600:,} iterations" in found["text"]
    assert "first at iteration 600, where the rate was 0.25." in found["text"]
    assert (found["step"], found["learning_rate"]) == (600, 0.25)
    assert "It has not recovered" in found["text"]


@pytest.mark.slow
def test_a_single_loss_that_is_not_finite_is_told_by_its_row(find):
    losses = np.linspace(2, 1, 5000)
    losses[600] = np.inf
    # What the recorder says of the rate is not needed.
    rates = np.geomspace(1, 2, 5000)

    (found,) = find(rates=rates, losses=losses)

    assert found["step"] == 600
    assert found["learning_rate"] == pytest.approx(rates[600])
    assert "in 1 iteration, first at iteration 600," in found["text"]
    assert "recovered" not in found["text"]


def test_a_loss_that_fell_and_rose_above_its_beginning_diverged(find):
    # Fifths of 800: falls to 0.5, then rises to 3.
    losses = np.concatenate([np.linspace(2, 0.5, 2000), np.linspace(0.5, 3, 2000)])
    rates = np.geomspace(1e-4, 1, 4000)

    (found,) = find(rates=rates, losses=losses)

    assert (found["kind"], found["severity"]) == ("diverged", "error")
    # Over 41 rows the loss is lowest at the turn, at a rate of 0.01.
    assert abs(found["step"] - 2000) <= 41
    assert found["learning_rate"] == pytest.approx(rates[found["step"]])
    assert f"Stay below {rates[found['step']]:.3g};" in found["text"]
    # The medians of 41 rows that fall by 0.00075 each, and rise by 0.00125.
    ends = "it began at 1.98 and ended at 2.97 (medians of 41 iterations)"
    assert ends in found["text"]


def test_advice_does_not_warn_of_a_rate_below_the_highest(find):
    losses = np.concatenate([np.linspace(2, 0.5, 2000), np.linspace(0.5, 3, 2000)])

    (found,) = find(rates=falling(4000), losses=losses)

    assert found["kind"] == "diverged"
    assert found["text"].endswith(
        "The rate had been as high as 0.01 before: look at the data and clip the "
        "gradients (`clipnorm`)."
    )


def test_a_loss_that_rose_before_it_was_not_finite_diverged_too(find):
    losses = np.concatenate([np.linspace(2, 0.5, 2000), np.linspace(0.5, 30, 2000)])
    losses[3900:] = np.nan

    not_finite, diverged = find(rates=np.geomspace(1e-4, 1, 4000), losses=losses)

    assert (not_finite["kind"], not_finite["step"]) == ("nonfinite_loss", 3900)
    assert abs(diverged["step"] - 2000) <= 41
    assert "and was not finite in the end" in diverged["text"]


def test_a_loss_that_only_rises_a_little_did_not_diverge(find):
    losses = np.concatenate([np.linspace(2, 0.5, 2000), np.linspace(0.5, 0.9, 2000)])

    assert find(rates=falling(4000), losses=losses) == []


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [6000, 40_000])
def test_a_loss_that_swings_did_not_diverge(find, num_steps, tmp_path):
    # As that of a GAN: the run ends while it is above its beginning, once more.
    swings = 0.3 * np.sin(np.linspace(0, 6.2 * np.pi + 0.6, num_steps))

    found = find(
        rates=np.full(num_steps, 2e-4),
        losses=0.7 + swings,
        directories=RunDirectories(logdir=str(tmp_path)),
    )

    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize("num_steps", [6000, 40_000])
def test_a_bump_at_the_beginning_hides_no_divergence(find, num_steps, tmp_path):
    shares = np.arange(num_steps) / num_steps
    losses = (
        0.3 + 2 * np.exp(-shares / 0.05) + 9 * np.exp(-(((shares - 0.02) / 0.01) ** 2))
    )
    losses += np.where(shares > 0.6, 10 * (shares - 0.6), 0)

    found = find(
        rates=np.geomspace(1e-3, 1e-1, num_steps),
        losses=losses,
        directories=RunDirectories(logdir=str(tmp_path)),
    )

    (diverged,) = (each for each in found if each["kind"] == "diverged")
    assert abs(diverged["step"] - 0.6 * num_steps) < 0.03 * num_steps


def test_a_loss_that_stays_is_a_warning(find):
    noise = 0.1 * np.sin(np.arange(4000))

    (found,) = find(rates=np.full(4000, 0.5), losses=2.3 + noise)

    assert (found["kind"], found["severity"]) == ("flat_loss", "warning")
    assert "2.3 in the first fifth of the run, 2.3 in the last" in found["text"]
    assert "with the rate 0.5." in found["text"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "info",
    [
        RunInfo(optimizer={"class_name": "Adam", "config": {"decay": 2e-4}}),
        RunInfo(extra={"hparams": {"--decay": 2e-4}}),
        RunInfo(extra={"decay": 2e-4}),
    ],
)
def test_a_decay_without_effect_is_a_warning(find, info):
    (found,) = find(rates=np.full(2000, 0.003), info=info)

    assert (found["kind"], found["severity"]) == ("ignored_decay", "warning")
    assert "all 2,000 iterations used the rate 0.003" in found["text"]
    assert "`InverseTimeDecay(0.003, 1, 0.0002)`" in found["text"]


def test_a_decay_with_effect_is_no_finding(find):
    info = RunInfo(optimizer={"class_name": "SGD", "config": {"decay": 2e-4}})

    assert find(rates=0.003 / (1 + 2e-4 * np.arange(2000)), info=info) == []


def test_a_rate_of_zero_for_long_is_a_warning(find):
    rates = np.concatenate([np.linspace(0.1, 0, 1024), np.zeros(1024)])

    (found,) = find(rates=rates)

    assert (found["kind"], found["severity"]) == ("zero_rate", "warning")
    # The last of the falling rates is 0, too.
    assert "The rate was 0 in 1,025 of 2,048 iterations" in found["text"]
    assert "first at iteration 1,023: these" in found["text"]
    assert found["step"] == 1023


def test_a_warm_up_from_zero_is_no_finding(find):
    assert find(rates=np.linspace(0, 0.1, 2000)) == []


@pytest.mark.slow
def test_a_schedule_that_ended_early_is_told(find):
    rates = np.concatenate([falling(1280), np.full(768, 1e-4)])
    info = RunInfo(schedule={"class_name": "PolynomialDecay", "config": {}})

    (found,) = find(rates=rates, info=info)

    assert (found["kind"], found["severity"]) == ("schedule_ended_early", "info")
    # The last of the falling rates is the one that stays.
    assert "stayed at 1e-4 since iteration 1,279, for 38% of" in found["text"]
    assert "PolynomialDecay came to its end" in found["text"]


def test_a_constant_rate_after_a_warm_up_is_no_schedule_that_ended(find):
    rates = np.concatenate([np.linspace(0.001, 0.1, 100), np.full(1900, 0.1)])

    assert find(rates=rates) == []


def test_stairs_end_on_a_stair(find):
    rates = 0.1 * 0.1 ** (np.arange(4096) // 1024)

    assert find(rates=rates) == []


def test_a_schedule_longer_than_the_run_is_a_warning(find):
    schedule = {
        "class_name": "CosineDecay",
        "config": {"decay_steps": 9000, "warmup_steps": 1000},
    }
    info = RunInfo(schedule=schedule, steps_per_epoch=100, epochs=20)

    (found,) = find(rates=np.linspace(0.1, 0.09, 2000), info=info)

    assert (found["kind"], found["severity"]) == ("schedule_never_ends", "warning")
    assert "CosineDecay takes 10,000 iterations to its end" in found["text"]
    assert "planned for 2,000" in found["text"]


def test_a_schedule_as_long_as_the_run_is_no_finding(find):
    schedule = {"class_name": "CosineDecay", "config": {"decay_steps": 2000}}
    info = RunInfo(schedule=schedule, steps_per_epoch=100, epochs=20)

    assert find(rates=falling(2000), info=info) == []


def test_many_skipped_updates_are_a_warning(find):
    applied = np.ones(2000)
    applied[500:700] = 0

    (found,) = find(rates=falling(2000), applied=applied)

    assert (found["kind"], found["severity"]) == ("skipped_updates", "warning")
    assert "200 of 2,000 updates (10%) were skipped" in found["text"]
    assert found["step"] == 500


def test_micro_batches_are_not_skipped_updates(find):
    applied = (np.arange(2000) % 4 == 3).astype(float)

    found = find(
        rates=falling(2000), applied=applied, info=RunInfo(accumulation_steps=4)
    )

    assert found == []


def test_a_range_test_is_to_diverge(find):
    losses = np.concatenate([np.linspace(2, 0.5, 200), np.full(50, np.nan)])
    test = RangeTestRecord([0.1], [[1.0]], [1.0], None, None, "Too short.")

    assert find(rates=np.geomspace(1e-6, 1, 250), losses=losses, test=test) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.12345, "0.123"),
        (-1.5, "-1.5"),
        (999.4, "999"),
        (999.9, "1,000"),
        (2467.6, "2,468"),
        (999_400.0, "999,400"),
        (999_999.0, "1e6"),
        (4.42e33, "4.42e33"),
        (0.001, "0.001"),
        (0.00099999, "0.001"),
        (0.000122, "1.22e-4"),
        (1.2e-10, "1.2e-10"),
        (math.inf, "inf"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_as_the_tab_writes_them(value, text):
    assert shorten(value) == text


def test_errors_come_before_warnings(find):
    losses = np.full(2000, 2.3)
    losses[1000] = np.nan

    found = find(rates=np.full(2000, 0.1), losses=losses)

    assert [f["severity"] for f in found] == ["error", "warning"]


def test_rates_in_stairs_are_no_jump(find):
    steps = np.arange(4000)

    assert find(rates=0.1 * 0.1 ** (steps // 1000)) == []


@pytest.mark.slow
def test_a_rate_that_restarts_by_plan_is_no_jump(find):
    steps = np.arange(4000)
    cycle = 0.1 * (0.51 + 0.49 * np.cos(np.pi * (steps % 1000) / 1000))

    assert find(rates=cycle) == []


@pytest.mark.slow
def test_a_rate_that_jumps_once_is_told(find):
    rates = np.concatenate([falling(2000), falling(2000)])

    (found,) = find(rates=rates)

    assert (found["kind"], found["step"]) == ("rate_jump", 2000)
    assert found["learning_rate"] == pytest.approx(0.01)


def test_a_new_part_of_a_training_may_have_a_higher_rate(find):
    rates = np.concatenate([falling(2000), falling(2000)])

    assert find(rates=rates, events=[Event("unfrozen", 2000, "Unfrozen.")]) == []


@pytest.mark.slow
def test_heavy_tails_of_batches_are_no_spikes(find):
    # Near the end, every hundredth batch holds an example that is not learned.
    losses = 0.002 + 2.3 * np.exp(-np.arange(4000) / 300)
    losses[50::100] += 0.2

    assert find(rates=falling(4000), losses=losses) == []


@pytest.mark.slow
def test_a_loss_that_stays_high_after_a_jump_is_no_spike(find):
    losses = np.concatenate([np.full(2000, 0.03), np.full(2000, 0.5)])
    losses[:100] = 0.4

    found = find(rates=falling(4000), losses=losses)

    assert "spike" not in [f["kind"] for f in found]


@pytest.mark.slow
def test_a_finished_run_near_its_floor_did_not_decay_too_early(find):
    steps = np.arange(2000)
    losses = 0.05 + 2.2 * np.exp(-steps / 150)

    assert find(rates=0.01 * 100.0 ** (-steps / 1000), losses=losses) == []


@pytest.mark.slow
def test_a_rate_that_became_small_after_the_loss_was_flat_decayed_too_early(find):
    steps = np.arange(3000)
    noise = np.exp(0.05 * np.random.default_rng(0).standard_normal(3000))
    losses = (1.3 + np.exp(-steps / 60)) * noise

    # A tenth of the peak at 200, where the loss is within 3 % of 1.3.
    (found,) = find(rates=0.01 * 0.1 ** (steps / 200), losses=losses)

    assert found["kind"] == "decayed_too_early"
    # In hundredths of the run.
    assert 200 <= found["step"] <= 230
    assert found["learning_rate"] <= 0.1 * 0.01


@pytest.mark.slow
def test_a_loss_that_was_flat_at_high_rates_did_not_decay_too_early(find):
    steps = np.arange(3000)
    losses = 1.3 + np.exp(-steps / 30)

    assert find(rates=0.01 * 0.1 ** (steps / 1500), losses=losses) == []


@pytest.mark.slow
def test_a_loss_that_falls_with_the_rate_is_not_to_be_trained_longer(find):
    info = RunInfo(steps_per_epoch=100, epochs=20)

    assert (
        find(rates=falling(2000), losses=np.linspace(2.3, 0.8, 2000), info=info) == []
    )


def test_a_run_that_is_still_trained_does_not_end_too_early(find):
    info = RunInfo(steps_per_epoch=100, epochs=40)
    losses = np.linspace(2.3, 0.8, 2000)

    assert find(rates=np.full(2000, 1e-3), losses=losses, info=info) == []


@pytest.mark.slow
def test_a_cut_that_watched_a_validation_metric_is_not_judged_by_the_loss(find):
    rates = np.where(np.arange(2000) < 600, 0.1, 0.05)
    losses = 0.05 + 2.2 * np.exp(-np.arange(2000) / 400)
    event = Event("plateau", 600, "val_loss 0.5 is no improvement on 0.4.")

    assert find(rates=rates, losses=losses, events=[event]) == []


def test_trainings_in_a_loop_have_the_sum_of_their_plans(tmp_path):
    schedule = {"class_name": "CosineDecay", "config": {"decay_steps": 400}}
    with RunWriter(tmp_path / "run") as writer:
        for first in range(0, 400, 100):
            info = RunInfo(
                schedule=schedule, steps_per_epoch=100, epochs=1, first_step=first
            )
            writer.write_run_info(info)
            steps = np.arange(first, first + 100)
            rates = 0.05 * (1 + np.cos(np.pi * steps / 400))
            losses = 2 * np.exp(-steps / 100)
            writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})
            event = Event("epoch_end", first + 99, "Ended.", {"epoch": 0})
            writer.write_event(event)
    with python_loader() as load:
        reader = LearningRateReader(load(tmp_path), directories=RunDirectories())

    (run,) = reader.list_runs(SCOPE)["runs"]

    assert run["findings"] == []
    assert run["epoch_marks"] == [(0, 0), (100, 1), (200, 2), (300, 3)]
    assert run["epochs"] == 4


def test_steps_that_are_missing_elsewhere_are_not_told_of_the_data(tmp_path):
    # A training that was killed, and some of its rows lost.
    steps = np.r_[np.arange(50), np.arange(60, 100)]
    with RunWriter(tmp_path / "run") as writer:
        writer.write_run_info(RunInfo())
        rates = np.full(90, 0.1)
        rows = {"step": steps, "learning_rate": rates, "loss": np.geomspace(2, 1, 90)}
        writer.write_rows(rows)
        writer.write_event(Event("epoch_end", 30, "Ended.", {"epoch": 0}))
    with python_loader() as load:
        reader = LearningRateReader(load(tmp_path), directories=RunDirectories())

    assert reader.find_findings(SCOPE, "run") == []
