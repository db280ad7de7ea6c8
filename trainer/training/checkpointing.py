"""Writes checkpoints while a model trains, and stops in order at Ctrl-C or SIGTERM."""

import pathlib
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import keras

from trainer.data.batches import Position
from trainer.training.checkpoint import (
    Checkpoint,
    restore_metrics,
    take_checkpoint,
    write_checkpoint,
)
from trainer.training.lost_files import LostFiles

CHECKPOINTS = "checkpoints/"


class Interrupted(Exception):  # noqa: N818 - not an error: the run can go on
    """A signal stopped the program; a checkpoint of this moment has been written.

    Attributes:
        signal_number: The number of the signal.
        is_saved: Whether the checkpoint is on disk; not if the disk is full.
    """

    def __init__(self, signal_number: int, *, is_saved: bool = True):
        super().__init__(f"Stopped by {signal.Signals(signal_number).name}.")
        self.signal_number = signal_number
        self.is_saved = is_saved


class StopRequest:
    """Remembers Ctrl-C or SIGTERM, so that the training can stop between iterations.

    A second Ctrl-C stops at once, as usual. To be entered on the main thread; on
    another it does nothing.

    Attributes:
        signal_number: The number of the signal; None before one came.
    """

    def __init__(self) -> None:
        self.signal_number: int | None = None
        self._former: dict[int, Any] = {}

    def __enter__(self) -> "StopRequest":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._former[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)
        self._former.clear()

    def _remember(self, number: int, frame: FrameType | None) -> None:
        if self.signal_number is not None:
            raise KeyboardInterrupt
        self.signal_number = number


class CheckpointWriter(keras.callbacks.Callback):
    """Writes a checkpoint at the start, after so many batches, and at a stop.

    Must be the last of the callbacks, so that the others have counted what it saves.

    Args:
        folder: The folder of the checkpoints.
        position: Where in the data the training is.
        every_batches: At most so many batches are trained again after a kill.
        counters: Returns what other callbacks count.
        before_write: Called before each checkpoint: puts on disk what a training that
            goes on from it would not write again.
        stop: Asked after every call of the step.
        lost: Keeps a checkpoint that cannot be written from ending the training.
        resumed: The checkpoint from which the training goes on.
        first_epoch: The epoch at which it begins otherwise.
    """

    def __init__(
        self,
        folder: pathlib.Path,
        position: Position,
        *,
        every_batches: int,
        counters: Callable[[], dict[str, Any]],
        before_write: Callable[[], None],
        stop: StopRequest,
        lost: LostFiles,
        resumed: Checkpoint | None = None,
        first_epoch: int = 0,
    ):
        super().__init__()
        self._folder = folder
        self._position = position
        self._every_batches = every_batches
        self._counters = counters
        self._before_write = before_write
        self._stop = stop
        self._lost = lost
        self._resumed = resumed
        self._first_epoch = first_epoch
        # Batches since the last checkpoint in the epochs before this one.
        self._num_carried = 0
        # Batches of this epoch that the last checkpoint holds.
        self._num_saved = 0

    def on_train_begin(self, logs: Any = None) -> None:
        if self._resumed is None:
            self._write(self._first_epoch, 0)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        resumed, self._resumed = self._resumed, None
        self._num_saved = 0
        if resumed is not None and resumed.num_batches:
            # Keras has just reset the metrics, although this epoch is under way.
            restore_metrics(resumed, self.model)
            self._num_saved = resumed.num_batches

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        num_batches = self._position.num_batches
        if num_batches == self.params["steps"]:
            # `on_epoch_end` writes it, with the validation.
            return
        if self._stop.signal_number is not None:
            self._write(self._position.epoch_number, num_batches)
            self._end(self._stop.signal_number)
        if self._num_carried + num_batches - self._num_saved >= self._every_batches:
            self._write(self._position.epoch_number, num_batches)
            self._num_carried, self._num_saved = 0, num_batches

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._position.num_batches < self.params["steps"]:
            # Another callback has ended the epoch; there is nothing to go on to.
            return
        self._num_carried += self.params["steps"] - self._num_saved
        is_last = epoch + 1 == self.params["epochs"]
        signal_number = None if is_last else self._stop.signal_number
        is_due = self._num_carried >= self._every_batches
        if is_due or is_last or signal_number is not None:
            self._write(epoch + 1, 0)
            self._num_carried = 0
        if signal_number is not None:
            self._end(signal_number)

    def _end(self, signal_number: int) -> NoReturn:
        raise Interrupted(signal_number, is_saved=CHECKPOINTS not in self._lost)

    def _write(self, epoch: int, num_batches: int) -> None:
        self._before_write()
        checkpoint = take_checkpoint(
            self.model, epoch=epoch, num_batches=num_batches, counters=self._counters()
        )
        with self._lost.keep(CHECKPOINTS):
            write_checkpoint(checkpoint, self._folder)
