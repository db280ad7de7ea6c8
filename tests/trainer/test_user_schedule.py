import numpy as np
import pytest

from lr_plugin.keras.schedules import rate_at
from trainer.errors import ConfigError
from trainer.planning.plan import build_plan
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength

MODULE = """
import keras
import optax

def keras_cosine(learning_rate, num_steps):
    return keras.optimizers.schedules.CosineDecay(learning_rate, num_steps)

def of_optax(num_steps):
    return optax.linear_schedule(1.0, 0.0, num_steps)

def by_epoch(steps_per_epoch, epochs):
    return lambda step: 0.1 * 0.5 ** (step // steps_per_epoch) if epochs == 10 else None

class NoConfig(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.25

def number(): return 0.03
def no_config(): return NoConfig()
def text(): return "cosine"
def nothing(): return None
def negative(): return lambda step: 0.1 - step
def breaks(): return lambda step: 1 / (3 - step)
def wants_more(model): return 0.1
"""

RUN = RunLength(batches_per_epoch=10, num_epochs=10)


@pytest.fixture(autouse=True)
def module(user_module):
    user_module("my_rates", MODULE)


def plan_of(name, **settings):
    return build_plan(Config(schedule=f"my_rates:{name}", **settings), 0.1, RUN)


def rates(plan, steps):
    found = [float(rate_at(plan.learning_rate, np.int64(step))) for step in steps]
    return pytest.approx(found, rel=1e-6, abs=1e-8)


def test_schedule_of_keras_is_asked_at_every_step():
    expected = [0.1 * 0.5 * (1 + np.cos(np.pi * i / 100)) for i in (0, 30, 99)]
    assert rates(plan_of("keras_cosine"), (0, 30, 99)) == expected


def test_any_function_of_the_step_is_a_schedule():
    assert rates(plan_of("of_optax"), (0, 50, 99, 200)) == [1, 0.5, 0.01, 0.01]
    assert rates(plan_of("by_epoch"), (9, 10, 99)) == [0.1, 0.05, 0.1 * 0.5**9]


def test_number_is_a_constant_rate_and_saving_needs_no_config():
    assert plan_of("number").learning_rate == 0.03
    schedule = plan_of("no_config").learning_rate
    assert float(schedule(0)) == 0.25
    assert schedule.get_config() == {"function": "my_rates:no_config"}


def test_warmup_goes_before_the_users_schedule():
    plan = plan_of("of_optax", warmup=Duration(20, ""), warmup_factor=0.5)
    # Of 100 updates 80 are left.
    assert rates(plan, (0, 10, 20, 60, 100)) == [0.5, 0.75, 1.0, 0.5, 1 / 80]


@pytest.mark.parametrize(
    ("name", "received"),
    [
        ("text", "which returned a str. Correct it."),
        ("nothing", "which returned None. Correct it."),
        ("negative", "which returned -0.9 for step 1. Correct it."),
        ("breaks", "one that raised ZeroDivisionError: division by zero. Correct it."),
        ("wants_more", "which needs model. Give these a default."),
        ("gone", "which is missing. Correct the name after the colon."),
    ],
)
def test_what_is_no_schedule_is_refused(name, received):
    with pytest.raises(ConfigError) as error:
        plan_of(name)
    assert str(error.value).endswith(received)


def test_flags_of_other_schedules_are_refused():
    with pytest.raises(ConfigError, match="`--power` belongs to --schedule=polynomial"):
        Config(schedule="my_rates:number", power=2.0)
