"""Measures what logging one iteration of a loop costs, beside what a user would write.

    python benchmarks/log_calls.py [--num_steps=20000]

Each way logs the rate and the loss of every iteration; all take turns of a hundred
iterations, in an order that changes, and the program prints the median time of a call
that logs both, and the longest.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorboard.summary import Writer

from lr_plugin import RunWriter

_STEPS_PER_TURN = 100

Log = Callable[[int, float, float], None]


def make_ways(run: RunWriter, logdir: str) -> dict[str, Log]:
    """Opens a writer for each other way to log."""
    stock = Writer(os.path.join(logdir, "stock"))
    summaries = tf.summary.create_file_writer(os.path.join(logdir, "tensorflow"))

    def log_ours(step: int, rate: float, loss: float) -> None:
        run.log(step, learning_rate=rate, loss=loss)

    def log_stock(step: int, rate: float, loss: float) -> None:
        stock.add_scalar("learning_rate", rate, step)
        stock.add_scalar("loss", loss, step)

    def log_summaries(step: int, rate: float, loss: float) -> None:
        with summaries.as_default():
            tf.summary.scalar("learning_rate", rate, step)
            tf.summary.scalar("loss", loss, step)

    return {
        "RunWriter.log": log_ours,
        "tensorboard.summary.Writer, two scalars": log_stock,
        "tf.summary.scalar, two scalars": log_summaries,
    }


def main() -> None:
    """Logs with all ways in turns and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num_steps", type=int, default=20_000)
    arguments = parser.parse_args()
    shuffle = random.Random(0).shuffle
    with tempfile.TemporaryDirectory() as logdir, RunWriter(f"{logdir}/ours") as run:
        ways = make_ways(run, logdir)
        secs: dict[str, list[float]] = {name: [] for name in ways}
        for first in range(0, arguments.num_steps, _STEPS_PER_TURN):
            names = list(ways)
            shuffle(names)
            for name in names:
                for step in range(first, first + _STEPS_PER_TURN):
                    begin = time.perf_counter()
                    ways[name](step, 0.1 / (1 + step), 1 / (1 + step))
                    secs[name].append(time.perf_counter() - begin)
    print("| way to log | median us | 99 % within | longest, ms |\n|---|---|---|---|")
    for name, values in secs.items():
        median, most = 1e6 * np.percentile(values, [50, 99])
        print(f"| {name} | {median:.1f} | {most:.1f} | {1e3 * max(values):.1f} |")


if __name__ == "__main__":
    main()
