"""The flags that make the rate move: without them it stays where it begins."""

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
        # Flags with another default, such as --warmup_shape, do nothing alone.
        if flag.default is None or flag.default is False
    }


# By name, with the value that each has where it is not given.
RATE_FLAGS = _moving()
