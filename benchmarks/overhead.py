"""Measures what recording adds to the time of a training step, beside other callbacks.

    python benchmarks/overhead.py [--rounds=200] [--long]
    python benchmarks/overhead.py --landscape
    KERAS_BACKEND=jax .venv-jax/bin/python benchmarks/overhead.py
    KERAS_BACKEND=torch .venv-torch/bin/python benchmarks/overhead.py

Each callback has its own model and thread, and they take turns of some tenths of a
second: a machine whose speed drifts slows all alike, and only turns of one round are
compared. The program prints medians over the rounds, with 95 % intervals, and the
processor time of all threads, which other work on the machine disturbs less. Until a
table is complete, stderr tells how many of its rounds are.

The trainings are set to 100,000 iterations, so that LearningRateLogger's default of 200
samples of the layers is one in 500 iterations, and end when all turns are taken.
What is done once in a training, as tracing, is not part of any turn. It is the last
column: what whole trainings of two calls take more than with a callback that does
nothing, their start and their end included. What the logger's thread writes between
turns is in neither; --long measures it.

--long also measures memory and open files over 200,000 iterations.
"""

import argparse
import itertools
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from reproduction.networks import article_cnn

from lr_plugin.keras import LearningRateLogger

BACKEND = keras.backend.backend()
if BACKEND == "tensorflow":
    import tensorflow as tf

NUM_ITERATIONS = 100_000
_NUM_STARTS = 5


class DoNothing(keras.callbacks.Callback):
    """Makes Keras call a hook after every batch, and no more."""

    def on_train_batch_end(self, batch, logs=None):
        pass


class HandWritten(keras.callbacks.Callback):
    """What a user would write: the rate and the loss of each batch as summaries."""

    def __init__(self, logdir: str):
        super().__init__()
        self._writer = tf.summary.create_file_writer(logdir)

    def on_train_batch_end(self, batch, logs=None):
        step = self.model.optimizer.iterations.numpy()
        with self._writer.as_default():
            rate = float(self.model.optimizer.learning_rate.numpy())
            tf.summary.scalar("learning_rate", rate, step=step)
            tf.summary.scalar("loss", logs["loss"], step=step)


class ReadRate(keras.callbacks.Callback):
    """Reads the rate after every batch, as one would to print it."""

    def on_train_batch_end(self, batch, logs=None):
        float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))


NONE = "no callback"
NOTHING = "a callback that does nothing"
Callbacks = dict[str, Callable[[str], keras.callbacks.Callback | None]]
CALLBACKS: Callbacks = {
    NONE: lambda logdir: None,
    NOTHING: lambda logdir: DoNothing(),
    "LearningRateLogger(layer_samples=0)": lambda logdir: LearningRateLogger(
        logdir, layer_samples=0
    ),
    "LearningRateLogger": LearningRateLogger,
    "float(optimizer.learning_rate) each batch": lambda logdir: ReadRate(),
}
# These write with TensorFlow.
WRITERS: Callbacks = {
    'TensorBoard(update_freq="epoch")': lambda logdir: keras.callbacks.TensorBoard(
        logdir, update_freq="epoch"
    ),
    'TensorBoard(update_freq="batch")': lambda logdir: keras.callbacks.TensorBoard(
        logdir, update_freq="batch"
    ),
    "hand-written, two scalars a step": HandWritten,
}
if BACKEND == "tensorflow":
    CALLBACKS |= WRITERS


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


def compiled(model: keras.Model, steps_per_execution: int = 1) -> keras.Model:
    rate = keras.optimizers.schedules.CosineDecay(1e-3, NUM_ITERATIONS)
    model.compile(
        keras.optimizers.Adam(rate),
        "sparse_categorical_crossentropy",
        steps_per_execution=steps_per_execution,
    )
    return model


class SameBatch(keras.utils.PyDataset):
    """One batch, again and again."""

    def __init__(self, *batch):
        super().__init__()
        self._batch = batch

    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        return self._batch


def make_batches(shape: tuple[int, ...], batch_size: int) -> Any:
    """Makes endless data of random images that costs next to nothing to read."""
    generator = np.random.default_rng(0)
    x = generator.random([batch_size, *shape], np.float32)
    y = generator.integers(0, 10, batch_size)
    if BACKEND != "tensorflow":
        return SameBatch(x, y)
    return tf.data.Dataset.from_tensors((x, y)).cache().repeat()


def clocks() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


class Turns(keras.callbacks.Callback):
    """Holds a training between two of its steps, until it is given a turn.

    It does so in the train function, because a hook for each batch would cost time.
    """

    def __init__(self, num_calls: int):
        super().__init__()
        self._calls_per_turn = num_calls
        self._may_begin = threading.Semaphore(0)
        self._has_ended = threading.Semaphore(0)
        self._taken = np.zeros(2)
        self._is_over = False

    def take(self) -> np.ndarray:
        """Lets the training go on for `num_calls` calls of its train function.

        Returns:
            Seconds that passed, and seconds of processor time: shape [2].
        """
        self._may_begin.release()
        self._has_ended.acquire()
        return self._taken

    def end(self) -> None:
        """Ends the training after one more call."""
        self._is_over = True
        self._may_begin.release()

    def on_train_begin(self, logs=None):
        # Asked for here alone: in a step, JAX's model would take its values back.
        model, calls = self.model, itertools.count()
        train_function = model.train_function
        self._may_begin.acquire()
        self._begin = clocks()

        def held(*arguments):
            if (num_calls := next(calls)) and num_calls % self._calls_per_turn == 0:
                self._taken = clocks() - self._begin
                self._has_ended.release()
                self._may_begin.acquire()
                model.stop_training = self._is_over
                self._begin = clocks()
            return train_function(*arguments)

        model.train_function = held


def report(
    build_model: Callable[[], keras.Model],
    batches: Any,
    *,
    steps_per_call: int = 1,
    calls_per_turn: int,
    num_rounds: int,
    is_of_landscape: bool,
) -> None:
    """Measures the callbacks, or samples of the loss landscape; prints the table."""
    turn = calls_per_turn * steps_per_call
    # Where a call is one step, the update after a sample is the first of a period.
    period = turn if steps_per_call > 1 else turn - 1
    callbacks = landscape_callbacks(period) if is_of_landscape else CALLBACKS
    once = measure_once(
        build_model,
        batches,
        steps_per_call=steps_per_call,
        num_rounds=_NUM_STARTS,
        callbacks=callbacks,
    )
    secs = measure(
        build_model,
        batches,
        steps_per_call=steps_per_call,
        calls_per_turn=calls_per_turn,
        num_rounds=num_rounds,
        callbacks=callbacks,
    )
    if is_of_landscape:
        print_landscape(secs, once, turn)
    else:
        print_table(secs, once)


def landscape_callbacks(period: int) -> Callbacks:
    """Makes the logger without samples of the landscape, and with one in a period."""
    num_samples = NUM_ITERATIONS // period
    return {
        "without": LearningRateLogger,
        "with": lambda logdir: LearningRateLogger(
            logdir, landscape_samples=num_samples
        ),
    }


def measure(
    build_model: Callable[[], keras.Model],
    batches: Any,
    *,
    steps_per_call: int,
    calls_per_turn: int,
    num_rounds: int,
    callbacks: Callbacks,
) -> dict[str, np.ndarray]:
    """Returns seconds per step by callback, passed and of processor time.

    Shape [2, num_rounds].
    """
    with tempfile.TemporaryDirectory() as logdir:
        trainings: dict[str, tuple[Turns, threading.Thread]] = {}
        for number, (name, create) in enumerate(callbacks.items()):
            callback = create(os.path.join(logdir, str(number)))
            turns = Turns(calls_per_turn)
            thread = threading.Thread(
                target=build_model().fit,
                args=[batches],
                kwargs={
                    "shuffle": False,
                    "steps_per_epoch": NUM_ITERATIONS,
                    "verbose": 0,
                    "callbacks": [turns] if callback is None else [callback, turns],
                },
                daemon=True,
            )
            thread.start()
            # The first turn traces the step.
            turns.take()
            trainings[name] = turns, thread
        secs: dict[str, list[np.ndarray]] = {name: [] for name in trainings}
        shuffle = random.Random(0).shuffle
        for number in range(num_rounds):
            if number % 20 == 0:
                print(f"  {number} of {num_rounds} rounds", file=sys.stderr, flush=True)
            names = list(trainings)
            shuffle(names)
            for name in names:
                turns, _thread = trainings[name]
                secs[name].append(turns.take() / calls_per_turn / steps_per_call)
        for turns, thread in trainings.values():
            turns.end()
            thread.join()
    return {name: np.transpose(values) for name, values in secs.items()}


def measure_once(
    build_model: Callable[[], keras.Model],
    batches: Any,
    *,
    steps_per_call: int,
    num_rounds: int,
    callbacks: Callbacks,
) -> dict[str, np.ndarray]:
    """Returns the seconds of trainings of two calls by callback, in turns.

    Shape [2, num_rounds], as of `measure`, without a first round: what a program does
    once is none of a training's.
    """
    secs: dict[str, list[np.ndarray]] = {name: [] for name in callbacks}
    shuffle = random.Random(0).shuffle
    names = list(callbacks)
    with tempfile.TemporaryDirectory() as logdir:
        for number in range(num_rounds + 1):
            shuffle(names)
            for place, name in enumerate(names):
                folder = os.path.join(logdir, f"{number}_{place}")
                callback = callbacks[name](folder)
                model = build_model()
                begin = clocks()
                model.fit(
                    batches,
                    shuffle=False,
                    steps_per_epoch=2 * steps_per_call,
                    verbose=0,
                    callbacks=[] if callback is None else [callback],
                )
                secs[name].append(clocks() - begin)
    return {name: np.transpose(values[1:]) for name, values in secs.items()}


def print_table(secs: dict[str, np.ndarray], once: dict[str, np.ndarray]) -> None:
    print(
        "| callback | ms a step | added us | of no callback | of one that does nothing "
        "| the same, processor time | once, ms of the processor |"
        "\n|---|---|---|---|---|---|---|"
    )
    for name, (passed, processor) in secs.items():
        cells = [
            name,
            f"{1e3 * np.median(passed):.3f}",
            f"{1e6 * np.median(passed - secs[NONE][0]):.0f}",
            median_and_interval(passed / secs[NONE][0]),
            median_and_interval(passed / secs[NOTHING][0]),
            median_and_interval(processor / secs[NOTHING][1]),
            f"{1e3 * np.median(once[name][1] - once[NOTHING][1]):.0f}",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def median_and_interval(values: np.ndarray) -> str:
    """Formats the median and, from order statistics, its 95 % interval."""
    ordered = np.sort(values)
    middle, half_width = len(ordered) / 2, 0.98 * len(ordered) ** 0.5
    low = ordered[max(0, int(middle - half_width))]
    high = ordered[min(len(ordered) - 1, int(middle + half_width))]
    return f"{np.median(ordered):.3f} ({low:.3f} to {high:.3f})"


def print_landscape(
    secs: dict[str, np.ndarray], once: dict[str, np.ndarray], turn: int
) -> None:
    passed, processor = secs["with"] / secs["without"]
    num_steps = turn * (np.median(passed) - 1)
    ratios = " | ".join(map(median_and_interval, (passed, processor)))
    first = np.median(once["with"][0] - once["without"][0])
    print(
        "| steps of a turn | time of one without a sample | the same, processor time "
        "| steps that a sample takes | 40 are 2 % of so many | the first one, s |"
        "\n|---|---|---|---|---|---|"
        f"\n| {turn} | {ratios} "
        f"| {num_steps:.1f} | {2000 * num_steps:.0f} | {first:.2f} |",
        flush=True,
    )


class ResourceReport(keras.callbacks.Callback):
    """Prints memory, open files and the time of the writing thread (on Linux)."""

    def on_epoch_end(self, epoch, logs=None):
        with open("/proc/self/statm") as file:
            num_pages = int(file.read().split()[1])
        megabytes = num_pages * os.sysconf("SC_PAGE_SIZE") / 2**20
        num_files = len(os.listdir("/proc/self/fd"))
        iterations = int(self.model.optimizer.iterations.numpy())
        aside = 1e6 * secs_of_writer() / iterations
        print(
            f"| {iterations} | {megabytes:.0f} | {num_files} | {aside:.1f} |",
            flush=True,
        )


def secs_of_writer() -> float:
    """Adds up the processor time that the logger's threads have taken so far."""
    return sum(
        time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        for thread in threading.enumerate()
        if thread.name == "lr_plugin writer"
    )


def measure_resources() -> None:
    """Trains a small model for 200,000 iterations and prints the resources it holds."""
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", "mse", steps_per_execution=20)
    batches = make_batches((4,), 1)
    print(
        "\n| iterations | MB resident | open files | written aside, us an iteration |"
        "\n|---|---|---|---|"
    )
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
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--landscape", action="store_true")
    arguments = parser.parse_args()

    flat, images = make_batches((784,), 32), make_batches((28, 28, 1), 128)
    print(f"{BACKEND}, {os.cpu_count()} cores, medians of {arguments.rounds} rounds")
    networks = (
        ("MLP", build_mlp, flat, 1, 50),
        ("CNN of the article", lambda: compiled(article_cnn()), images, 1, 5),
        ("MLP, steps_per_execution=32", lambda: build_mlp(32), flat, 32, 3),
    )
    for title, build_model, batches, steps_per_call, calls_per_turn in networks:
        if steps_per_call > 1 and BACKEND == "torch":
            continue
        print(f"\n{title}\n")
        report(
            build_model,
            batches,
            steps_per_call=steps_per_call,
            calls_per_turn=calls_per_turn,
            num_rounds=arguments.rounds,
            is_of_landscape=arguments.landscape,
        )
    if arguments.long:
        measure_resources()


if __name__ == "__main__":
    main()
