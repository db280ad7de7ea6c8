from trainer.planning.schedule_table import SCHEDULE_TABLE
from trainer.settings.flag import flags_of
from trainer.settings.schedule import SCHEDULES, ScheduleFlags


def test_every_schedule_that_can_be_asked_for_can_be_built():
    assert tuple(SCHEDULE_TABLE) == SCHEDULES


def test_flags_shape_schedules_that_there_are():
    for name, flag in flags_of(ScheduleFlags).items():
        assert set(flag.schedules) <= set(SCHEDULES), name
