"""The flags that let the rate move: without all of them it stays where it begins."""

from typing import Any

from trainer.settings.flag import flags_of
from trainer.settings.plateau import PlateauFlags
from trainer.settings.schedule import ScheduleFlags
from trainer.settings.warmup import WarmupFlags


def _moving() -> dict[str, Any]:
    groups = (ScheduleFlags, WarmupFlags, PlateauFlags)
    flags = {name: flag for group in groups for name, flag in flags_of(group).items()}
    return {
        name: flag.default
        for name, flag in flags.items()
        # What has another default, as --warmup_shape has, does nothing alone.
        if flag.default is None or flag.default is False
    }


# By name, with the default, which says that it is not given.
RATE_FLAGS = _moving()
