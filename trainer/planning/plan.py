"""From the settings to the rate of every update, in words before the first one."""

import dataclasses

from lr_plugin.keras import schedules
from lr_plugin.keras.schedules import Schedule
from trainer.errors import ConfigError
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength

# A schedule that ends before this share of the run is worth a word.
_EARLY_END = 0.9


@dataclasses.dataclass(frozen=True)
class Plan:
    """What the learning rate, and with it the momentum, will do.

    Attributes:
        learning_rate: Asked for at every batch, as Keras does.
        momentum: Likewise; None where momentum does not move.
        lines: What was resolved, and what may surprise; one sentence each.
    """

    learning_rate: Schedule
    momentum: Schedule | None
    lines: tuple[str, ...]


def build_plan(config: Config, learning_rate: float, run: RunLength) -> Plan:
    """Resolves every duration of the schedule and composes it.

    Args:
        learning_rate: The rate to start from, which `config` may leave to Keras.

    Raises:
        ConfigError: The schedule does not fit the run.
    """
    return _Planner(config, learning_rate, run).plan()


class _Planner:
    """Collects, while the schedule is built, what each duration came to."""

    def __init__(self, config: Config, learning_rate: float, run: RunLength):
        self._config = config
        self._rate = learning_rate
        self._run = run
        self._words: list[str] = []
        # Where the schedule stops moving, in updates; None where it never does.
        self._end: int | None = None
        self._momentum: Schedule | None = None
        self._warmup = 0

    def plan(self) -> Plan:
        config = self._config
        default = "10%" if config.schedule_name == "warmup_stable_decay" else "0"
        self._warmup = self._steps("warmup", default)
        if self._warmup >= self._num_updates:
            raise ConfigError(
                "`--warmup` must be shorter than the run. Received: --warmup="
                f"{config.warmup}, {self._warmup} updates of a run of "
                f"{self._num_updates}. Lower --warmup or raise --epochs."
            )
        rate: Schedule = getattr(self, f"_{config.schedule_name}")()
        momentum = self._momentum
        if self._warmup:
            rate = schedules.with_warmup(
                rate,
                self._warmup,
                factor=config.warmup_factor,
                shape=config.warmup_shape,
            )
            if momentum is not None:
                high = float(schedules.rate_at(momentum, 0))
                momentum = schedules.Joined([high, momentum], [self._warmup])
        return Plan(
            learning_rate=self._on_the_clock(rate),
            momentum=None if momentum is None else self._on_the_clock(momentum),
            lines=tuple([self._resolved(), *self._surprises(rate)]),
        )

    @property
    def _num_updates(self) -> int:
        assert self._run.num_updates is not None
        return self._run.num_updates

    @property
    def _num_left(self) -> int:
        """The updates that the warmup leaves."""
        return self._num_updates - self._warmup

    def _steps(self, name: str, default: str) -> int:
        duration = getattr(self._config, name)
        if duration is None:
            duration = Duration.parse(default)
        return self._resolve(name, duration)

    def _resolve(self, name: str, duration: Duration) -> int:
        try:
            steps = duration.resolve(self._run)
        except ValueError as error:
            raise ConfigError(f"`--{name}`: {error}") from None
        if steps:
            self._words.append(f"{name} {_unit(duration, steps)}")
        return steps

    def _length(self) -> int:
        """--schedule_length, or all that is left; where it ends is remembered."""
        if self._config.schedule_length is None:
            steps = self._num_left
            self._words.append(f"schedule_length {steps}")
        else:
            steps = self._steps("schedule_length", "100%")
        self._end = self._warmup + steps
        return steps

    def _end_rate(self, default: float = 0.0) -> float:
        end = self._config.end_learning_rate
        return default if end is None else end

    def _top(self) -> float:
        top = self._config.max_learning_rate or 10 * self._rate
        if top <= self._rate:
            raise ConfigError(
                "`--max_learning_rate` must be above the rate to start from. Received: "
                f"--max_learning_rate={top:g}, a rate of {self._rate:g}. Raise it or "
                "lower --learning_rate."
            )
        self._words.append(f"max_learning_rate {top:g}")
        return top

    def _constant(self) -> Schedule:
        return self._rate

    def _time(self) -> Schedule:
        decay = self._config.decay
        if decay is None:
            decay = 9 / self._num_left
        self._words.append(f"decay {decay:g}")
        return schedules.time_decay(self._rate, decay)

    def _time_per_epoch(self) -> Schedule:
        config = self._config
        assert config.decay is not None
        rates = schedules.CompoundingTimeDecay(self._rate, config.decay, config.epochs)
        return schedules.Clock(rates, config.accumulate, self._run.batches_per_epoch)

    def _linear(self) -> Schedule:
        return schedules.linear(self._rate, self._end_rate(), self._length())

    def _polynomial(self) -> Schedule:
        return schedules.polynomial(
            self._rate, self._end_rate(), self._length(), self._config.power or 2.0
        )

    def _exponential(self) -> Schedule:
        factor = self._config.decay_factor or 0.1
        every = self._steps("decay_every", "100%")
        return schedules.exponential(self._rate, factor, every)

    def _step(self) -> Schedule:
        factor = self._config.decay_factor or 0.5
        every = self._steps("decay_every", "25%")
        return schedules.exponential(self._rate, factor, every, steps=True)

    def _piecewise(self) -> Schedule:
        config = self._config
        assert config.boundaries is not None and config.values is not None
        starts = [self._resolve("boundaries", each) for each in config.boundaries]
        if starts != sorted(set(starts)) or starts[0] <= self._warmup:
            raise ConfigError(
                "`--boundaries` must rise and come after the warmup. Received: "
                f"boundaries at {', '.join(map(str, starts))}, a warmup of "
                f"{self._warmup} updates. Put them in order or shorten --warmup."
            )
        self._end = starts[-1]
        return schedules.piecewise(
            [start - self._warmup for start in starts], [self._rate, *config.values]
        )

    def _cosine(self) -> Schedule:
        return schedules.cosine(self._rate, self._end_rate(), self._length())

    def _cosine_restarts(self) -> Schedule:
        config = self._config
        first, growth = self._steps("cycle", "25%"), config.cycle_growth or 1.0
        num_cycles, covered = 1, first
        while covered < self._num_left:
            covered += round(first * growth**num_cycles)
            num_cycles += 1
        return schedules.CosineRestarts(
            self._rate,
            first,
            num_cycles,
            end=self._end_rate(),
            growth=growth,
            factor=config.cycle_factor or 1.0,
        )

    def _triangular(self) -> Schedule:
        return schedules.Triangular(
            self._rate, self._top(), self._steps("cycle", "25%")
        )

    def _triangular2(self) -> Schedule:
        return schedules.Triangular(
            self._rate, self._top(), self._steps("cycle", "25%"), cycle_factor=0.5
        )

    def _exp_range(self) -> Schedule:
        gamma = self._config.gamma or 0.1 ** (1 / self._num_left)
        self._words.append(f"gamma {gamma:g}")
        return schedules.Triangular(
            self._rate, self._top(), self._steps("cycle", "25%"), step_factor=gamma
        )

    def _one_cycle(self) -> Schedule:
        top, length = self._top(), self._length()
        if self._config.cycle_momentum is not None:
            low, high = self._config.cycle_momentum
            self._momentum = schedules.one_cycle_momentum(low, high, length)
        end = self._end_rate(self._rate / 100)
        return schedules.one_cycle(self._rate, top, end, length)

    def _inverse_sqrt(self) -> Schedule:
        if self._config.timescale is None and self._warmup:
            return schedules.InverseSquareRoot(self._rate, self._warmup)
        timescale = self._steps("timescale", "10%")
        return schedules.InverseSquareRoot(self._rate, timescale)

    def _warmup_stable_decay(self) -> Schedule:
        decay_steps = self._steps("decay_length", "20%")
        if decay_steps > self._num_left:
            raise ConfigError(
                "`--decay_length` must fit into what the warmup leaves of the run. "
                f"Received: {decay_steps} updates of {self._num_left}. Lower "
                "--decay_length or --warmup."
            )
        self._end = self._num_updates
        return schedules.warmup_stable_decay(
            self._rate, self._end_rate(), self._num_left, decay_steps
        )

    def _on_the_clock(self, schedule: Schedule) -> Schedule:
        """Moves at epochs only, where asked to, and follows updates, not batches."""
        config = self._config
        if not callable(schedule):
            return schedule
        if config.staircase:
            schedule = schedules.Staircase(
                schedule, self._run.batches_per_epoch, config.accumulate
            )
        if config.accumulate > 1:
            schedule = schedules.Clock(schedule, 1, config.accumulate)
        return schedule

    def _resolved(self) -> str:
        words = [f"learning_rate {self._rate:g}", *self._words]
        return (
            f"Schedule {self._config.schedule_name} over {self._num_updates} updates: "
            f"{', '.join(words)}."
        )

    def _surprises(self, rate: Schedule) -> list[str]:
        lines = []
        num_updates = self._num_updates
        if self._config.accumulate > 1:
            lines.append(
                f"One update every {self._config.accumulate} batches: the schedule and "
                "all durations count updates."
            )
        last = float(schedules.rate_at(rate, num_updates - 1))
        if self._end is not None and self._end > num_updates:
            lines.append(
                f"The run ends before the schedule, which needs {self._end} updates: "
                f"the last rate is {last:.3g}."
            )
        elif self._end is not None and self._end < _EARLY_END * num_updates:
            lines.append(
                f"The schedule ends at update {self._end}: the rate stays at "
                f"{last:.3g} for the last {1 - self._end / num_updates:.0%} of the run."
            )
        return lines


def _unit(duration: Duration, steps: int) -> str:
    return str(steps) if duration.unit == "" else f"{duration} = {steps}"
