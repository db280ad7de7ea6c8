import numpy as np
import pytest

from lr_plugin.keras.schedules import rate_at
from trainer.errors import ConfigError
from trainer.planning.plan import build_plan
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength
from trainer.settings.flag_types import Share
from trainer.settings.schedule import SCHEDULES

# 10 epochs of 100 batches.
RUN = RunLength(batches_per_epoch=100, num_epochs=10)
NEEDED = {
    "time_per_epoch": {"decay": 0.1},
    "piecewise": {
        "boundaries": (Duration(20, "%"), Duration(5, "ep")),
        "values": (0.05, 0.01),
    },
}


def plan_of(length=RUN, learning_rate=0.1, **settings):
    return build_plan(
        Config(epochs=length.num_epochs, **settings), learning_rate, length
    )


def rate(plan, step):
    return float(rate_at(plan.learning_rate, np.int64(step)))


def rates(plan, *steps):
    return pytest.approx([rate(plan, step) for step in steps], rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_starts_from_the_learning_rate(name):
    plan = plan_of(schedule=name, warmup=Duration(0, ""), **NEEDED.get(name, {}))
    assert rate(plan, 0) == pytest.approx(0.1)


@pytest.mark.parametrize("name", SCHEDULES)
def test_warmup_goes_before_every_schedule(name):
    plan = plan_of(
        schedule=name,
        warmup=Duration(1, "ep"),
        warmup_factor=0.5,
        **NEEDED.get(name, {}),
    )
    assert rates(plan, 0, 50, 100) == [0.05, 0.075, 0.1]


def test_constant_rate_is_a_plain_number():
    assert plan_of().learning_rate == 0.1


def test_time_without_decay_ends_at_a_tenth():
    assert rates(plan_of(schedule="time"), 0, 1000) == [0.1, 0.01]


def test_decay_alone_means_time_decay():
    assert rates(plan_of(decay=0.001), 0, 500) == [0.1, 0.1 / 1.5]


def test_exponential_ends_at_a_tenth_and_step_halves_every_quarter():
    assert rates(plan_of(schedule="exponential"), 0, 1000) == [0.1, 0.01]
    step = plan_of(schedule="step")
    assert rates(step, 249, 250, 499, 500) == [0.1, 0.05, 0.05, 0.025]


def test_piecewise_boundaries_count_from_the_start_also_after_a_warmup():
    plan = plan_of(
        schedule="piecewise", warmup=Duration(100, ""), **NEEDED["piecewise"]
    )
    assert rates(plan, 199, 200, 499, 500) == [0.1, 0.05, 0.05, 0.01]


def test_time_per_epoch_divides_at_every_epoch_and_compounds():
    plan = plan_of(schedule="time_per_epoch", decay=0.1)
    # 0.1, then / 1.1, then / 1.2.
    assert rates(plan, 99, 100, 200) == [0.1, 0.1 / 1.1, 0.1 / 1.1 / 1.2]


def test_schedule_fills_what_the_warmup_leaves():
    plan = plan_of(schedule="linear", warmup=Duration(20, "%"))
    assert rates(plan, 200, 600, 1000) == [0.1, 0.05, 0.0]


def test_accumulated_batches_advance_the_schedule_once_per_update():
    length = RunLength(batches_per_epoch=100, num_epochs=10, batches_per_update=4)
    plan = plan_of(length, schedule="linear", accumulate=4)
    # 250 updates: update 125 is asked for at batches 500 to 503.
    assert rates(plan, 0, 3, 500, 503) == [0.1, 0.1, 0.05, 0.05]
    assert any("One update every 4 batches" in line for line in plan.lines)


def test_momentum_of_one_cycle_waits_for_the_warmup():
    plan = plan_of(
        schedule="one_cycle", cycle_momentum=(0.85, 0.95), warmup=Duration(100, "")
    )
    # 900 updates are left: the lowest momentum 45 % of them after the warmup.
    momenta = [float(rate_at(plan.momentum, step)) for step in (0, 100, 505, 999)]
    assert momenta == pytest.approx([0.95, 0.95, 0.85, 0.95])


@pytest.mark.slow
@pytest.mark.parametrize("warmup", [Duration(0, ""), Duration(10, "%")])
@pytest.mark.parametrize("settings", [{}, {"cycle_growth": 2.0}])
def test_restarts_end_with_the_run_in_whole_cycles(warmup, settings):
    for batches in range(1, 61):
        length = RunLength(batches, 10)
        plan = plan_of(length, schedule="cosine_restarts", warmup=warmup, **settings)
        last = [rate(plan, 10 * batches - back) for back in (2, 1)]
        # Half way down where a cycle has two updates, near the end where it has more.
        assert last[1] <= 0.0501
        assert last[1] < last[0]


@pytest.mark.parametrize("updates", range(2, 12))
def test_restarts_of_few_updates_do_not_end_at_the_top(updates):
    plan = plan_of(RunLength(updates, 1), schedule="cosine_restarts")
    assert rate(plan, updates - 1) <= 0.0501


def test_default_warmup_that_is_too_long_is_named():
    with pytest.raises(ConfigError, match=r"Received: --warmup=[0-9]"):
        plan_of(RunLength(1, 1), schedule="warmup_stable_decay")


def test_restarts_are_stretched_to_the_nearest_whole_number():
    # Of 1000 updates, cycles of 300 fit 3.33 times.
    plan = plan_of(schedule="cosine_restarts", cycle=Duration(300, ""))
    assert rates(plan, 0, 333, 500, 667) == [0.1, 0.1, 0.05, 0.1]
    assert plan.lines[0].endswith("cycle 300, whole cycles 3 in 1000 updates.")


def test_end_rate_may_be_a_share_of_the_rate():
    plan = plan_of(schedule="cosine", end_learning_rate=Share(10))
    assert rates(plan, 0, 1000) == [0.1, 0.01]
    assert "end_learning_rate 10% = 0.01" in plan.lines[0]


def test_one_cycle_turns_where_it_is_told_and_ends_with_the_run():
    plan = plan_of(
        schedule="one_cycle",
        decay_shape="cosine",
        pct_start=0.2,
        cycle_momentum=(0.85, 0.95),
    )
    assert rates(plan, 0, 199, 999) == [0.1, 1.0, 0.001]
    momenta = [float(rate_at(plan.momentum, step)) for step in (0, 199, 999)]
    assert momenta == pytest.approx([0.95, 0.85, 0.95])


def test_stable_rate_falls_as_asked_for():
    plan = plan_of(
        schedule="warmup_stable_decay", decay_shape="1-sqrt", warmup=Duration(0, "")
    )
    # The fall takes 200 updates; a quarter of it takes half of the height.
    assert rates(plan, 800, 850, 1000) == [0.1, 0.05, 0.0]


def test_resolved_durations_are_said():
    line = plan_of(schedule="triangular", cycle=Duration(2, "ep")).lines[0]
    assert line == (
        "Schedule triangular over 1000 updates: learning_rate 0.1, "
        "max_learning_rate 1, cycle 2ep = 200."
    )


def test_schedule_that_ends_early_is_said():
    plan = plan_of(schedule="cosine", schedule_length=Duration(300, ""))
    assert plan.lines[1] == (
        "The schedule ends at update 300: the rate stays at 0 for the last 70% of the "
        "run."
    )


def test_schedule_that_never_ends_is_said():
    plan = plan_of(schedule="linear", schedule_length=Duration(20, "ep"))
    # After 999 of 2000 steps 0.1 * 1001 / 2000 are left.
    assert plan.lines[1] == (
        "The run ends before the schedule, which needs 2000 updates: the last rate is "
        "0.05."
    )


def test_schedule_that_fits_says_nothing_more():
    assert len(plan_of(schedule="cosine").lines) == 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"warmup": Duration(10, "ep")},
            "`--warmup` must be shorter than the run. Received: --warmup=10ep, 1000 "
            "updates of a run of 1000. Lower --warmup or raise --epochs.",
        ),
        (
            {"schedule": "triangular", "max_learning_rate": 0.05},
            "`--max_learning_rate` must be above the rate to start from. Received: "
            "--max_learning_rate=0.05, a rate of 0.1. Raise it or lower "
            "--learning_rate.",
        ),
        (
            {
                "schedule": "warmup_stable_decay",
                "warmup": Duration(50, "%"),
                "decay_length": Duration(60, "%"),
            },
            "`--decay_length` must fit into what the warmup leaves of the run. "
            "Received: 600 updates of 500. Lower --decay_length or --warmup.",
        ),
        (
            {
                "schedule": "piecewise",
                "boundaries": (Duration(5, "ep"), Duration(20, "%")),
                "values": (0.05, 0.01),
            },
            "`--boundaries` must rise and come after the warmup. Received: boundaries "
            "at 500, 200, a warmup of 0 updates. Put them in order or shorten "
            "--warmup.",
        ),
    ],
)
def test_schedule_that_does_not_fit_the_run_is_refused(settings, message):
    with pytest.raises(ConfigError) as error:
        plan_of(**settings)
    assert str(error.value) == message


def test_share_of_an_endless_dataset_is_refused():
    endless = RunLength(batches_per_epoch=100, num_epochs=None)
    with pytest.raises(ConfigError, match=r"`--warmup`.*a dataset that never ends"):
        build_plan(Config(warmup=Duration(30, "%")), 0.1, endless)
