import pytest

from lr_plugin.keras.schedules import rate_at
from trainer.errors import ConfigError
from trainer.planning.phases import plan_phases
from trainer.settings.config import Config
from trainer.settings.durations import Duration


def phases_of(learning_rate=0.1, batches_per_epoch=10, **settings):
    config = Config(epochs=5, learning_rate=learning_rate, **settings)
    return plan_phases(config, learning_rate, batches_per_epoch)


def unfrozen_after(epochs):
    return {"freeze": True, "unfreeze_after": Duration(epochs, "ep")}


def rates(phase, steps):
    return [float(rate_at(phase.plan.learning_rate, step)) for step in steps]


def test_run_that_unfreezes_nothing_is_one_part():
    (phase,) = phases_of()
    assert (phase.first_epoch, phase.end_epoch, phase.is_unfrozen) == (0, 5, False)


def test_schedule_begins_anew_after_unfreezing():
    frozen, unfrozen = phases_of(
        schedule="linear", unfreeze_learning_rate=0.02, **unfrozen_after(2)
    )
    assert (frozen.first_epoch, frozen.end_epoch) == (0, 2)
    assert (unfrozen.first_epoch, unfrozen.end_epoch) == (2, 5)
    # 20 updates from 0.1 to 0, then 30 from 0.02 to 0.
    assert rates(frozen, [0, 10, 20]) == pytest.approx([0.1, 0.05, 0])
    assert rates(unfrozen, [0, 15, 30]) == pytest.approx([0.02, 0.01, 0])
    assert unfrozen.lines[0] == (
        "After epoch 2 all layers are trained, with a fresh adam."
    )


def test_rate_after_unfreezing_is_a_hundredth_by_default():
    _, unfrozen = phases_of(**unfrozen_after(1))
    assert rates(unfrozen, [0]) == pytest.approx([0.001])


def test_other_rates_fall_with_the_first():
    _, unfrozen = phases_of(
        schedule="one_cycle",
        max_learning_rate=1.0,
        end_learning_rate=0.01,
        unfreeze_learning_rate=0.01,
        **unfrozen_after(2),
    )
    # A tenth of everything; the peak after 45 % of 30 updates.
    assert max(rates(unfrozen, range(30))) == pytest.approx(0.1, rel=0.02)
    assert rates(unfrozen, [30]) == pytest.approx([0.001])


def test_shares_are_those_of_a_part():
    frozen, unfrozen = phases_of(warmup=Duration(50, "%"), **unfrozen_after(2))
    assert rates(frozen, [9, 10]) == pytest.approx([0.0901, 0.1], rel=0.02)
    assert rates(unfrozen, [15, 16]) == pytest.approx([0.001, 0.001])
    assert rates(unfrozen, [7])[0] < 0.0006


def test_schedule_that_does_not_fit_a_part_is_refused():
    with pytest.raises(ConfigError, match="must be shorter than the run"):
        phases_of(warmup=Duration(25, ""), **unfrozen_after(2))
