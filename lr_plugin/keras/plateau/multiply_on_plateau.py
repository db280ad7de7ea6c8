"""The callback that multiplies the rate where a metric stops improving."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import ops

from lr_plugin.keras.capture.backends import check_model
from lr_plugin.keras.plateau.arguments import check_arguments
from lr_plugin.keras.plateau.mean_loss import check_loss_is_kept, mean_loss, take_losses
from lr_plugin.keras.plateau.monitored import MonitoredMetric
from lr_plugin.keras.plateau.rate import PlateauRate, take_rate
from lr_plugin.keras.plateau.rule import PlateauRule, PlateauState


class MultiplyOnPlateau(keras.callbacks.Callback):
    """Multiplies the learning rate where a metric stops improving, schedule or not.

    Keras' ReduceLROnPlateau sets the rate, and raises where the optimizer holds a
    schedule. This callback follows its rules and multiplies what the schedule gives:
    rate(i) = max(multiplier * schedule(i), min_learning_rate), never above schedule(i).
    Where the optimizer holds a number, that number is multiplied.

    A look at the metric is an improvement if it is better than the best so far by more
    than `min_delta`; NaN never is. After `patience` looks in a row without one the rate
    is multiplied by `factor`, and `cooldown` looks pass before waiting begins again.

    When a training begins, the optimizer's schedule is replaced by one that multiplies
    it, and that one stays: a further `fit` goes on at the reduced rate, and
    `model.save` keeps it. To load such a model, import `lr_plugin.keras` first. Unlike
    Keras' callback, this one goes on counting in a further training of the same
    optimizer; with another one, as after `model.compile`, it begins anew.

    On JAX, where the multiplier is a constant in the compiled step, a cut of a schedule
    makes JAX compile its functions again.

    Example:

    ```python
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10_000)
    model.compile(keras.optimizers.Adam(schedule), "mse")
    logger = LearningRateLogger("logs/run1")
    # Each cut is a mark in the tab.
    on_cut = functools.partial(logger.add_event, "plateau")
    plateau = MultiplyOnPlateau("val_loss", factor=0.5, patience=3, on_cut=on_cut)
    model.fit(x, y, validation_data=(x_val, y_val), callbacks=[plateau, logger])
    ```

    To go on after an interruption, keep `state` beside the weights:

    ```python
    path = pathlib.Path("plateau.json")
    if path.exists():
        plateau.state = json.loads(path.read_text())
    keep = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: path.write_text(json.dumps(plateau.state)),
        on_train_end=lambda logs: path.unlink(missing_ok=True),
    )
    backup = keras.callbacks.BackupAndRestore("backup")
    model.fit(x, y, epochs=50, callbacks=[plateau, backup, keep])
    ```

    Attributes:
        state: What the next look depends on: a dict of numbers and None, fit for JSON;
            a copy each time. If it is assigned, also before a training, the callback
            goes on from there, with the rate of that time; what is left out is as at
            the start.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        *,
        factor: float = 0.1,
        patience: int = 10,
        mode: str = "auto",
        min_delta: float = 1e-4,
        delta_mode: str = "absolute",
        cooldown: int = 0,
        min_learning_rate: float = 0.0,
        every_epochs: int = 1,
        every_batches: int | None = None,
        on_cut: Callable[..., object] | None = None,
    ):
        """Creates the callback; it changes nothing before a training begins.

        Args:
            monitor: The metric's name in the logs of an epoch.
            factor: What the rate is multiplied by; above 0, below 1.
            patience: How many looks without improvement are allowed.
            mode: "min" where lower is better, "max" where higher is; "auto" asks
                Keras, which asks the metric.
            min_delta: The least change that is an improvement, at least 0.
            delta_mode: "absolute", or "relative" for a share of the best so far.
            cooldown: How many looks after a cut do not count.
            min_learning_rate: No cut goes below this rate.
            every_epochs: Looks at the end of every this many epochs.
            every_batches: Looks after every this many batches instead, at the mean
                training loss since the last look; only for `monitor="loss"`.
            on_cut: Called with a sentence about each cut and, by keyword, with the
                numbers `value`, `best`, `rate_before`, `rate_after` and, where there is
                a schedule, `multiplier`.

        Raises:
            ValueError: An argument is out of bounds. Later, in a training: Keras does
                not know the metric's direction, the metric is missing or not a number,
                or the optimizer's rate cannot be multiplied.
        """
        super().__init__()
        check_arguments(
            monitor=monitor,
            factor=factor,
            patience=patience,
            mode=mode,
            min_delta=min_delta,
            delta_mode=delta_mode,
            cooldown=cooldown,
            min_learning_rate=min_learning_rate,
            every_epochs=every_epochs,
            every_batches=every_batches,
        )
        self._monitored = MonitoredMetric(monitor, mode)
        self._rule = PlateauRule(
            patience=patience,
            min_delta=min_delta,
            is_relative=delta_mode == "relative",
            cooldown=cooldown,
        )
        self._factor = factor
        self._floor = min_learning_rate
        self._every_epochs = every_epochs
        self._every_batches = every_batches
        self._on_cut = on_cut
        self._state = PlateauState()
        # Whether the state was assigned but the rate is not set to it yet.
        self._is_assigned = False
        self._rate: PlateauRate | None = None
        self._first_batch = 0
        self._has_untaken_losses = False
        if every_batches is not None:
            # Not a method of the class: with one, Keras would wait for every batch.
            self.on_train_batch_end = self._end_batch

    @property
    def state(self) -> dict[str, Any]:
        state = dataclasses.asdict(self._state)
        if self._rate is not None and not self._is_assigned:
            state["multiplier"] = self._rate.multiplier
            state["learning_rate"] = self._rate.learning_rate
        return state

    @state.setter
    def state(self, state: Mapping[str, Any]) -> None:
        self._state = PlateauState(**state)
        self._is_assigned = True

    def set_model(self, model: keras.Model) -> None:
        check_model(type(self).__name__, model)
        super().set_model(model)
        self._monitored.forget_direction()
        if getattr(model, "optimizer", None) is None:
            # Keras raises an error itself when such a model is trained.
            return
        if self._every_batches is not None:
            check_loss_is_kept(model)
        former, self._rate = self._rate, take_rate(model, floor=self._floor)
        is_another = former is None or former.optimizer is not model.optimizer
        if is_another and not self._is_assigned:
            self._state = PlateauState()
        self._restore_rate()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._restore_rate()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._first_batch = batch
        if batch and not self._monitored.has_direction:
            # Asked early for the error: from now on Keras knows all metrics.
            self._monitored.is_higher_better(self.model)

    def on_test_begin(self, logs: Any = None) -> None:
        # Before validation, which uses the same mean.
        self._end_epoch_of_batches()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self._every_batches is not None:
            self._end_epoch_of_batches()
        elif (epoch + 1) % self._every_epochs == 0:
            value = self._monitored.read(epoch, logs or {})
            if value is not None:
                self._look(value)

    def _end_batch(self, batch: int, logs: Any = None) -> None:
        assert self._every_batches is not None
        steps = (self.params or {}).get("steps")
        # With several steps in a call, the last call of an epoch may make fewer.
        end = batch + 1 if steps is None else min(batch + 1, steps)
        state = self._state
        num_looks = state.num_batches // self._every_batches
        state.num_batches += end - self._first_batch
        is_due = state.num_batches // self._every_batches > num_looks
        self._has_untaken_losses = True
        if end == steps:
            self._end_epoch_of_batches()
        elif is_due:
            take_losses(state, self.model, at_epoch_end=False)
        if is_due:
            self._look(mean_loss(state))

    def _end_epoch_of_batches(self) -> None:
        if self._has_untaken_losses:
            self._has_untaken_losses = False
            take_losses(self._state, self.model, at_epoch_end=True)

    def _look(self, value: float) -> None:
        self._restore_rate()
        is_over = self._rule.look(
            self._state,
            value,
            higher_is_better=self._monitored.is_higher_better(self.model),
        )
        if is_over and self._cut(value):
            self._rule.begin_cooldown(self._state)

    def _cut(self, value: float) -> bool:
        """Cuts the rate; returns False where it is at its floor already."""
        assert self._rate is not None
        before = self._read_rate()
        if not self._rate.multiply(self._factor):
            return False
        if self._on_cut is not None:
            after, state = self._read_rate(), self._state
            best = math.nan if state.best is None else state.best
            multiplier = self._rate.multiplier
            self._on_cut(
                f"{self._monitored.name} {value:.4g} is no improvement on {best:.4g} "
                f"(look {state.num_waited} in a row): the rate falls from "
                f"{before:.4g} to {after:.4g}.",
                value=value,
                best=best,
                rate_before=before,
                rate_after=after,
                **({} if multiplier is None else {"multiplier": multiplier}),
            )
        return True

    def _read_rate(self) -> float:
        return float(ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def _restore_rate(self) -> None:
        if self._is_assigned and self._rate is not None:
            self._is_assigned = False
            self._rate.restore(self._state.multiplier, self._state.learning_rate)
