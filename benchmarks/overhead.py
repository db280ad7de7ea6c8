"""What recording every iteration adds to a training step, beside other callbacks.

    python benchmarks/overhead.py [--rounds=60] [--long]

Each callback trains a model of its own, in a thread of its own, and they take turns of
some tenths of a second: a machine whose speed drifts slows all alike, and only turns of
one round are compared. Printed are medians over the rounds, with 95 % intervals.

A turn of LearningRateLogger includes waiting until its rows are on disk: what another
thread writes counts too. The trainings would be 100,000 iterations long, in which
its default of 200 samples of the layers is one in 500 iterations; they are ended when
all turns are taken. Tracing, once in a training, is not part of any turn.

With --long also: memory and open files over 200,000 iterations.
"""

import argparse
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from lr_plugin.keras import LearningRateLogger

NUM_ITERATIONS = 100_000


class DoNothing(keras.callbacks.Callback):
    """Makes Keras call a hook after every batch, and no more."""

    def on_train_batch_end(self, batch, logs=None):
        pass


class HandWritten(keras.callbacks.Callback):
    """What people write: the rate and the loss of each batch as summaries."""

    def __init__(self, logdir: str):
        super().__init__()
        self._writer = tf.summary.create_file_writer(logdir)

    def on_train_batch_end(self, batch, logs=None):
        step = self.model.optimizer.iterations.numpy()
        with self._writer.as_default():
            rate = float(self.model.optimizer.learning_rate.numpy())
            tf.summary.scalar("learning_rate", rate, step=step)
            tf.summary.scalar("loss", logs["loss"], step=step)


NONE = "no callback"
NOTHING = "a callback that does nothing"
CALLBACKS: dict[str, Callable[[str], keras.callbacks.Callback | None]] = {
    NONE: lambda logdir: None,
    NOTHING: lambda logdir: DoNothing(),
    "LearningRateLogger(layer_samples=0)": lambda logdir: LearningRateLogger(
        logdir, layer_samples=0
    ),
    "LearningRateLogger": LearningRateLogger,
    'TensorBoard(update_freq="epoch")': lambda logdir: keras.callbacks.TensorBoard(
        logdir, update_freq="epoch"
    ),
    'TensorBoard(update_freq="batch")': lambda logdir: keras.callbacks.TensorBoard(
        logdir, update_freq="batch"
    ),
    "hand-written, two scalars a step": HandWritten,
}


def build_mlp(steps_per_execution: int = 1) -> keras.Model:
    model = keras.Sequential(
        [
            keras.layers.Input((784,)),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model, steps_per_execution)


def build_cnn() -> keras.Model:
    """The article's network: two convolutions with pooling and dropout."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(256, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model)


def compiled(model: keras.Model, steps_per_execution: int = 1) -> keras.Model:
    rate = keras.optimizers.schedules.CosineDecay(1e-3, NUM_ITERATIONS)
    model.compile(
        keras.optimizers.Adam(rate),
        "sparse_categorical_crossentropy",
        steps_per_execution=steps_per_execution,
    )
    return model


def make_batches(shape: tuple[int, ...], batch_size: int) -> tf.data.Dataset:
    """Makes an endless dataset of random images that costs nothing to read."""
    generator = np.random.default_rng(0)
    x = generator.random([batch_size, *shape], np.float32)
    y = generator.integers(0, 10, batch_size)
    return tf.data.Dataset.from_tensors((x, y)).cache().repeat()


class Turns(keras.callbacks.Callback):
    """Holds a training between its epochs, until it is given a turn of one epoch."""

    def __init__(self, measured: keras.callbacks.Callback | None):
        super().__init__()
        self._flush = getattr(measured, "flush", lambda: None)
        self._may_begin = threading.Semaphore(0)
        self._has_ended = threading.Semaphore(0)
        self._secs = 0.0
        self._is_last = False

    def take(self) -> float:
        """Lets the training go on for an epoch; returns how many seconds it took."""
        self._may_begin.release()
        self._has_ended.acquire()
        return self._secs

    def end(self) -> None:
        """Ends the training with one more epoch."""
        self._is_last = True
        self.take()

    def on_epoch_begin(self, epoch, logs=None):
        self._may_begin.acquire()
        self._begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self._flush()
        self._secs = time.perf_counter() - self._begin
        self.model.stop_training = self._is_last
        self._has_ended.release()


def measure(
    build_model: Callable[[], keras.Model],
    batches: tf.data.Dataset,
    num_steps: int,
    num_rounds: int,
) -> dict[str, list[float]]:
    """Returns seconds per step by callback, one value per round."""
    with tempfile.TemporaryDirectory() as logdir:
        trainings: dict[str, tuple[Turns, threading.Thread]] = {}
        for number, (name, create) in enumerate(CALLBACKS.items()):
            callback = create(os.path.join(logdir, str(number)))
            turns = Turns(callback)
            thread = threading.Thread(
                target=build_model().fit,
                args=[batches],
                kwargs={
                    "steps_per_epoch": num_steps,
                    "epochs": NUM_ITERATIONS // num_steps,
                    "verbose": 0,
                    "callbacks": [turns] if callback is None else [callback, turns],
                },
                daemon=True,
            )
            thread.start()
            # Tracing, and the first step after it.
            turns.take()
            trainings[name] = turns, thread
        secs: dict[str, list[float]] = {name: [] for name in trainings}
        shuffle = random.Random(0).shuffle
        for _ in range(num_rounds):
            names = list(trainings)
            shuffle(names)
            for name in names:
                turns, _thread = trainings[name]
                secs[name].append(turns.take() / num_steps)
        for turns, thread in trainings.values():
            turns.end()
            thread.join()
    return secs


def print_table(title: str, secs: dict[str, list[float]]) -> None:
    print(f"\n{title}\n")
    print(
        "| callback | ms a step | added us | of no callback "
        "| of one that does nothing |\n|---|---|---|---|---|"
    )
    for name, values in secs.items():
        added = [v - n for v, n in zip(values, secs[NONE], strict=True)]
        ratios = [
            [v / base for v, base in zip(values, secs[reference], strict=True)]
            for reference in (NONE, NOTHING)
        ]
        print(
            f"| {name} | {1e3 * statistics.median(values):.3f} "
            f"| {1e6 * statistics.median(added):.0f} "
            f"| {median_and_interval(ratios[0])} | {median_and_interval(ratios[1])} |",
            flush=True,
        )


def median_and_interval(values: list[float]) -> str:
    """The median and, from order statistics, its 95 % interval."""
    ordered = sorted(values)
    half_width = 0.98 * len(ordered) ** 0.5
    low = ordered[max(0, int(len(ordered) / 2 - half_width))]
    high = ordered[min(len(ordered) - 1, int(len(ordered) / 2 + half_width))]
    return f"{statistics.median(ordered):.3f} ({low:.3f} to {high:.3f})"


class ResourceReport(keras.callbacks.Callback):
    """Prints the memory and the open files of this process (Linux)."""

    def on_epoch_end(self, epoch, logs=None):
        with open("/proc/self/statm") as file:
            num_pages = int(file.read().split()[1])
        megabytes = num_pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        num_files = len(os.listdir("/proc/self/fd"))
        iterations = int(self.model.optimizer.iterations.numpy())
        print(f"| {iterations} | {megabytes:.0f} | {num_files} |", flush=True)


def measure_resources() -> None:
    """Trains a small model for 200,000 iterations and prints what it holds on to."""
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", "mse", steps_per_execution=20)
    x = tf.zeros([1, 4])
    batches = tf.data.Dataset.from_tensors((x, x[:, :1])).repeat()
    print("\n| iterations | MB resident | open files |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as logdir:
        model.fit(
            batches,
            steps_per_epoch=20_000,
            epochs=10,
            verbose=0,
            callbacks=[LearningRateLogger(logdir), ResourceReport()],
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()

    flat, images = make_batches((784,), 32), make_batches((28, 28, 1), 128)
    print(f"{os.cpu_count()} cores, medians of {arguments.rounds} rounds")
    print_table("MLP", measure(build_mlp, flat, 96, arguments.rounds))
    secs = measure(build_cnn, images, 8, arguments.rounds)
    print_table("CNN of the article", secs)
    secs = measure(lambda: build_mlp(32), flat, 256, arguments.rounds)
    print_table("MLP, steps_per_execution=32", secs)
    if arguments.long:
        measure_resources()


if __name__ == "__main__":
    main()
