"""Measures what a sample of the loss landscape costs, in training steps.

    python benchmarks/landscape_cost.py

The time of a step before which a sample was measured, beyond that of the others.
Tracing, once in a training, is beside it.
"""

import os
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from overhead import build_mlp, compiled, make_batches
from reproduction.networks import article_cnn

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger

NUM_SAMPLES = 40


class Clock(keras.callbacks.Callback):
    """Measures the time of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.secs: list[float] = []

    def on_train_batch_begin(self, batch, logs=None):
        self._begin = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.secs.append(time.perf_counter() - self._begin)


def measure_cost(model: keras.Model, shape: tuple[int, ...], batch_size: int) -> float:
    """Returns how many training steps a sample takes, the median of those after one."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as logdir:
        logger = LearningRateLogger(
            logdir, layer_samples=0, landscape_samples=NUM_SAMPLES
        )
        model.fit(
            make_batches(shape, batch_size),
            steps_per_epoch=20 * NUM_SAMPLES,
            verbose=0,
            callbacks=[logger, clock],
        )
        found = read_run(logdir).landscape
    secs = np.array(clock.secs)
    return float(np.median(secs[found.steps[1:] + 1]) / np.median(secs) - 1)


def main() -> None:
    print("| network | steps that a sample takes |\n|---|---|")
    cost = measure_cost(build_mlp(), (784,), 32)
    print(f"| MLP of overhead.py | {cost:.1f} |", flush=True)
    cost = measure_cost(compiled(article_cnn()), (28, 28, 1), 128)
    print(f"| the article's CNN | {cost:.1f} |")


if __name__ == "__main__":
    main()
