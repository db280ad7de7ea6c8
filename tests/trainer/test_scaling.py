"""Rates follow the size of the batches as Goyal et al. (2017) have it."""

import math

import keras
import pytest

from lr_plugin.keras.schedules import rate_at
from trainer.errors import ConfigError
from trainer.optimizers.compiled_optimizer import plan_compiled_optimizer
from trainer.planning.phases import plan_phases
from trainer.settings.config import Config
from trainer.settings.durations import Duration
from trainer.training.training import build_training


def phases_of(scaling="linear", *, learning_rate=0.1, epochs=50, **settings):
    config = Config(
        epochs=epochs,
        learning_rate=learning_rate,
        scale_learning_rate=scaling,
        **settings,
    )
    return plan_phases(config, learning_rate, 10)


def rates(phase, steps):
    return [float(rate_at(phase.plan.learning_rate, step)) for step in steps]


def test_a_batch_eight_times_as_large_has_eight_times_the_rate_after_five_epochs():
    (phase,) = phases_of(batch_size=256)
    # 50 updates from 0.1 to 0.8.
    assert rates(phase, [0, 25, 50, 499]) == pytest.approx([0.1, 0.45, 0.8, 0.8])
    assert phase.lines[0] == (
        "Scaled learning_rate (linear): 0.1 x 8 = 0.8, for --batch_size=256 instead of "
        "32, after a warmup of 5ep from 0.1 (Goyal et al. 2017)."
    )


def test_a_short_run_is_warmed_up_for_a_tenth_of_it():
    (phase,) = phases_of(batch_size=64, epochs=5)
    # 5 of 50 updates from 0.1 to 0.2.
    assert rates(phase, [0, 5, 49]) == pytest.approx([0.1, 0.2, 0.2])


def test_the_root_of_it_and_accumulated_batches():
    (phase,) = phases_of(
        "sqrt", batch_size=64, accumulate=2, scale_from_batch_size=32, epochs=60
    )
    assert rates(phase, [599]) == pytest.approx([0.2])
    assert phase.lines[0] == (
        "Scaled learning_rate (sqrt): 0.1 x 2 = 0.2, for --batch_size=64 "
        "--accumulate=2 instead of 32, after a warmup of 5ep from 0.1 (Goyal et al. "
        "2017)."
    )


def test_a_smaller_batch_has_a_lower_rate_and_no_warmup():
    (phase,) = phases_of(batch_size=8)
    assert rates(phase, [0, 499]) == pytest.approx([0.025, 0.025])
    assert phase.lines[0] == (
        "Scaled learning_rate (linear): 0.1 x 0.25 = 0.025, for --batch_size=8 instead "
        "of 32."
    )


def test_a_given_warmup_is_kept():
    (phase,) = phases_of(batch_size=64, warmup=Duration(100, ""), warmup_factor=0.0)
    assert rates(phase, [0, 50, 100]) == pytest.approx([0, 0.1, 0.2])


def test_a_schedule_with_a_warmup_of_its_own_keeps_that():
    (phase,) = phases_of(batch_size=64, schedule="warmup_stable_decay")
    # 10% of 500 updates, from 1% of the rate.
    assert rates(phase, [0, 50]) == pytest.approx([0.002, 0.2], rel=1e-5)


def test_all_rates_of_a_schedule_are_scaled():
    (phase,) = phases_of(
        batch_size=64, warmup=Duration(0, ""), schedule="linear", end_learning_rate=0.02
    )
    assert rates(phase, [0, 250, 500]) == pytest.approx([0.2, 0.12, 0.04])


def test_the_rate_after_unfreezing_is_scaled_too():
    first, second = phases_of(
        batch_size=64,
        epochs=5,
        freeze=True,
        unfreeze_after=Duration(2, "ep"),
        unfreeze_learning_rate=0.01,
    )
    assert rates(first, [19]) == pytest.approx([0.2])
    assert rates(second, [29]) == pytest.approx([0.02])


def test_without_the_flag_nothing_changes():
    (phase,) = phases_of("none", batch_size=256)
    assert rates(phase, [0, 499]) == pytest.approx([0.1, 0.1])
    assert not any("Scaled" in line for line in phase.lines)


def test_settings_of_a_scaled_run_are_those_that_were_given():
    config = Config(learning_rate=0.1, batch_size=64, scale_learning_rate="sqrt")
    (phase,) = plan_phases(config, 0.1, 10)
    assert config.learning_rate == 0.1
    assert phase.config.learning_rate == pytest.approx(0.1 * math.sqrt(2))


@pytest.mark.parametrize(
    ("settings", "asked"),
    [
        ({"mode": "range_test"}, "--mode=range_test"),
        ({"learning_rate": "auto"}, "--mode=train --learning_rate=auto"),
    ],
)
def test_a_rate_that_is_found_for_these_batches_is_not_scaled(settings, asked):
    with pytest.raises(ConfigError) as refused:
        Config(scale_learning_rate="linear", **settings)
    assert str(refused.value) == (
        "`--scale_learning_rate` is for a rate that was found with other batches; a "
        "range test finds it for these. Received: --scale_learning_rate=linear with "
        f"{asked}. Leave it out."
    )


def test_a_schedule_that_the_model_brings_is_not_scaled():
    model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1)])
    rate = keras.optimizers.schedules.CosineDecay(0.1, 10)
    model.compile(keras.optimizers.SGD(rate), "mse")
    config = Config(scale_learning_rate="linear", batch_size=64, model="m:m")
    with pytest.raises(ConfigError) as refused:
        plan_compiled_optimizer(model, config, 10)
    assert str(refused.value) == (
        "`--scale_learning_rate` needs --learning_rate where the model's optimizer has "
        "a schedule of its own. Received: --scale_learning_rate without it, a "
        "CosineDecay in --model=m:m. Add --learning_rate or leave "
        "--scale_learning_rate out."
    )


def test_batches_of_unknown_size_are_refused(user_module):
    user_module(
        "my_batches",
        """
import numpy as np
import tensorflow as tf

def load():
    x, y = np.zeros([8, 3], "float32"), np.arange(8) % 2
    return tf.data.Dataset.from_tensor_slices((x, y)).batch(2)
""",
    )
    config = Config(dataset="my_batches:load", scale_learning_rate="linear")
    with pytest.raises(ConfigError) as refused:
        build_training(config)
    assert str(refused.value) == (
        "`--scale_learning_rate` needs batches that --batch_size makes. Received: "
        "--scale_learning_rate=linear with --dataset=my_batches:load, which returns "
        "batches of its own. Leave it out, and give the rate for them."
    )
