"""All settings of a run in one flat record, which is checked when it is made.

Nothing here imports TensorFlow, so that a wrong flag is refused at once.
"""

import dataclasses

from trainer.errors import ConfigError
from trainer.settings.data import DataFlags, check_data
from trainer.settings.flag import Flag, flags_of
from trainer.settings.learning_rate import (
    LearningRateFlags,
    ScalingFlags,
    check_range_test,
    check_scaling,
)
from trainer.settings.machine import MachineFlags, check_accumulate, check_multi_worker
from trainer.settings.model import ModelFlags, check_model, is_user_model
from trainer.settings.open_values import Choices, Range, check_open, format_value
from trainer.settings.optimizer import DEFAULT_OPTIMIZER, OptimizerFlags
from trainer.settings.plateau import PlateauFlags, check_plateau_flags
from trainer.settings.run import ModeFlags, RunFlags, check_run
from trainer.settings.schedule import ScheduleFlags
from trainer.settings.schedule_checks import check_schedule
from trainer.settings.search import SearchFlags, check_search
from trainer.settings.training import TrainingFlags, check_deterministic
from trainer.settings.warmup import WarmupFlags, check_warmup


# A dataclass has the fields of its last base first, so that --help begins with --mode.
@dataclasses.dataclass(frozen=True)
class Config(
    OptimizerFlags,
    PlateauFlags,
    WarmupFlags,
    ScheduleFlags,
    SearchFlags,
    ScalingFlags,
    LearningRateFlags,
    MachineFlags,
    RunFlags,
    TrainingFlags,
    ModelFlags,
    DataFlags,
    ModeFlags,
):
    """The settings of one run, checked when made.

    A setting that is None has the default of the optimizer in Keras, or of the
    schedule. Where `mode` is search, a setting may be a `Range` or `Choices`, from
    which each trial takes one value; `search_space.check_corners` checks whether all
    of these fit each other.

    Raises:
        ConfigError: A value is out of bounds, or two settings contradict each other.
    """

    def __post_init__(self) -> None:
        if self.optimizer is None and not is_user_model(self.model):
            object.__setattr__(self, "optimizer", DEFAULT_OPTIMIZER)
        self._check_values()
        if self.mode == "search":
            self._check_search()
        else:
            self._check_training()

    def _check_values(self) -> None:
        for name, flag in SETTINGS.items():
            value = getattr(self, name)
            if value is None and flag.default is None:
                continue
            try:
                if isinstance(value, Range | Choices):
                    _check_open(name, value, mode=self.mode)
                else:
                    flag.kind.check(value)
            except (TypeError, ValueError) as error:
                raise refusal(name, error, value) from None

    def _check_search(self) -> None:
        self._check_multi_worker()
        check_run(self)
        check_search(self, learning_rate=self.learning_rate)
        check_scaling(self, mode=self.mode, learning_rate=self.learning_rate)

    def _check_training(self) -> None:
        check_data(self, model=self.model)
        check_model(self, epochs=self.epochs)
        check_run(self)
        check_schedule(self, learning_rate=self.learning_rate)
        check_warmup(self)
        check_plateau_flags(self)
        check_range_test(self)
        check_scaling(self, mode=self.mode, learning_rate=self.learning_rate)
        check_accumulate(self)
        self._check_multi_worker()
        check_deterministic(self, jit_compile=self.jit_compile)

    def _check_multi_worker(self) -> None:
        check_multi_worker(self, mode=self.mode, learning_rate=self.learning_rate)


def _searchable() -> tuple[str, ...]:
    first = [name for name, flag in SETTINGS.items() if flag.searched == "first"]
    groups = (LearningRateFlags, ScheduleFlags, WarmupFlags)
    of_rate = [name for group in groups for name in flags_of(group)]
    in_order = dict.fromkeys([*first, *of_rate, *SETTINGS])
    return tuple(name for name in in_order if SETTINGS[name].searched != "no")


SETTINGS: dict[str, Flag] = flags_of(Config)

# First the settings on which others depend, then those of the rate.
SEARCHABLE = _searchable()


def _check_open(name: str, value: Range | Choices, *, mode: str) -> None:
    if mode != "search":
        raise ValueError("one value: ranges and choices are for --mode=search")
    flag = SETTINGS[name]
    if flag.searched == "no":
        raise ValueError(f"one value: a search varies {', '.join(SEARCHABLE)}")
    check_open(flag.kind, value, by_factors=flag.searched == "by factors")


def refusal(name: str, rule: object, value: object) -> ConfigError:
    """Builds the error for one setting: the rule, what came, and a value that is right.

    Args:
        name: The setting's.
        rule: What must hold, to be read after "must be".
        value: What was received; text as the user gave it.
    """
    flag = SETTINGS[name]
    shown = value if isinstance(value, str) else format_value(flag.kind, value)
    if flag.default is None:
        advice = f"Leave --{name} out for its default."
    else:
        advice = f"For example --{name}={flag.kind.format(flag.default)}."
    return ConfigError(
        f"`--{name}` must be {rule}. Received: --{name}={shown}. {advice}"
    )
