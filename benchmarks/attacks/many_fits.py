"""Hundreds of fits in one process, each recorded: does anything of them stay?"""

import gc
import os
import tempfile
import threading
from pathlib import Path

import keras
import numpy as np

from lr_plugin.keras import LearningRateLogger


def repeat_fits(num_fits: int) -> dict[str, tuple[int, int]]:
    """Trains a model again and again, with a callback and a folder of its own each.

    Returns:
        Threads, open descriptors and models in memory after the tenth fit and at the
        end, by what they are.
    """
    x = np.random.default_rng(0).random((64, 4), np.float32)
    early: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for i in range(num_fits):
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
            model.compile("sgd", "mse", run_eagerly=True)
            logger = LearningRateLogger(Path(folder) / str(i))
            model.fit(x, x[:, :1], verbose=0, callbacks=[logger])
            del model, logger
            if i == 9:
                early = _count()
        late = _count()
    return {name: (early[name], late[name]) for name in late}


def _count() -> dict[str, int]:
    gc.collect()
    models = sum(isinstance(one, keras.Model) for one in gc.get_objects())
    return {
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "models": models,
    }
