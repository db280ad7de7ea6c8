"""The numbers that a schedule is built from: rates, and durations in updates."""

from lr_plugin.keras.schedules import Schedule
from trainer.errors import ConfigError
from trainer.settings.durations import Duration, RunLength
from trainer.settings.flag_types import Share
from trainer.settings.schedule import ScheduleFlags


class ScheduleNumbers:
    """The numbers of one run's schedule, which remembers those that it was asked for.

    Args:
        flags: The flags of the schedule.
        learning_rate: The rate to start from.
        run_length: The run's, against which durations are measured.

    Attributes:
        warmup_steps: Updates before the schedule begins.
        end: The update from which on the rate stays; None where it never does.
        momentum: The schedule of the momentum; None where it does not move.
        words: The numbers that were asked for, in this order, for the user to read.
    """

    def __init__(
        self, flags: ScheduleFlags, learning_rate: float, run_length: RunLength
    ):
        self.flags = flags
        self.learning_rate = learning_rate
        self.run_length = run_length
        self.warmup_steps = 0
        self.end: int | None = None
        self.momentum: Schedule | None = None
        self.words: list[str] = []

    @property
    def num_updates(self) -> int:
        """The updates of the whole run."""
        assert self.run_length.num_updates is not None
        return self.run_length.num_updates

    @property
    def num_left(self) -> int:
        """The updates that the warmup leaves."""
        return self.num_updates - self.warmup_steps

    def steps(self, name: str, duration: Duration | None, *, default: str) -> int:
        """Resolves the duration of a flag, or its default, to updates.

        Raises:
            ConfigError: It is a share of a run that has no end.
        """
        return self.resolve(name, duration or Duration.parse(default))

    def resolve(self, name: str, duration: Duration) -> int:
        """Resolves a duration to updates.

        Args:
            name: The flag that gives it.

        Raises:
            ConfigError: It is a share of a run that has no end.
        """
        try:
            steps = duration.resolve(self.run_length)
        except ValueError as error:
            raise ConfigError(f"`--{name}`: {error}") from None
        if steps:
            is_count = duration.unit == ""
            self.tell(name, str(steps) if is_count else f"{duration} = {steps}")
        return steps

    def length(self) -> int:
        """Resolves --schedule_length, or takes all that is left; sets the end."""
        if self.flags.schedule_length is None:
            steps = self.num_left
            self.tell("schedule_length", str(steps))
        else:
            steps = self.steps(
                "schedule_length", self.flags.schedule_length, default="100%"
            )
        self.end = self.warmup_steps + steps
        return steps

    def end_rate(self, default: float = 0.0) -> float:
        """Gives --end_learning_rate, or the default; a share is one of the rate."""
        end = self.flags.end_learning_rate
        if isinstance(end, Share):
            rate = end.of(self.learning_rate)
            self.tell("end_learning_rate", f"{end} = {rate:g}")
            return rate
        return default if end is None else end

    def top_rate(self) -> float:
        """Gives --max_learning_rate, or ten times the rate to start from.

        Raises:
            ConfigError: --max_learning_rate is not above the rate to start from.
        """
        top = self.flags.max_learning_rate or 10 * self.learning_rate
        if top <= self.learning_rate:
            raise ConfigError(
                "`--max_learning_rate` must be above the rate to start from. Received: "
                f"--max_learning_rate={top:g}, a rate of {self.learning_rate:g}. Raise "
                "it or lower --learning_rate."
            )
        self.tell("max_learning_rate", f"{top:g}")
        return top

    def tell(self, name: str, value: str) -> None:
        """Remembers a number, so that the user can be told of it."""
        self.words.append(f"{name} {value}")
