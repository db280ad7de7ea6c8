"""What gives the rate is asked as often as without recording, and is seen."""

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
from training import BACKEND

MODES = [{}, {"run_eagerly": True}]


@pytest.mark.parametrize("arguments", MODES, ids=["compiled", "eager"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_schedule_is_asked_as_often(optimizer, arguments):
    for schedule in SCHEDULES.values():
        check_schedule(schedule, OPTIMIZERS[optimizer], **arguments)


@pytest.mark.parametrize("arguments", MODES, ids=["compiled", "eager"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_function_is_asked_as_often(optimizer, arguments):
    check_function(OPTIMIZERS[optimizer], **arguments)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_schedule_of_a_step_that_was_made_before_is_asked_as_often(optimizer):
    for schedule in SCHEDULES.values():
        check_second_fit(schedule, OPTIMIZERS[optimizer])


@pytest.mark.skipif(BACKEND == "torch", reason="there no step is compiled")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("what", ["a number", "a list"])
def test_no_rate_is_told_of_a_schedule_that_the_step_was_not_made_with(what, optimizer):
    check_changed_schedule(*changed_schedules()[what], OPTIMIZERS[optimizer])
