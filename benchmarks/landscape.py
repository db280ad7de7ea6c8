"""Asks what one training's loss landscape tells of its rate, where a grid knows it.

    python benchmarks/landscape.py [--full] [--results=landscape.csv]

Trains networks at nine rates, from far too low to diverging, and compares what the tab
says of each single run, that its rate was too low, with the grid's best rate: that of
the lowest final validation loss, mean over seeds. The threshold was chosen on the
settings of the first table; the second, with --full, has the others.

Then it prints what a sample costs, in training steps: the time of a step before which
one was measured, beyond that of the others. Tracing, once in a training, is beside it.

--full trains a convolutional network, too, and has three seeds instead of one.
--results keeps a line for each run.
"""

import argparse
import csv
import os
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from overhead import build_mlp as build_large_mlp
from overhead import compiled, make_batches
from reproduction.networks import article_cnn
from sklearn.datasets import load_digits

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger
from lr_plugin.reader.landscape.headroom import find_low_rate

NUM_RATES = 9
NUM_EPOCHS = 8
NUM_SAMPLES = 40

OPTIMIZERS = {
    "SGD": (lambda rate: keras.optimizers.SGD(rate), 1e-3, 10.0),
    "momentum": (lambda rate: keras.optimizers.SGD(rate, momentum=0.9), 1e-4, 1.0),
    "Adam": (lambda rate: keras.optimizers.Adam(rate), 1e-5, 0.1),
}


def build_mlp() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input([64]),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(10),
        ]
    )


def build_cnn() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input([64]),
            keras.layers.Reshape([8, 8, 1]),
            keras.layers.Conv2D(8, 3, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Flatten(),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )


NETWORKS = {"mlp": build_mlp, "cnn": build_cnn}
# The others are those on which nothing was chosen.
CALIBRATION = {("mlp", optimizer) for optimizer in OPTIMIZERS}


def train(network: str, optimizer: str, rate: float, seed: int) -> dict[str, float]:
    """Trains once and returns what it came to and what its landscape shows."""
    keras.utils.set_random_seed(seed)
    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, y = (x[order] / 16).astype("float32"), y[order]
    model = NETWORKS[network]()
    model.compile(
        OPTIMIZERS[optimizer][0](rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    with tempfile.TemporaryDirectory() as logdir:
        history = model.fit(
            x[:1200],
            y[:1200],
            batch_size=32,
            epochs=NUM_EPOCHS,
            validation_data=(x[1200:], y[1200:]),
            verbose=0,
            callbacks=[
                LearningRateLogger(
                    logdir, layer_samples=0, landscape_samples=NUM_SAMPLES
                )
            ],
        ).history
        found = read_run(logdir).landscape
    risen = found.loss_changes[:, 6] > 0
    return {
        "outcome": history["val_loss"][-1],
        "is_low": find_low_rate(found) is not None,
        "num_samples": len(found),
        "headroom": float(np.median(found.headrooms)),
        "lowest_tenth": float(np.quantile(found.headrooms, 0.1)),
        "risen": float(risen[-(len(risen) // 5) :].mean()) if len(risen) else np.nan,
    }


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


def judge(rows: list[dict]) -> dict[str, tuple[int, int]]:
    """Counts where the finding is said, by how far the rate is from the best."""
    bounds = {
        "10 x below the best, or more": (0, 0.11),
        "between 10 x and 3 x below": (0.11, 0.31),
        "within 3 x": (0.31, 3.3),
        "more than 3 x above": (3.3, np.inf),
    }
    counts = {}
    for name, (low, high) in bounds.items():
        said = [
            row["is_low"]
            for row in rows
            if low <= row["rate"] / row["best_rate"] < high
        ]
        counts[name] = sum(said), len(said)
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--results")
    arguments = parser.parse_args()
    rows: list[dict] = []
    for network in NETWORKS if arguments.full else ["mlp"]:
        for optimizer, (_, low, high) in OPTIMIZERS.items():
            of_setting = []
            for rate in np.geomspace(low, high, NUM_RATES):
                for seed in range(3 if arguments.full else 1):
                    setting = {"network": network, "optimizer": optimizer}
                    of_setting.append(
                        setting
                        | {"rate": float(rate), "seed": seed}
                        | train(network, optimizer, float(rate), seed)
                    )
                    print(of_setting[-1], file=sys.stderr, flush=True)
            rates = sorted({row["rate"] for row in of_setting})
            means = [
                np.mean([row["outcome"] for row in of_setting if row["rate"] == rate])
                for rate in rates
            ]
            for row in of_setting:
                row["best_rate"] = rates[int(np.nanargmin(means))]
            rows += of_setting
    if arguments.results:
        with open(arguments.results, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    for title, is_shown in (("Calibration", True), ("Others", False)):
        chosen = [
            row
            for row in rows
            if ((row["network"], row["optimizer"]) in CALIBRATION) == is_shown
        ]
        print(f"\n{title}\n\n| rate | found too low | runs |\n|---|---|---|")
        for name, (said, total) in judge(chosen).items():
            print(f"| {name} | {said} | {total} |")
    print("\n| network | steps that a sample takes |\n|---|---|")
    cost = measure_cost(build_large_mlp(), (784,), 32)
    print(f"| MLP of overhead.py | {cost:.1f} |", flush=True)
    cost = measure_cost(compiled(article_cnn()), (28, 28, 1), 128)
    print(f"| the article's CNN | {cost:.1f} |")


if __name__ == "__main__":
    main()
