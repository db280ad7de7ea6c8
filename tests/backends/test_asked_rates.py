"""What gives the rate is asked as often as without recording, and is seen."""

import pytest
from counting_schedules import OPTIMIZERS, SCHEDULES, check_function, check_schedule

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
