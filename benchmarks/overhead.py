"""What recording every iteration adds to a training step, beside other callbacks.

    python benchmarks/overhead.py [--repeats=5] [--long]

All callbacks train the same model in turns, so that a machine whose speed drifts slows
them alike; of each the first epoch, in which the step is traced, is left out. Printed
are medians over all repeats, and the medians of the ratios within a repeat.

With --long also: memory and open files over 200,000 iterations.
"""

import argparse
import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

from lr_plugin.keras import LearningRateLogger

NUM_EPOCHS = 3


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


CALLBACKS: dict[str, Callable[[str], keras.callbacks.Callback | None]] = {
    "no callback": lambda logdir: None,
    "a callback that does nothing": lambda logdir: DoNothing(),
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
    compile_model(model, steps_per_execution)
    return model


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
    compile_model(model)
    return model


def compile_model(model: keras.Model, steps_per_execution: int = 1) -> None:
    rate = keras.optimizers.schedules.CosineDecay(1e-3, 100_000)
    model.compile(
        keras.optimizers.Adam(rate),
        "sparse_categorical_crossentropy",
        steps_per_execution=steps_per_execution,
    )


def make_batches(shape: tuple[int, ...], batch_size: int) -> tf.data.Dataset:
    """Makes an endless dataset of random images that costs nothing to read."""
    random = np.random.default_rng(0)
    x = random.random([batch_size, *shape], np.float32)
    y = random.integers(0, 10, batch_size)
    return tf.data.Dataset.from_tensors((x, y)).cache().repeat()


class EpochTimer(keras.callbacks.Callback):
    """Notes how long each epoch takes."""

    def on_train_begin(self, logs=None):
        self.secs: list[float] = []

    def on_epoch_begin(self, epoch, logs=None):
        self._begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.secs.append(time.perf_counter() - self._begin)


def measure(
    model: keras.Model, batches: tf.data.Dataset, num_steps: int, repeats: int
) -> dict[str, list[float]]:
    """Returns seconds per step by callback, one median of epochs per repeat."""
    secs: dict[str, list[float]] = {name: [] for name in CALLBACKS}
    for _ in range(repeats):
        for name, create in CALLBACKS.items():
            with tempfile.TemporaryDirectory() as logdir:
                timer, callback = EpochTimer(), create(logdir)
                # The timer comes first and last: its epochs hold all that others do.
                model.fit(
                    batches,
                    steps_per_epoch=num_steps,
                    epochs=1 + NUM_EPOCHS,
                    verbose=0,
                    callbacks=[timer] if callback is None else [callback, timer],
                )
            model.train_function = None
            secs[name].append(statistics.median(timer.secs[1:]) / num_steps)
            gc.collect()
    return secs


def print_table(title: str, secs: dict[str, list[float]]) -> None:
    nothing, idle = secs["no callback"], secs["a callback that does nothing"]
    print(f"\n{title}\n")
    print(
        "| callback | ms a step | added us | of no callback "
        "| of one that does nothing |\n|---|---|---|---|---|"
    )
    for name, values in secs.items():
        added = statistics.median(v - n for v, n in zip(values, nothing, strict=True))
        ratios = [
            statistics.median(v / base for v, base in zip(values, bases, strict=True))
            for bases in (nothing, idle)
        ]
        print(
            f"| {name} | {1e3 * statistics.median(values):.3f} | {1e6 * added:.0f} "
            f"| {ratios[0]:.3f} | {ratios[1]:.3f} |",
            flush=True,
        )


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
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--long", action="store_true")
    arguments = parser.parse_args()

    flat, images = make_batches((784,), 128), make_batches((28, 28, 1), 128)
    print(f"{os.cpu_count()} cores, medians of {arguments.repeats} repeats")
    secs = measure(build_mlp(), flat, 512, arguments.repeats)
    print_table("MLP", secs)
    secs = measure(build_cnn(), images, 40, arguments.repeats)
    print_table("CNN of the article", secs)
    secs = measure(build_mlp(32), flat, 512, arguments.repeats)
    print_table("MLP, steps_per_execution=32", secs)
    if arguments.long:
        measure_resources()


if __name__ == "__main__":
    main()
