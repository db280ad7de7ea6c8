"""Keeps the weights of the epoch with the lowest validation loss."""

import math
import os
import pathlib
from typing import Any

import keras
import numpy as np

_MONITOR = "val_loss"
# A training that goes on from an older checkpoint may need the best of that time.
_KEPT = 2


class BestWeights(keras.callbacks.Callback):
    """Saves the weights whenever the validation loss is lower than ever before.

    Goes on over several fits, and also after a kill if its state is in checkpoints.

    Args:
        folder: The run folder; the weights go to its checkpoints/.

    Attributes:
        state: `{"epoch": int, "val_loss": float}` of the best, counted from 0; empty
            before there is one.
    """

    def __init__(self, folder: pathlib.Path):
        super().__init__()
        self._folder = folder / "checkpoints"
        self.state: dict[str, Any] = {}

    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from `state`."""
        self.state = dict(state)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = float((logs or {}).get(_MONITOR, math.nan))
        if not loss < self.state.get(_MONITOR, math.inf):
            return
        self.state = {"epoch": epoch, _MONITOR: loss}
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        with part.open("wb") as file:
            # Not as Keras saves weights, because that includes the optimizer's.
            np.savez(file, *[variable.value.numpy() for variable in self.model.weights])
        os.replace(part, self._path)
        for old in sorted(self._folder.glob("best-*.npz"))[:-_KEPT]:
            old.unlink()

    def load_into(self, model: keras.Model) -> bool:
        """Gives the model the best weights; False where there are none."""
        if not self.state or not self._path.exists():
            return False
        with np.load(self._path) as file:
            arrays = [file[name] for name in file.files]
        for variable, array in zip(model.weights, arrays, strict=True):
            variable.assign(array)
        return True

    @property
    def _path(self) -> pathlib.Path:
        return self._folder / f"best-{self.state['epoch']:05d}.npz"
