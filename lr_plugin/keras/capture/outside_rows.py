"""Records a training from outside of its step, where that must stay as it is."""

import threading
from typing import Any

import keras
import numpy as np
from keras import ops

from lr_plugin import schema
from lr_plugin.keras.capture.drain import Rows
from lr_plugin.keras.capture.optimizers import optimizer_state
from lr_plugin.keras.capture.optimizers.rates_before import copied
from lr_plugin.keras.capture.optimizers.used_rate import used_rate

NOTE = (
    "Only the rates were recorded, each evaluated before its step, and no loss. The "
    "training step was made in an earlier fit without this callback, and now it would "
    "be another one, because something that it takes from Python has changed since: "
    "so the earlier one went on. To record all, call `model.compile` before this fit, "
    "or give this callback to the first fit as well."
)
NOTE_WITHOUT_RATES = (
    "Neither rates nor losses were recorded, only how many iterations there were. The "
    "training step was made in an earlier fit without this callback, and something "
    "that it takes from Python has changed since, perhaps its schedule: so the earlier "
    "one went on, with the rates that it was made with. To record all, call "
    "`model.compile` before this fit, or give this callback to the first fit as well."
)
NOTE_OF_COMPILED = (
    "Only the rates were recorded, each evaluated before its step, and no loss: the "
    "training step is compiled by torch.compile, which lets nothing be noted inside. "
    "To record all, call `model.compile` with jit_compile=False, as is the default."
)
NOTES = (NOTE, NOTE_WITHOUT_RATES, NOTE_OF_COMPILED)


class OutsideRows:
    """Rows that the host makes before and after each call of the train function.

    Can be drained like a `Ring`.
    """

    def __init__(self, optimizer: keras.Optimizer, *, is_schedule_known: bool = True):
        """Begins without a row.

        Args:
            is_schedule_known: Whether the step uses the schedule as it is now. Else
                there is no rate.
        """
        self._optimizer = optimizer
        self._is_schedule_known = is_schedule_known
        self._lock = threading.Lock()
        self._rows: list[dict[str, float]] = []
        self._num_forgotten = 0
        self._begin = 0
        self._rate: float | None = None

    @property
    def note(self) -> str:
        """Says what is missing where a step of an earlier fit goes on, and why."""
        is_known = self._is_schedule_known or not _has_schedule(self._optimizer)
        return NOTE if is_known else NOTE_WITHOUT_RATES

    def before_call(self) -> None:
        """Notes where the optimizer is and, if that is all it has, its rate."""
        self._begin = self._position()
        self._rate = None
        inner = optimizer_state.inner_optimizer(self._optimizer)
        rate = getattr(inner, "_learning_rate", None)
        if isinstance(rate, keras.Variable):
            self._rate = float(ops.convert_to_numpy(rate))

    def after_call(self) -> None:
        """Adds a row for each position that the call has passed."""
        end = self._position()
        rows = [self._row(position) for position in range(self._begin, end)]
        with self._lock:
            self._rows += rows

    def count(self) -> int:
        """Returns the number of rows so far."""
        with self._lock:
            return self._num_forgotten + len(self._rows)

    def read(self, begin: int) -> tuple[Rows, int]:
        """Reads the rows from number `begin` on, and forgets those before."""
        with self._lock:
            del self._rows[: max(0, begin - self._num_forgotten)]
            self._num_forgotten = max(begin, self._num_forgotten)
            rows = list(self._rows)
            end = self._num_forgotten + len(rows)
        columns: dict[str, Any] = {
            name: np.array([row[name] for row in rows], np.float64)
            for name in (schema.STEP, schema.LEARNING_RATE)
        }
        columns[schema.STEP] = columns[schema.STEP].astype(np.int64)
        return columns, end

    def _position(self) -> int:
        return int(ops.convert_to_numpy(optimizer_state.read_position(self._optimizer)))

    def _row(self, position: int) -> dict[str, float]:
        inner = optimizer_state.inner_optimizer(self._optimizer)
        asked = self._rate
        if asked is None:
            schedule = getattr(inner, "_learning_rate", None)
            asked = np.nan
            # A function that stands for the rate may give another one each time.
            if self._is_schedule_known and _has_schedule(inner):
                asked = float(copied(schedule)(ops.convert_to_tensor(position)))
        num_updates = position // optimizer_state.accumulation_steps(inner)
        rate = used_rate(
            inner,
            ops.convert_to_tensor(asked),
            lambda: ops.convert_to_tensor(num_updates),
        )
        return {schema.STEP: position, schema.LEARNING_RATE: float(rate)}


def _has_schedule(optimizer: keras.Optimizer) -> bool:
    """Tells whether a schedule gives the rate, which a step holds as it once was."""
    rate = getattr(optimizer_state.inner_optimizer(optimizer), "_learning_rate", None)
    return isinstance(rate, keras.optimizers.schedules.LearningRateSchedule)
