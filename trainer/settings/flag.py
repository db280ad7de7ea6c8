"""All that is true of one flag, said at its field and nowhere else."""

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, ParamSpec

from trainer.settings.flag_types import FlagType

_P = ParamSpec("_P")


@dataclasses.dataclass(frozen=True)
class Flag:
    """One flag: what it may be, what it means, and how the program treats it.

    `searched` and `on_resume` have no default, because a flag for which they were
    forgotten would do harm. To show or repeat a flag needlessly does none.

    Attributes:
        default: The value of a flag that is not given. None stands for the default of
            the optimizer in Keras, or of the schedule.
        kind: Reads and checks its value.
        help: For --help, with bounds and units.
        searched: How a search may vary it: "evenly", or "by factors" where trials
            should differ by factors rather than by differences. "first" is a choice
            that other flags depend on.
        on_resume: "fixed": another value would change the variables or the order of
            the data. "free": a training may go on with another value; a search may not,
            because its trials could not be compared. "free in a search": a search may,
            too. "about the run": says which run goes on, not how it trains. "used up":
            what it found is among the flags of the run.
        is_shown: Whether the tab shows it with the run.
        repeated: Whether it is in flags.txt, which repeats a run.
    """

    default: Any
    kind: FlagType
    help: str
    _: dataclasses.KW_ONLY
    searched: Literal["no", "first", "evenly", "by factors"]
    on_resume: Literal["fixed", "free", "free in a search", "about the run", "used up"]
    is_shown: bool = True
    repeated: Literal["always", "in a search", "never"] = "always"


@dataclasses.dataclass(frozen=True)
class ScheduleFlag(Flag):
    """A flag that shapes some of the schedules.

    Attributes:
        schedules: Those that it shapes; with others it is refused.
        is_rate: Whether it is a rate. Rates are scaled when layers are unfrozen, in
            proportion to --unfreeze_learning_rate.
    """

    _: dataclasses.KW_ONLY
    schedules: tuple[str, ...]
    is_rate: bool


def as_field(build: Callable[_P, Flag]) -> Callable[_P, Any]:
    """Turns a class of flags into a function that declares a field of a dataclass."""

    def declare(*args: _P.args, **kwargs: _P.kwargs) -> Any:
        flag = build(*args, **kwargs)
        return dataclasses.field(default=flag.default, metadata={"flag": flag})

    return declare


flag = as_field(Flag)
schedule_flag = as_field(ScheduleFlag)


def flags_of(group: type) -> dict[str, Any]:
    """Reads the flags of a dataclass, by name, in the order of its fields.

    Raises:
        KeyError: A field was declared without a flag.
    """
    return {field.name: field.metadata["flag"] for field in dataclasses.fields(group)}
