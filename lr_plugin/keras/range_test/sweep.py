"""Trains a model with a rising learning rate and keeps every update's loss."""

import functools
import sys
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from lr_plugin import schema
from lr_plugin.keras.capture import unseen
from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.range_test.curve import has_diverged
from lr_plugin.keras.range_test.untouched import Values
from lr_plugin.keras.schedules.schedule import whole

# More than the 15 halvings that take a loss scale from 2^15, where Keras begins, to 1.
_MAX_SKIPPED = 32


class RisingRate(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule of given rates, one for each update; after the last it stays.

    Args:
        learning_rates: Shape [num_steps].
        first_step: The optimizer's position at the first update.
        accumulation_steps: How many positions make one update.
    """

    def __init__(
        self, learning_rates: np.ndarray, *, first_step: int, accumulation_steps: int
    ):
        self.learning_rates = np.asarray(learning_rates, np.float32)
        self.first_step = first_step
        self.accumulation_steps = accumulation_steps

    def __call__(self, step: Any) -> Any:
        per_update = self.accumulation_steps
        update = ops.floor_divide(whole(step), per_update)
        update = update - self.first_step // per_update
        last = len(self.learning_rates) - 1
        return ops.take(self.learning_rates, ops.clip(update, 0, last))

    def get_config(self) -> dict[str, Any]:
        return {
            "learning_rates": self.learning_rates.tolist(),
            "first_step": self.first_step,
            "accumulation_steps": self.accumulation_steps,
        }


class Sweep:
    """The updates of one repeat.

    Args:
        learning_rates: Shape [num_steps].
        measure_loss: Measures the loss after an update, which then takes the place of
            the loss of its batch.

    Attributes:
        losses: The loss of every update, finite. Shape [<= num_steps].
        stop_reason: Why it ended; empty while it goes on.
    """

    def __init__(
        self,
        learning_rates: np.ndarray,
        measure_loss: Callable[[], float] | None = None,
    ):
        self._rates = learning_rates
        self._measure_loss = measure_loss
        self._batch_losses: dict[int, float] = {}
        self._num_skipped = 0
        self.losses: list[float] = []
        self.stop_reason = ""

    def add(self, *, step: int, loss: float, applied: bool) -> None:
        """Adds one iteration; after the end it is ignored."""
        if self.stop_reason:
            return
        if self._ends_with(loss):
            return
        # By step, because a step that loss scaling skipped comes again with other data.
        self._batch_losses[step] = loss
        if not applied:
            self._num_skipped += 1
            return
        self._num_skipped = 0
        # Micro-batches of one update share the weights, so that their mean is its loss.
        loss = float(np.mean(list(self._batch_losses.values())))
        self._batch_losses.clear()
        if self._measure_loss is not None:
            loss = self._measure_loss()
            if self._ends_with(loss):
                return
        rate = self._rates[len(self.losses)]
        self.losses.append(loss)
        if has_diverged(self.losses):
            self.stop_reason = f"the loss diverged at the rate {rate:.3g}"
        elif len(self.losses) == len(self._rates):
            self.stop_reason = "all rates were tried"

    def _ends_with(self, loss: float) -> bool:
        if np.isfinite(loss):
            return False
        rate = self._rates[len(self.losses)]
        self.stop_reason = f"the loss became {loss} at the rate {rate:.3g}"
        return True

    def end_if_stuck(self, accumulation_steps: int) -> None:
        """Ends the sweep if no update is applied any more."""
        if self._num_skipped > _MAX_SKIPPED * accumulation_steps:
            rate = self._rates[len(self.losses)]
            self.stop_reason = f"the gradients stayed infinite at the rate {rate:.3g}"


def run_sweeps(
    model: keras.Model,
    fit_arguments: dict[str, Any],
    learning_rates: np.ndarray,
    *,
    num_sweeps: int,
    start: Values,
    fixed_batch: tuple[Any, ...] | None = None,
) -> list[Sweep]:
    """Sweeps several times from the same weights, each time over the next batches.

    Changes the model and its optimizer; the caller must restore them.

    Args:
        fit_arguments: The data, as `fit` takes it.
        learning_rates: Shape [num_steps].
        start: The values from which each sweep starts.
        fixed_batch: Examples, labels and perhaps weights on which the loss is measured
            after each update; None takes the losses of the batches of the updates.

    Raises:
        ValueError: The data ended too early, or the training step hides its loss.
    """
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    accumulation_steps = optimizer.gradient_accumulation_steps or 1
    # Not by assignment: Keras would no longer track the variable that holds the rate.
    vars(optimizer)["_learning_rate"] = RisingRate(
        learning_rates,
        first_step=int(ops.convert_to_numpy(optimizer._iterations)),
        accumulation_steps=accumulation_steps,
    )
    # So that a sweep can stop, and the next start, after any update.
    model.steps_per_execution = 1
    # Those that were made before may take several batches in a call, and the step of
    # one has the model's own rate in it.
    model.train_function = None
    model.test_function = None
    measure_loss = (
        None if fixed_batch is None else functools.partial(_loss_on, model, fixed_batch)
    )
    sweeps = [Sweep(learning_rates, measure_loss) for _ in range(num_sweeps)]
    sweeper = _Sweeper(sweeps, accumulation_steps, start)
    with (
        Recorder(model, on_rows=sweeper.take_rows, every_iterations=1),
        warnings.catch_warnings(),
    ):
        # An error below says so instead.
        warnings.filterwarnings("ignore", "Your input ran out of data")
        model.fit(**fit_arguments, epochs=sys.maxsize, verbose=0, callbacks=[sweeper])
    if sweeper.num_batches == 0:
        raise ValueError(
            "The data must hold at least one batch. Received: data that yields none."
        )
    if not sweeper.is_done:
        raise ValueError(
            "The data must be such that it can be read again and again. Received: data "
            f"that ended for good after {sweeper.num_batches} batches; the range test "
            "needs more. Give arrays, or a tf.data.Dataset that starts anew each time."
        )
    return sweeps


def _loss_on(model: keras.Model, batch: tuple[Any, ...]) -> float:
    # Reset first, because Keras returns the mean since the last reset.
    model.reset_metrics()
    return float(model.test_on_batch(*batch, return_dict=True)["loss"])


class _Sweeper(keras.callbacks.Callback):
    def __init__(
        self,
        sweeps: list[Sweep],
        accumulation_steps: int,
        start: Values,
    ):
        super().__init__()
        self._sweep = sweeps[0]
        self._next_sweeps = iter(sweeps[1:])
        self._accumulation_steps = accumulation_steps
        self._start = start
        self.num_batches = 0
        self.is_done = False
        self._rows: list[dict[str, np.ndarray]] = []
        self._num_rows = 0
        self._num_batches_before = 0

    def take_rows(self, rows: dict[str, np.ndarray]) -> None:
        # Looked at between two steps: within one, JAX keeps the values to itself.
        self._rows.append(rows)

    def _add_rows(self, rows: dict[str, np.ndarray]) -> None:
        num_rows = len(rows[schema.STEP])
        self._num_rows += num_rows
        if schema.LOSS not in rows:
            raise ValueError(
                "The range test must see the loss of every batch. Received: a model "
                f"whose `train_step` {unseen.no_gradient()}."
            )
        applied = rows.get(schema.APPLIED, np.ones(num_rows))
        for i in range(num_rows):
            self._sweep.add(
                step=int(rows[schema.STEP][i]),
                loss=float(rows[schema.LOSS][i]),
                applied=bool(applied[i]),
            )

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._num_batches_before = self.num_batches

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.num_batches == self._num_batches_before:
            # Keras would go on with empty epochs forever.
            self.model.stop_training = True

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        # To ask for the model gives its variables their values back, on JAX.
        model = self.model
        self.num_batches += 1
        rows, self._rows = self._rows, []
        for each in rows:
            self._add_rows(each)
        if self._num_rows == 0:
            raise ValueError(
                "The range test must see every update. Received: a model whose "
                f"`train_step` does not call {unseen.apply_names()} of "
                "`self.optimizer`. Call it there."
            )
        self._sweep.end_if_stuck(self._accumulation_steps)
        if not self._sweep.stop_reason:
            return
        next_sweep = next(self._next_sweeps, None)
        if next_sweep is None:
            self.is_done = True
            model.stop_training = True
            return
        self._start.restore_training()
        self._sweep = next_sweep
