"""Trains the same on one device, on two, and with two workers, on this machine.

    python benchmarks/scaling.py [--epochs=6] [--batch_size=256] [--model=mlp]
    KERAS_BACKEND=jax .venv-jax/bin/python benchmarks/scaling.py

Prints a row for each: examples per second from the end of the first epoch to that of
the last, and the largest difference of its rates and of its losses from those of one
device, iteration by iteration, each divided by the value of one device. `plain Keras`
is `fit` on one device without the trainer. Two devices are two logical CPUs of this
machine, and two workers two programs on it: where the cores are the same, this shows
what sharing costs, not what more machines give.

On JAX, where there is no trainer, all are `fit` of the network of `--model=mlp` with
LearningRateLogger, or without it where they are plain; two devices share each batch by
`keras.distribution.DataParallel`.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import numpy as np

BACKEND = os.environ.get("KERAS_BACKEND", "tensorflow")

# Of the digits of scikit-learn, without the held-out fifth.
_NUM_EXAMPLES = 1438
_TIMES = "times.json"
_SETUPS = {
    "tensorflow": ("one device", "plain Keras", "two devices", "two workers"),
    "jax": ("one device", "plain Keras", "two devices", "plain, two"),
}[BACKEND]


@dataclasses.dataclass(frozen=True)
class Result:
    """How fast a training was, and what it recorded.

    Attributes:
        speed: Examples per second.
        rates, losses: Of every iteration. Shape [num_steps]; None without a record.
    """

    speed: float
    rates: np.ndarray | None = None
    losses: np.ndarray | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--batch_size", type=int, default=256)
    parser.add_argument("--model", default="mlp")
    parser.add_argument("--child", choices=_SETUPS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        (_train_on_jax if BACKEND == "jax" else _train)(options)
        return
    print(f"{'':12}  {'examples/s':>10}  {'rates':>9}  {'losses':>9}")
    one = None
    for setup in _SETUPS:
        with tempfile.TemporaryDirectory() as folder:
            found = _run(setup, folder)
        one = one or found
        rates = _difference(found.rates, one.rates)
        losses = _difference(found.losses, one.losses)
        print(f"{setup:12}  {found.speed:10,.0f}  {rates:>9}  {losses:>9}", flush=True)


def _run(setup: str, folder: str) -> Result:
    """Trains in programs of their own, with the same flags as this one."""
    programs = []
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    for index in range(2 if setup == "two workers" else 1):
        task = {"type": "worker", "index": index}
        text = json.dumps({"cluster": {"worker": workers}, "task": task})
        command = [sys.executable, __file__, *sys.argv[1:], "--child", setup]
        programs.append(
            subprocess.Popen(
                [*command, f"--folder={folder}"],
                env={
                    **os.environ,
                    "TF_CONFIG": text if setup == "two workers" else "{}",
                    "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    for program in programs:
        said, _ = program.communicate(timeout=1200)
        if program.returncode:
            raise RuntimeError(f"{setup} has failed:\n{said}")
    return _read(pathlib.Path(folder))


def _train(options: argparse.Namespace) -> None:
    """Trains as one setup does, and leaves in the folder what `_read` reads."""
    import tensorflow as tf

    strategy = {"two devices": "mirrored", "two workers": "multi_worker"}
    if options.child == "two devices":
        (cpu,) = tf.config.list_physical_devices("CPU")
        halves = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, halves)

    from trainer.settings.config import Config
    from trainer.train import build_training, compiled_model, train

    config = Config(
        model=options.model,
        epochs=options.epochs,
        batch_size=options.batch_size,
        schedule="cosine",
        learning_rate=0.003,
        deterministic=False,
        strategy=strategy.get(options.child, "none"),
        logdir=options.folder,
        run="run",
    )
    if options.child != "plain Keras":
        train(config)
        return
    training = build_training(config)
    examples = training.data.train
    _fit(compiled_model(training), examples.x, examples.y, options)


def _train_on_jax(options: argparse.Namespace) -> None:
    import keras

    from lr_plugin.keras import LearningRateLogger

    if "two" in options.child:
        keras.distribution.set_distribution(keras.distribution.DataParallel())
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x = generator.random([_NUM_EXAMPLES, 64], np.float32)
    y = x[:, :10].argmax(1)
    hidden = keras.layers.Dense(128, activation="relu")
    scores = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input((64,)), hidden, scores])
    steps = options.epochs * -(-_NUM_EXAMPLES // options.batch_size)
    rate = keras.optimizers.schedules.CosineDecay(0.003, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    if "plain" in options.child:
        _fit(model, x, y, options)
    else:
        logger = LearningRateLogger(pathlib.Path(options.folder) / "run")
        _fit(model, x, y, options, logger)


def _fit(model, x, y, options: argparse.Namespace, *callbacks) -> None:
    """Trains without the trainer, and leaves the times at which epochs ended."""
    import keras

    times: list[float] = []
    note_time = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: times.append(time.time())
    )
    model.fit(
        x,
        y,
        batch_size=options.batch_size,
        epochs=options.epochs,
        verbose=0,
        callbacks=[note_time, *callbacks],
    )
    (pathlib.Path(options.folder) / _TIMES).write_text(json.dumps(times))


def _read(folder: pathlib.Path) -> Result:
    from lr_plugin import read_run

    run = read_run(folder / "run") if (folder / "run").exists() else None
    if (folder / _TIMES).exists():
        times = json.loads((folder / _TIMES).read_text())
    else:
        times = [event.wall_time for event in run.events if event.kind == "epoch_end"]
    if run is None:
        return Result(_speed(times))
    return Result(_speed(times), run["learning_rate"], run["loss"])


def _speed(times: list[float]) -> float:
    """Computes examples per second from when epochs ended."""
    return _NUM_EXAMPLES * (len(times) - 1) / (times[-1] - times[0])


def _difference(found: np.ndarray | None, expected: np.ndarray | None) -> str:
    if found is None or expected is None:
        return "-"
    return f"{np.max(np.abs(found - expected) / np.abs(expected)):.2g}"


if __name__ == "__main__":
    main()
