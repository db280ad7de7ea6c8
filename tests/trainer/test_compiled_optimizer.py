import keras
import numpy as np
import pytest

from trainer.errors import ConfigError
from trainer.optimizers.compiled_optimizer import (
    keeps_compiled_optimizer,
    plan_compiled_optimizer,
    rebuild_optimizer,
)
from trainer.planning.plan import Plan
from trainer.settings.config import Config

DECAY = keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.5)


def compiled(optimizer):
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    model.compile(optimizer, "mean_squared_error")
    return model


def config_of(**settings):
    return Config(model="my_models:net", **settings)


def rates(phase, steps):
    rate = phase.plan.learning_rate
    return [float(rate(step)) if callable(rate) else rate for step in steps]


def test_compiled_optimizer_is_kept_unless_another_is_asked_for():
    model = compiled("sgd")
    assert keeps_compiled_optimizer(model, None)
    assert not keeps_compiled_optimizer(model, "adam")
    assert not keeps_compiled_optimizer(keras.Sequential(), None)


def test_compiled_rate_is_where_a_schedule_starts():
    model = compiled(keras.optimizers.SGD(0.25))
    (phase,) = plan_compiled_optimizer(model, config_of(), 10)
    assert rates(phase, [0, 49]) == [0.25, 0.25]
    (phase,) = plan_compiled_optimizer(model, config_of(schedule="linear"), 10)
    # Over 50 updates to 0; half of the way after 25.
    assert rates(phase, [0, 25]) == pytest.approx([0.25, 0.125])


def test_compiled_schedule_is_kept():
    (phase,) = plan_compiled_optimizer(
        compiled(keras.optimizers.Adam(DECAY)), config_of(), 10
    )
    assert rates(phase, [0, 10]) == [0.5, 0.25]
    assert phase.lines == ("Schedule: the model's own, ExponentialDecay.",)


def test_compiled_schedule_gives_way_to_a_rate():
    model = compiled(keras.optimizers.Adam(DECAY))
    (phase,) = plan_compiled_optimizer(model, config_of(learning_rate=0.01), 10)
    assert rates(phase, [0, 10]) == [0.01, 0.01]
    with pytest.raises(ConfigError) as error:
        plan_compiled_optimizer(model, config_of(schedule="cosine"), 10)
    assert str(error.value) == (
        "`--schedule` needs --learning_rate where the model's optimizer has a schedule "
        "of its own. Received: --schedule without it, a ExponentialDecay in "
        "--model=my_models:net. Add --learning_rate or leave --schedule out."
    )


@pytest.mark.slow
def test_rebuilt_optimizer_is_fresh_and_keeps_its_settings():
    own = keras.optimizers.AdamW(0.1, beta_1=0.8, weight_decay=0.02)
    own.exclude_from_weight_decay(var_names=["bias"])
    model = compiled(own)
    model.train_on_batch(np.ones((2, 2)), np.ones(2))
    config = config_of(clipnorm=0.5, accumulate=2)
    rebuilt = rebuild_optimizer(own, config, Plan(0.3, None, ()))
    assert type(rebuilt) is keras.optimizers.AdamW
    assert (rebuilt.beta_1, rebuilt.weight_decay, rebuilt.clipnorm) == (0.8, 0.02, 0.5)
    assert rebuilt.gradient_accumulation_steps == 2
    assert float(rebuilt.learning_rate.numpy()) == pytest.approx(0.3)
    assert int(rebuilt.iterations.numpy()) == 0
    kernel, bias = model.trainable_variables
    assert rebuilt._use_weight_decay(kernel)
    assert not rebuilt._use_weight_decay(bias)


def test_parameter_that_it_does_not_have_is_refused():
    with pytest.raises(ConfigError, match="--beta_1 with --optimizer=SGD, which has"):
        rebuild_optimizer(
            keras.optimizers.SGD(), config_of(beta_1=0.9), Plan(0.1, None, ())
        )
