"""What is true of one flag, said where its field is and nowhere else."""

import dataclasses
from collections.abc import Callable
from typing import Any, Literal, ParamSpec

from trainer.settings.flag_types import FlagType

_P = ParamSpec("_P")


@dataclasses.dataclass(frozen=True)
class Flag:
    """One flag: what it may be, what it means, and how the program treats it.

    What would do harm where it is forgotten has no default. What is shown or repeated
    in vain does none.

    Attributes:
        default: What it is unless given. None stands for the default of what the flag
            belongs to: the optimizer's, as Keras has it, or the schedule's.
        kind: Reads and checks its value.
        help: For --help; bounds and units among it.
        searched: How a search may vary it: "evenly", or "by factors" where trials
            should differ by factors rather than by differences. "first" is a choice
            that other flags depend on.
        on_resume: "fixed": with another value the variables, or the order of the data,
            would be others. "free": a training may go on with another value; a search
            may not, because its trials could not be compared. "free in a search": this
            one may, too. "about the run": says which run goes on, not how it trains.
            "used up": what it has found is among the run's flags.
        is_shown: Whether the tab shows it with the run.
        repeated: Whether flags.txt, which repeats a run, has it.
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
        schedules: Those that it shapes; it is refused beside others.
        is_rate: Whether it is a rate, which layers that are unfrozen have in proportion
            to --unfreeze_learning_rate.
    """

    _: dataclasses.KW_ONLY
    schedules: tuple[str, ...]
    is_rate: bool


def as_field(build: Callable[_P, Flag]) -> Callable[_P, Any]:
    """Makes of `Flag`, or a subclass, what declares a field of a dataclass with it."""

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
