"""Measures what LearningRateLogger adds to a step, on and off within one training.

    python benchmarks/on_and_off.py [--secs=60]
    KERAS_BACKEND=jax .venv-jax/bin/python benchmarks/on_and_off.py
    KERAS_BACKEND=torch .venv-torch/bin/python benchmarks/on_and_off.py

Two models, even of the same kind, differ by some percent from each other, as their
weights lie in other places of the memory. Here one model trains, and the whole logger
is in the steps of every other block of 20 and out of the others, where a callback that
does nothing is alone. The program prints a row for networks of two hidden layers of
several sizes: the ratio of a step with the logger to one without, by the clock, as the
median over pairs of blocks; and that of all steps together, by the clock and by the
processor with all of its threads, each with a 95 % interval. The latter two have all
that is done once in some hundred steps, such as to sample the layers. What the logger's
thread writes is always the logger's part of the processor's time, whenever it is done.
"""

import argparse
import tempfile
import time
from typing import Any

import keras
import numpy as np
import overhead

from lr_plugin.keras import LearningRateLogger
from lr_plugin.keras.capture.backends import hooks_of

HEADS = ("ms a step", "added us", "clock", "clock, all", "processor, all", "pairs")
_NUM_WARM_UP = 4


class OnAndOff(overhead.DoNothing):
    """Takes a logger into blocks of calls and out again, and times the blocks.

    Attributes:
        blocks: Of each block whether the logger was in it, and for each call the
            seconds that passed, those of the processor, and of these the writer's.
    """

    def __init__(self, plain: Any, secs: float, num_calls: int):
        super().__init__()
        self._plain = plain
        self._end = time.monotonic() + secs
        self._calls_per_block = num_calls
        self._num_calls = 0
        self._is_on = True
        self.blocks: list[tuple[bool, np.ndarray]] = []

    def on_train_begin(self, logs=None):
        self._recorded = vars(self.model)["train_function"]
        self._switch()

    def on_train_batch_end(self, batch, logs=None):
        self._num_calls += 1
        if self._num_calls % self._calls_per_block:
            return
        passed = (_clocks() - self._begin) / self._calls_per_block
        self.blocks.append((self._is_on, passed))
        self.model.stop_training = time.monotonic() > self._end
        self._switch()

    def _switch(self) -> None:
        # Off, on, on, off: what changes steadily changes both alike.
        is_on = len(self.blocks) % 4 in (1, 2)
        if is_on != self._is_on:
            self._is_on = is_on
            vars(self.model)["train_function"] = (
                self._recorded if is_on else self._plain
            )
            if overhead.BACKEND == "torch":
                # There a train function holds no step that was made for it.
                hooks = hooks_of(self.model)
                (hooks.install if is_on else hooks.uninstall)(self.model)
        self._begin = _clocks()


def _clocks() -> np.ndarray:
    return np.append(overhead.clocks(), overhead.secs_of_writer())


def measure(
    model: keras.Model, batches: Any, *, secs: float, num_calls: int = 20
) -> tuple[np.ndarray, np.ndarray]:
    """Trains a model and returns the seconds of a step without and with the logger.

    Both of shape [num_pairs, 2], by the clock and by the processor. A block that is
    timed is of `num_calls` calls of the train function.
    """
    steps_per_call = model.steps_per_execution
    arguments = {"shuffle": False, "verbose": 0}
    model.fit(batches, steps_per_epoch=steps_per_call, **arguments)
    plain = vars(model)["train_function"]
    vars(model)["train_function"] = None
    with tempfile.TemporaryDirectory() as logdir:
        logger = LearningRateLogger(logdir)
        timed = OnAndOff(plain, secs, num_calls)
        model.fit(
            batches,
            steps_per_epoch=overhead.NUM_ITERATIONS,
            callbacks=[logger, timed],
            **arguments,
        )
    is_on = np.array([block[0] for block in timed.blocks])
    num_recorded = int(is_on.sum()) * num_calls * steps_per_call
    if logger.summary is None or logger.summary.num_iterations != num_recorded:
        raise RuntimeError(f"Of {num_recorded} iterations not all were recorded.")
    num_pairs = len(is_on) // 2
    passed = np.array([block[1] for block in timed.blocks]) / steps_per_call
    without, recorded = (
        passed[is_on == flag][_NUM_WARM_UP:num_pairs] for flag in (False, True)
    )
    without[:, 1] -= without[:, 2]
    recorded[:, 1] -= recorded[:, 2]
    recorded[:, 1] += without[:, 2].mean() + recorded[:, 2].mean()
    return without[:, :2], recorded[:, :2]


def ratio_of_all(recorded: np.ndarray, without: np.ndarray) -> str:
    """Formats the ratio of the sums, and a 95 % interval by drawing pairs anew."""
    pairs = np.random.default_rng(0).integers(0, len(without), [2000, len(without)])
    drawn = recorded[pairs].sum(1) / without[pairs].sum(1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{recorded.sum() / without.sum():.3f} ({low:.3f} to {high:.3f})"


def cells(without: np.ndarray, recorded: np.ndarray) -> list[str]:
    """Formats what `measure` returns for the columns of `HEADS`."""
    return [
        f"{1e3 * np.median(without[:, 0]):.2f}",
        f"{1e6 * np.mean(recorded - without, axis=0)[1]:.0f}",
        overhead.median_and_interval(recorded[:, 0] / without[:, 0]),
        *(ratio_of_all(recorded[:, i], without[:, i]) for i in (0, 1)),
        f"{len(without)}",
    ]


def build_mlp(width: int) -> keras.Model:
    layers = [keras.layers.Dense(width, activation="relu") for _ in range(2)]
    layers.append(keras.layers.Dense(10, activation="softmax"))
    model = keras.Sequential([keras.Input((784,)), *layers])
    return overhead.compiled(model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--secs", type=float, default=60)
    arguments = parser.parse_args()
    print(f"| units, batch | {' | '.join(HEADS)} |\n|---|{'---|' * len(HEADS)}")
    for width, batch_size in ((16, 32), (256, 32), (512, 256)):
        batches = overhead.make_batches((784,), batch_size)
        found = measure(build_mlp(width), batches, secs=arguments.secs)
        row = [f"{width}, {batch_size}", *cells(*found)]
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
