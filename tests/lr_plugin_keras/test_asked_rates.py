"""What gives the rate is asked as often as without recording, and is seen."""

import keras
import pytest
from counting_schedules import (
    OPTIMIZERS,
    SCHEDULES,
    changed_schedules,
    check_changed_schedule,
    check_function,
    check_schedule,
    check_second_fit,
)
from small_fits import Rows, make_data

from lr_plugin.keras import Recorder
from lr_plugin.keras.capture.optimizers.rates_before import copied

pytestmark = pytest.mark.slow

MODES = {
    "compiled": {},
    "eager": {"run_eagerly": True},
    "XLA": {"jit_compile": True},
    "four steps a call": {"steps_per_execution": 4},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_schedule_is_asked_as_often(optimizer, mode):
    for schedule in SCHEDULES.values():
        check_schedule(schedule, OPTIMIZERS[optimizer], **MODES[mode])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_function_is_asked_as_often(optimizer, mode):
    check_function(OPTIMIZERS[optimizer], **MODES[mode])


def test_function_that_keras_asks_in_a_branch_has_a_note():
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    rate = keras.Variable(0.01, trainable=False)
    optimizer = keras.optimizers.SGD(lambda: rate + 0.0)
    model.compile(keras.optimizers.LossScaleOptimizer(optimizer), "mse")
    rows = Rows()

    with Recorder(model, on_rows=rows) as recorder:
        model.fit(*make_data(), verbose=0)

    assert "learning_rate" not in rows.columns()
    assert recorder.notes == [
        "The rate was not recorded: it is a function, which would have to be called "
        "once more to know what it gave."
    ]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_schedule_of_a_step_that_was_made_before_is_asked_as_often(optimizer):
    for schedule in SCHEDULES.values():
        check_second_fit(schedule, OPTIMIZERS[optimizer])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("what", ["a number", "a list"])
def test_no_rate_is_told_of_a_schedule_that_the_step_was_not_made_with(what, optimizer):
    check_changed_schedule(*changed_schedules()[what], OPTIMIZERS[optimizer])


def test_a_number_that_the_step_holds_for_another_reason_is_not_its_rate():
    class Constant(keras.optimizers.schedules.LearningRateSchedule):
        rate = 0.1

        def __call__(self, step):
            return self.rate

    schedule = Constant()

    def make_optimizer(rate):
        return keras.optimizers.Adam(rate, epsilon=0.001)

    check_changed_schedule(
        schedule, lambda: setattr(schedule, "rate", 0.001), make_optimizer
    )


def test_a_copy_of_a_schedule_shares_nothing_that_a_call_changes():
    class Noting(keras.optimizers.schedules.LearningRateSchedule):
        def __init__(self, inner=None):
            self.lists, self.pair, self.seen = {"a": [1]}, ([2], 3), {4}
            self.inner = inner

        def __call__(self, step):
            self.lists["a"].append(step)
            self.lists["b"] = []
            self.pair[0].append(step)
            self.seen.add(step)
            return 0.1 if self.inner is None else self.inner(step)

    schedule = Noting(Noting())

    copied(schedule)(7)

    for each in (schedule, schedule.inner):
        assert (each.lists, each.pair, each.seen) == ({"a": [1]}, ([2], 3), {4})
