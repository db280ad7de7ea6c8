"""Measures what recording adds to a step of PyTorch, on and off within one training.

    KERAS_BACKEND=torch .venv-torch/bin/python benchmarks/torch_step.py [--secs=60]

Two models, even of the same kind, differ by some percent from each other, as their
weights lie in other places of the memory. Here one model trains on one thread, and the
recorder is attached for every other block of 20 steps. The program prints medians over
the pairs of blocks, with 95 % intervals, for networks of two hidden layers of several
sizes. What is done once a second is in few of the blocks.
"""

import argparse
import time

import keras
import numpy as np
import overhead

from lr_plugin.keras import Recorder

_STEPS = 20


class OnAndOff(overhead.DoNothing):
    """Attaches a recorder for every other block of steps, and times the blocks."""

    def __init__(self, recorder: Recorder, secs: float):
        super().__init__()
        self._recorder = recorder
        self._end = time.monotonic() + secs
        self._num_steps = 0
        self._begin = overhead.clocks()
        self.blocks: list[np.ndarray] = []

    def on_train_batch_end(self, batch, logs=None):
        self._num_steps += 1
        # The first row after it is attached is handed over at once: not in a block.
        if self._num_steps % (_STEPS + 2) == 2:
            self._begin = overhead.clocks()
        if self._num_steps % (_STEPS + 2):
            return
        self.blocks.append((overhead.clocks() - self._begin) / _STEPS)
        if self._recorder.is_attached:
            self._recorder.detach()
        else:
            self._recorder.attach()
        self.model.stop_training = time.monotonic() > self._end


def report(width: int, batch_size: int, secs: float) -> None:
    """Trains and prints a row of the table."""
    layers = [keras.layers.Dense(width, activation="relu") for _ in range(2)]
    layers.append(keras.layers.Dense(10, activation="softmax"))
    model = keras.Sequential([keras.Input((784,)), *layers])
    overhead.compiled(model)
    recorder = Recorder(model, on_rows=lambda rows: None)
    timed = OnAndOff(recorder, secs)
    model.fit(
        overhead.make_batches((784,), batch_size),
        steps_per_epoch=overhead.NUM_ITERATIONS,
        shuffle=False,
        verbose=0,
        callbacks=[timed],
    )
    recorder.detach()
    # The first pairs warm up.
    blocks = timed.blocks[4 : len(timed.blocks) // 2 * 2]
    without, recorded = np.array(blocks[0::2]), np.array(blocks[1::2])
    ratios = recorded / without
    cells = [
        f"{width}, {batch_size}",
        f"{1e3 * np.median(without[:, 0]):.2f}",
        f"{1e6 * np.median(recorded - without, axis=0)[1]:.0f}",
        *(overhead.median_and_interval(ratios[:, column]) for column in (0, 1)),
        f"{len(ratios)}",
    ]
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--secs", type=float, default=60)
    arguments = parser.parse_args()
    if overhead.BACKEND != "torch":
        print("This measures Keras on PyTorch: set KERAS_BACKEND=torch.")
        return
    print(
        "| units, batch | ms a step | added us of the processor | clock | processor "
        "| pairs |\n|---|---|---|---|---|---|"
    )
    for width, batch_size in ((16, 32), (256, 32), (512, 256)):
        report(width, batch_size, arguments.secs)


if __name__ == "__main__":
    main()
