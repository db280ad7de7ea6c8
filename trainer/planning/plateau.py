"""Multiplies the learning rate when a quantity stops improving, whatever its schedule.

Keras' ReduceLROnPlateau needs a rate that it can overwrite and raises where the
optimizer holds a schedule. Here a variable multiplies the schedule instead.
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops
from keras.optimizers.schedules import LearningRateSchedule

from lr_plugin.keras.schedules import Schedule, rate_at
from trainer.data.batches import Position
from trainer.errors import ConfigError
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength
from trainer.settings.flag_types import nearest


@keras.saving.register_keras_serializable("trainer")
class Multiplied(LearningRateSchedule):
    """rate(i) = max(multiplier * schedule(i), floor), never above schedule(i).

    To be made under the strategy's scope: the multiplier is a variable.

    Args:
        schedule: What to multiply; a number for a constant rate.
        multiplier: What it is at first.
        floor: The multiplier takes no rate below it.
    """

    def __init__(self, schedule: Schedule, multiplier: float = 1.0, floor: float = 0.0):
        self.schedule = schedule
        self.floor = floor
        self.multiplier = keras.Variable(
            multiplier,
            trainable=False,
            aggregation="only_first_replica",
            name="plateau_multiplier",
        )

    def __call__(self, step: Any) -> Any:
        rate = rate_at(self.schedule, step)
        reduced = ops.maximum(rate * self.multiplier, self.floor)
        return ops.minimum(rate, reduced)

    def get_config(self) -> dict[str, Any]:
        return {
            "schedule": keras.saving.serialize_keras_object(self.schedule),
            "multiplier": float(self.multiplier.value.numpy()),
            "floor": self.floor,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        schedule = keras.saving.deserialize_keras_object(config.pop("schedule"))
        return cls(schedule, **config)


@dataclasses.dataclass
class PlateauState:
    """What the next look depends on, in plain numbers for a checkpoint.

    Attributes:
        multiplier: What the schedule is multiplied by.
        best: The best value so far; None before the first look.
        num_waited: Looks without improvement since the best, or the last cut.
        num_cooldown: Looks that still do not count.
        num_looks: Looks so far.
        total, count: Sum and number of the training losses since the last look that
            belong to epochs before this one.
        seen_total, seen_count: The same of this epoch that the last look has seen.
    """

    multiplier: float = 1.0
    best: float | None = None
    num_waited: int = 0
    num_cooldown: int = 0
    num_looks: int = 0
    total: float = 0.0
    count: float = 0.0
    seen_total: float = 0.0
    seen_count: float = 0.0


class MultiplyOnPlateau(keras.callbacks.Callback):
    """Multiplies a `Multiplied` schedule where a quantity stops improving.

    A look at the quantity is an improvement if it is better than the best so far by
    more than min_delta. After `patience` looks in a row without one the rate is cut,
    and `cooldown` looks pass before waiting begins again, as with Keras'
    ReduceLROnPlateau.

    Args:
        multiplied: The schedule of the model's optimizer.
        config: Its --plateau flags.
        run: What --plateau_every is measured against.
        position: Where the training is.
        on_cut: Told of every cut: a sentence, and numbers by name.
        first_epoch: Where looking begins.
    """

    def __init__(
        self,
        multiplied: Multiplied,
        config: Config,
        run: RunLength,
        position: Position,
        *,
        on_cut: Callable[..., None],
        first_epoch: int = 0,
    ):
        super().__init__()
        self._multiplied = multiplied
        self._config = config
        self._position = position
        self._on_cut = on_cut
        self._batches_per_epoch = run.batches_per_epoch
        self._every_epochs = _whole_epochs(config.plateau_every)
        self._every_batches = config.plateau_every.resolve_batches(run)
        num_batches = first_epoch * run.batches_per_epoch
        self._state = PlateauState(num_looks=num_batches // self._every_batches)

    @property
    def state(self) -> PlateauState:
        return self._state

    @state.setter
    def state(self, state: PlateauState) -> None:
        self._state = state
        self._multiplied.multiplier.assign(state.multiplier)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._every_epochs:
            return
        state, position = self._state, self._position
        num_batches = (
            position.epoch_number * self._batches_per_epoch + position.num_batches
        )
        looks_due = num_batches // self._every_batches
        epoch_ends = position.num_batches == self._batches_per_epoch
        if looks_due == state.num_looks and not epoch_ends:
            return
        total, count = self._epoch_losses()
        state.total += total - state.seen_total
        state.count += count - state.seen_count
        state.seen_total, state.seen_count = (
            (0.0, 0.0) if epoch_ends else (total, count)
        )
        if looks_due > state.num_looks:
            state.num_looks = looks_due
            self._look(state.total / state.count)
            state.total = state.count = 0.0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._every_epochs and (epoch + 1) % self._every_epochs == 0:
            self._state.num_looks += 1
            self._look(float((logs or {})[self._config.plateau]))

    def _look(self, value: float) -> None:
        config, state = self._config, self._state
        if state.num_cooldown:
            state.num_cooldown -= 1
            state.num_waited = 0
        if self._is_improvement(value):
            state.best = value
            state.num_waited = 0
        elif not state.num_cooldown:
            state.num_waited += 1
            if state.num_waited >= config.plateau_patience and self._cut(value):
                state.num_cooldown = config.plateau_cooldown
                state.num_waited = 0

    def _is_improvement(self, value: float) -> bool:
        best, delta = self._state.best, self._config.plateau_min_delta
        if math.isnan(value) or best is None:
            return not math.isnan(value)
        if self._config.plateau_delta_mode == "relative":
            delta *= abs(best)
        if higher_is_better(self._config):
            return value > best + delta
        return value < best - delta

    def _cut(self, value: float) -> bool:
        """Cuts the rate; False where it is at its floor already."""
        state, config = self._state, self._config
        before = self._rate()
        self._multiplied.multiplier.assign(state.multiplier * config.plateau_factor)
        after = self._rate()
        if after == before:
            self._multiplied.multiplier.assign(state.multiplier)
            return False
        state.multiplier *= config.plateau_factor
        best = math.nan if state.best is None else state.best
        self._on_cut(
            f"{config.plateau} {value:.4g} is no improvement on {best:.4g} "
            f"(look {state.num_waited} in a row): the rate falls from {before:.4g} to "
            f"{after:.4g}.",
            value=value,
            best=best,
            rate_before=before,
            rate_after=after,
            multiplier=state.multiplier,
        )
        return True

    def _rate(self) -> float:
        return float(ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def _epoch_losses(self) -> tuple[float, float]:
        """Sum and number of this epoch's losses, as Keras' own mean holds them."""
        mean: Any = next(
            metric for metric in self.model.metrics if metric.name == "loss"
        )
        total, count = mean.total.value.numpy(), mean.count.value.numpy()
        return float(total), float(count)


def higher_is_better(config: Config) -> bool:
    if config.plateau_mode == "auto":
        return "acc" in (config.plateau or "")
    return config.plateau_mode == "max"


def check_plateau(config: Config, known: Sequence[str]) -> None:
    """Refuses a quantity that will not be there to look at.

    Args:
        known: Names of what is reported, such as "loss" and "val_loss".

    Raises:
        ConfigError: It is not reported, or not as often as asked for.
    """
    if config.plateau is None:
        return
    if config.plateau not in known:
        raise ConfigError(
            f"`--plateau` must be one of {', '.join(known)}"
            f"{nearest(config.plateau, known)}. Received: --plateau={config.plateau}. "
            "For example --plateau=loss."
        )
    if config.plateau != "loss" and not _whole_epochs(config.plateau_every):
        raise ConfigError(
            "`--plateau_every` must be whole epochs for what is measured at their "
            f"ends. Received: --plateau_every={config.plateau_every} --plateau="
            f"{config.plateau}. Use --plateau_every=1ep or --plateau=loss."
        )


def _whole_epochs(every: Duration) -> int:
    """The epochs of a duration in whole epochs; else 0."""
    return int(every.value) if every.unit == "ep" and every.value % 1 == 0 else 0
