"""Keeps the weights of the epoch with the lowest validation loss."""

import logging
import math
import pathlib
import sys
from typing import Any

import keras
import numpy as np

from lr_plugin.whole_file import replace_file
from trainer.training.lost_files import LostFiles

_MONITOR = "val_loss"
BEST = "best weights"

_logger = logging.getLogger(__name__)
# A training that goes on from an older checkpoint may need the best of that time.
_KEPT = 2


class BestWeights(keras.callbacks.Callback):
    """Saves the weights whenever the validation loss is lower than ever before.

    Goes on over several fits, and also after a kill if its state is in checkpoints.

    Args:
        folder: The run folder; the weights go to its checkpoints/.
        lost: Keeps weights that cannot be written from ending the training.

    Attributes:
        state: `{"epoch": int, "val_loss": float}` of the best, counted from 0; empty
            before there is one.
    """

    def __init__(self, folder: pathlib.Path, lost: LostFiles | None = None):
        super().__init__()
        self._lost = LostFiles() if lost is None else lost
        self._folder = folder / "checkpoints"
        self.state: dict[str, Any] = {}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from `state`, or anew where its weights cannot be read."""
        self.state = dict(state)
        if state and self.read() is None:
            self.state = {}
            print(
                f"warning: The best weights so far, of epoch {state['epoch'] + 1}, "
                "cannot be read. The best is looked for among the epochs from here on.",
                file=sys.stderr,
            )

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = float((logs or {}).get(_MONITOR, math.nan))
        if not loss < self.state.get(_MONITOR, math.inf):
            return
        with self._lost.keep(BEST):
            # Not as Keras saves weights, because that includes the optimizer's.
            values = [variable.value.numpy() for variable in self.model.weights]
            path = self._path_of(epoch)
            replace_file(path, lambda part: _save_arrays(part, values))
            self.state = {"epoch": epoch, _MONITOR: loss}
            for old in sorted(self._folder.glob("best-*.npz"))[:-_KEPT]:
                old.unlink()

    def read(self) -> list[np.ndarray] | None:
        """Reads the best weights, in the model's order; None where there are none."""
        if not self.state:
            return None
        try:
            with np.load(self._path_of(self.state["epoch"])) as file:
                return [file[name] for name in file.files]
        # What reading a damaged archive may raise has no end.
        except Exception as error:  # noqa: BLE001
            _logger.debug("The best weights cannot be read: %s", error)
            return None

    def _path_of(self, epoch: int) -> pathlib.Path:
        return self._folder / f"best-{epoch:05d}.npz"


def _save_arrays(path: pathlib.Path, arrays: list[np.ndarray]) -> None:
    with path.open("wb") as file:
        np.savez(file, *arrays)
