"""What is said of a run's rates by what other rates would have done."""

import dataclasses

import numpy as np
import pytest
from data_providers import SCOPE, python_loader

from lr_plugin import read_run
from lr_plugin.reader.landscape.landscape import Landscape
from lr_plugin.reader.landscape.persistence import find_persistence
from lr_plugin.reader.landscape.room import (
    Room,
    find_decayed_room,
    find_room,
    near_peak_of,
)
from lr_plugin.reader.landscape.suggestion import suggest_rate
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import LandscapeSample, RunInfo
from lr_plugin.writer.run_writer import RunWriter

RATE = 0.01


def described(class_name, **config):
    return {"class_name": class_name, "config": config}


SGD = described("SGD", momentum=0.0)


@pytest.fixture
def summarize(tmp_path):
    """Writes a run with a sample for each headroom, and sums it up."""

    def summarize(
        headrooms,
        *,
        optimizer=SGD,
        losses=None,
        changes=None,
        loss=None,
        highest=0.1,
        rates=None,
    ):
        steps = np.arange(200 if losses is None else len(losses))
        if rates is None:
            rates = RATE + 1e-5 * steps
        with RunWriter(tmp_path / "run") as writer:
            writer.write_run_info(RunInfo(optimizer=optimizer))
            if losses is None:
                losses = 2.0 * 0.5 ** (steps / 20)
            writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})
            for step, headroom in enumerate(headrooms):
                change = -0.01 if changes is None else changes[step]
                sample = LandscapeSample(
                    used_rate=float(np.float32(rates[step])),
                    critical_rate=rates[step] * headroom,
                    loss=float(losses[step + 1]) if loss is None else loss,
                    rates=[rates[step], 1000 * rates[step]],
                    loss_changes=[change, highest],
                )
                writer.write_landscape(step, sample)
        with python_loader() as load:
            reader = LearningRateReader(load(tmp_path), directories=RunDirectories())
        listed = reader.list_runs(SCOPE)
        assert listed["notices"] == []
        (run,) = listed["runs"]
        return run

    return summarize


def kinds(run):
    return [finding["kind"] for finding in run["findings"]]


# Columns.


def test_columns_are_medians_over_the_moments(summarize):
    run = summarize([2.0, 8.0, 4.0])

    assert run["landscape"]["num_samples"] == 3
    assert run["landscape"]["headroom"] == pytest.approx(4.0)
    # 2 * 0.01, 8 * 0.01001 and 4 * 0.01002.
    assert run["landscape"]["critical_rate"] == pytest.approx(4 * 0.01002)


def test_moments_without_a_critical_rate_are_above_all_others(summarize):
    assert summarize([2.0, np.inf, np.inf])["landscape"]["headroom"] == np.inf


def test_run_without_samples_has_no_columns(summarize):
    run = summarize([])

    assert run["landscape"] is None
    assert run["findings"] == []


# Too low.


def test_rate_that_was_too_low_is_found(summarize):
    run = summarize([*range(34, 53), 51.5])

    # Of the first third, 34, 35, ..., 39, the third is 36, of step 2. The highest rate
    # is 0.01019, and SGD has no momentum.
    (finding,) = run["findings"]
    assert finding["kind"] == "rate_too_low"
    assert (finding["step"], finding["severity"]) == (2, "warning")
    assert finding["learning_rate"] == pytest.approx(0.01002)
    assert finding["text"] == (
        "The learning rate was low: of the first 6 updates that were measured while it "
        "was near its highest, half could have gone 36 times as far or more before the "
        "loss of the next batch rose, as at iteration 2, where the rate was 0.01. Try "
        "a rate around 0.306 (0.102 to 4.59)."
    )
    suggestion = run["landscape"]["suggestion"]
    assert suggestion["rate"] == pytest.approx(30 * 0.01019)  # 5 * sqrt(36)
    assert suggestion["interval"] == pytest.approx((0.1019, 4.5855))
    assert suggestion["reason"] == (
        "Of the first 6 updates that were measured near the highest rate, half could "
        "have gone 36 times as far or more, which is 36 times what the momentum and "
        "the kind of this optimizer explain. In runs that were compared, the best rate "
        "was then about 30 times as high, 5 times the root of that."
    )


@pytest.mark.parametrize("headroom", [0.5, 1.2, 4.9])
def test_rates_that_are_not_clearly_too_low_are_left_alone(headroom, summarize):
    run = summarize([headroom] * 20)

    assert run["findings"] == []
    assert run["landscape"]["suggestion"] == {
        "rate": None,
        "interval": None,
        "reason": "The run does not show that a higher rate would be better.",
    }


@pytest.mark.parametrize(
    ("optimizer", "persistence"),
    [
        (SGD, 1),
        (described("SGD", momentum=0.9), 5),  # 0.5 / (1 - 0.9)
        (described("SGD", momentum=0.3), 1),
        # As Keras has them, where the configuration does not say.
        ({"class_name": "SGD"}, 1),
        ({"class_name": "Adam"}, 5),
        ({"class_name": "AdamW"}, 5),
        ({"class_name": "Muon"}, 70),
        (described("SGD", momentum=0.99), 50),
        (described("SGD", momentum=0.991), None),
        (described("Adam", beta_1=0.9), 5),
        (described("AdamW", beta_1=0.8), 2.5),
        (described("Muon", momentum=0.95, adam_beta_1=0.9), 70),
        (described("Lion", beta_1=0.9), None),
        (described("SGD", momentum=0.999), None),
        (described("SGD", momentum="high"), None),
        ({}, None),
    ],
)
def test_persistence_is_that_of_the_momentum(optimizer, persistence):
    found = find_persistence(optimizer)

    assert found is persistence is None or found == pytest.approx(persistence)


def test_with_momentum_more_headroom_is_needed(summarize):
    run = summarize([24.0] * 20, optimizer=described("SGD", momentum=0.9))

    assert run["findings"] == []


def test_suggestion_divides_by_the_persistence(summarize):
    run = summarize([180.0] * 20, optimizer=described("SGD", momentum=0.9))

    # 0.5 / (1 - 0.9) is 5, and 5 * sqrt(180 / 5) is 30.
    assert run["landscape"]["suggestion"]["rate"] == pytest.approx(30 * 0.01019)


def test_of_another_optimizer_only_what_is_sure_is_said(summarize):
    run = summarize([400.0] * 20, optimizer=described("Lion", beta_1=0.9))

    (finding,) = run["findings"]
    assert finding["text"].endswith("where the rate was 0.01. Try a higher rate.")
    assert run["landscape"]["suggestion"]["reason"] == (
        "How far the updates can go has been compared with the best rate for SGD, "
        "Adam, AdamW and Muon. This run used Lion."
    )


def test_of_another_optimizer_less_says_nothing(summarize):
    assert summarize([340.0] * 20, optimizer=described("Lion"))["findings"] == []


def test_a_run_that_names_no_optimizer_gets_no_suggestion():
    room = Room(num_samples=10, peak=0.1, headroom=100.0, sample=0)

    suggestion = suggest_rate(room, {}, 40, doubt="")

    assert suggestion.rate is None
    assert suggestion.reason.endswith("This run used an optimizer that is not known.")


def test_where_no_rate_raised_the_loss_the_largest_is_named(summarize):
    (finding,) = summarize([np.inf] * 20)["findings"]

    assert "gone 1,000 times as far or more before" in finding["text"]


def test_updates_that_change_nothing_suggest_nothing(summarize):
    # As of a model whose units are all dead.
    run = summarize([np.inf] * 20, changes=[0.0] * 20, highest=0.0)

    assert run["landscape"]["headroom"] == np.inf
    assert run["landscape"]["suggestion"]["rate"] is None
    assert run["findings"] == []


def test_few_moments_tell_nothing(summarize):
    run = summarize([100.0] * 9)

    assert run["findings"] == []
    assert run["landscape"]["suggestion"]["reason"] == (
        "Fewer than 10 samples, of 9 in all, are near the highest rate."
    )


def test_a_schedule_that_has_decayed_is_low_on_purpose():
    # The critical rate stays at 0.2: twice the first rate, and 20 times the later ones.
    used = np.repeat([0.1, 0.01], [12, 28])

    room = find_room(used, 0.2 / used)

    assert (room.num_samples, room.peak, room.headroom) == (5, 0.1, pytest.approx(2.0))


def test_read_run_has_the_suggestion(summarize, tmp_path):
    summarize([36.0] * 20)

    suggestion = read_run(tmp_path / "run").landscape.suggestion

    assert suggestion.rate == pytest.approx(30 * 0.01019)


# Too high.


def test_updates_that_raise_the_loss_are_found(summarize):
    # Half of them raise it by 0.5, the others lower it by 0.1.
    run = summarize([0.5] * 20, changes=[0.5, -0.1] * 10, loss=1.0)

    (finding,) = run["findings"]
    assert (finding["kind"], finding["step"]) == ("rate_too_high", 0)
    assert finding["text"] == (
        "The learning rate was high: of 20 updates that were measured while it was "
        "near its highest, 50% raised the loss of the next batch, and all of them "
        "changed it by +20% or more on average. The loss of the next batch rose most "
        "at iteration 0, where the rate was 0.01: by 0.5. Try a lower rate."
    )


def test_updates_that_raise_it_as_often_as_they_lower_it_are_left_alone(summarize):
    assert summarize([1.0] * 20, changes=[0.09, -0.05] * 10)["findings"] == []


def test_a_small_loss_that_becomes_many_times_as_large_counts_as_doubled():
    changes = [[0.99]] + [[-0.0001]] * 19

    effect = landscape([[0.1]] * 20, changes, loss=0.01).effect

    # (1 - 19 * 0.01) / 20
    assert effect.mean_change == pytest.approx(0.0405)
    assert (effect.sample, effect.share_raised) == (0, 1 / 20)


SLOW = np.linspace(1.0, 0.8, 200)


def test_loss_that_jumped_and_stayed_up_is_found(summarize):
    run = summarize([1.0] * 20, changes=[0.5] + [-0.01] * 19, losses=SLOW)

    (finding,) = run["findings"]
    assert finding["kind"] == "rate_too_high"
    assert (
        "The learning rate was high: the loss was 0.999 at the beginning, jumped, and "
        "was 0.981 on average in the last fifth of the moments that were measured."
    ) in finding["text"]


def test_jump_between_two_moments_shows_in_the_rows(summarize):
    losses = np.full(200, 1.0)
    losses[3:9] = 40.0

    assert "rate_too_high" in kinds(summarize([1.0] * 20, losses=losses))


def test_loss_that_barely_falls_without_a_jump_is_left_alone(summarize):
    losses = np.linspace(1.0, 0.9, 200)

    assert summarize([1.0] * 20, losses=losses)["findings"] == []


def test_what_was_lost_is_not_called_too_low(summarize):
    # Ten times as far: the few weights that still learn could.
    run = summarize([9.0] * 20, changes=[0.5] + [-0.01] * 19, losses=SLOW)

    assert kinds(run) == ["rate_too_high"]
    suggestion = run["landscape"]["suggestion"]
    assert suggestion["rate"] is None
    assert suggestion["reason"] == (
        "Of the first 6 updates that were measured near the highest rate, half could "
        "have gone 9 times as far or more, but the loss barely fell, as at a rate that "
        "is too high."
    )


def test_updates_that_raised_the_loss_later_are_not_called_too_low(summarize):
    # (7 * -0.01 + 13 * 0.5) / 20 is 32 %, of updates that could have gone far first.
    changes = [-0.01] * 7 + [0.5] * 13
    run = summarize([40.0] * 7 + [0.5] * 13, changes=changes, loss=1.0)

    assert kinds(run) == ["rate_too_high"]
    suggestion = run["landscape"]["suggestion"]
    assert suggestion["rate"] is None
    assert suggestion["reason"].endswith(
        "half could have gone 40 times as far or more, but updates raised the loss of "
        "the next batch, as at a rate that is too high."
    )


def test_loss_that_an_update_made_infinite_is_told_of(summarize):
    run = summarize([0.5] * 20, changes=[0.5] * 5 + [np.inf] + [0.5] * 14, loss=1.0)

    (finding,) = run["findings"]
    # (19 * 50 % + 100 %) / 20
    assert "all of them changed it by +52% or more on average." in finding["text"]
    assert (
        "iteration 5, where the rate was 0.01: to no finite number." in finding["text"]
    )


# Decay.


def test_decay_that_left_much_room_is_found():
    used = np.repeat([0.1, 0.002], [10, 30])

    room = find_decayed_room(used, 0.2 / used)

    # The first of the later ones, in the middle of which all are equal.
    assert (room.num_samples, room.headroom) == (30, pytest.approx(100.0))
    assert find_decayed_room(used[:18], 0.2 / used[:18]) is None


def test_warmup_is_no_decay():
    used = np.repeat([0.002, 0.1], [12, 20])

    assert find_decayed_room(used, 0.2 / used) is None


# Each threshold, on both of its sides.


def test_half_of_the_highest_rate_is_near_it():
    assert list(near_peak_of(np.array([0.4999, 0.5, 1.0]))) == [1, 2]


@pytest.mark.parametrize(
    ("rate", "is_decayed"), [(np.float32(0.1), True), (0.1, True), (0.1001, False)]
)
def test_a_tenth_of_the_highest_rate_has_decayed(rate, is_decayed):
    used = np.repeat([1.0, float(rate)], [10, 12])

    assert (find_decayed_room(used, np.ones(22)) is not None) == is_decayed


@pytest.mark.parametrize(
    ("headroom", "optimizer", "found"),
    [
        (4.99, SGD, []),
        (5.01, SGD, ["rate_too_low"]),
        (349.0, described("Lion"), []),
        (351.0, described("Lion"), ["rate_too_low"]),
    ],
)
def test_five_times_what_the_optimizer_explains_is_clear(
    headroom, optimizer, found, summarize
):
    assert kinds(summarize([headroom] * 20, optimizer=optimizer)) == found


@pytest.mark.parametrize(("change", "is_harmful"), [(0.149, False), (0.151, True)])
def test_a_rise_by_15_percent_is_harm(change, is_harmful):
    effect = landscape([[0.1]] * 20, [[change]] * 20).effect

    assert effect.is_harmful == is_harmful


def test_only_the_rounding_of_float32_makes_two_rates_the_same():
    found = landscape([[0.1 * (1 + 2e-5)], [0.1 * (1 + 5e-6)]], [[-1]] * 2)

    np.testing.assert_array_equal(found.used_changes, [np.nan, -1])


@pytest.mark.parametrize(
    ("end", "headroom", "may_be_lost"),
    [(0.751, 9.9, True), (0.749, 9.9, False), (0.751, 10.1, False)],
)
def test_loss_that_barely_fell_without_headroom_may_be_lost(end, headroom, may_be_lost):
    found = landscape([[0.1, 9.0]] * 20, [[-0.1, 0.1]] * 20, critical=0.1 * headroom)
    # The last fifth of 20 samples.
    found = dataclasses.replace(found, losses=np.repeat([1.0, end], [16, 4]))

    assert found.may_be_lost == may_be_lost


@pytest.mark.parametrize(("change", "is_found"), [(0.0998, False), (0.1, True)])
def test_an_update_that_raised_the_loss_by_a_tenth_is_a_jump(
    change, is_found, summarize
):
    # SLOW is 0.999 at the first sample.
    run = summarize([1.0] * 20, changes=[change] + [-0.01] * 19, losses=SLOW)

    assert ("rate_too_high" in kinds(run)) == is_found


@pytest.mark.parametrize(
    ("row", "loss", "is_found"),
    [
        # (3.51 + 4 * 1) / 5 is 1.502.
        (50, 3.51, True),
        (50, 3.49, False),
        # The last of the first 256 rows, and the one after it.
        (255, 3.51, True),
        (256, 9.0, False),
    ],
)
def test_five_rows_of_half_as_much_again_are_a_jump(row, loss, is_found, summarize):
    losses = np.ones(400)
    losses[row] = loss

    run = summarize([1.0] * 20, losses=losses)

    assert ("rate_too_high" in kinds(run)) == is_found


@pytest.mark.parametrize(
    ("num_before", "rate", "headroom", "is_found"),
    [
        # 10 of 25 and of 26 samples are two fifths, and less.
        (15, 0.005, 20.1, True),
        (16, 0.005, 20.1, False),
        (15, 0.005, 19.9, False),
        # 0.002 is 25 times below half of the peak.
        (15, 0.002, 25.1, True),
        (15, 0.002, 24.9, False),
    ],
)
def test_decay_is_early_with_twenty_times_the_room_and_half_of_the_peak(
    num_before, rate, headroom, is_found, summarize
):
    rates = np.repeat([0.1, rate], [num_before, 200 - num_before])
    headrooms = np.repeat([1.0, headroom], [num_before, 10])

    run = summarize(headrooms, rates=rates)

    assert ("decayed_with_room" in kinds(run)) == is_found


# What a damaged or foreign record may hold.


def landscape(rates, changes, *, used=0.1, critical=np.inf, loss=1.0):
    num_samples = len(rates)
    return Landscape(
        steps=np.arange(num_samples),
        used_rates=np.full(num_samples, used),
        losses=np.full(num_samples, loss),
        rates=np.array(rates, float),
        loss_changes=np.array(changes, float),
        critical_rates=np.full(num_samples, critical),
    )


def test_update_that_is_not_among_the_points_has_no_change():
    found = landscape([[0.05, 0.1], [0.05, np.nan], [0.05, 0.3]], [[-1, -2]] * 3)

    np.testing.assert_array_equal(found.used_changes, [-2, np.nan, np.nan])


@pytest.mark.parametrize("critical", [np.nan, -1.0, np.inf])
@pytest.mark.parametrize("rate", [np.nan, -1.0, 0.0, np.inf])
@pytest.mark.parametrize("loss", [np.nan, 0.0, -1.0, np.inf])
def test_damaged_numbers_suggest_nothing(critical, rate, loss):
    found = landscape([[rate]] * 12, [[np.nan]] * 12, critical=critical, loss=loss)

    assert found.suggestion.rate is None
    assert found.effect is None
    assert find_decayed_room(found.used_rates, found.least_headrooms) is None


def test_landscape_without_samples_suggests_nothing():
    found = landscape(np.zeros((0, 0)), np.zeros((0, 0)))

    assert found.suggestion.rate is None
    assert found.effect is None


def test_sample_of_very_many_rates_is_refused():
    with pytest.raises(ValueError, match="`rates` must be at most 256"):
        LandscapeSample(0.1, 0.2, 1.0, [0.1] * 257, [0.0] * 257)
