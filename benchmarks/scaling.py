"""Trains the same on one device, on two, and with two workers, on this machine.

    python benchmarks/scaling.py [--epochs=6] [--batch_size=256] [--model=mlp]

Prints a row for each: examples per second from the end of the first epoch to that of
the last, and the largest difference of its rates and of its losses from those of one
device, iteration by iteration, each divided by the value of one device. `plain Keras`
is `fit` on one device without the trainer. Two devices are two logical CPUs of this
machine, and two workers two programs on it: where the cores are the same, this shows
what sharing costs, not what more machines give.
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

import numpy as np

# Of the digits of scikit-learn, without the held-out fifth.
_NUM_EXAMPLES = 1438
_TIMES = "times.json"
_SETUPS = ("one device", "plain Keras", "two devices", "two workers")


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
        _train(options)
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
    import keras

    training = build_training(config)
    times: list[float] = []
    examples = training.data.train
    compiled_model(training).fit(
        examples.x,
        examples.y,
        batch_size=config.batch_size,
        epochs=config.epochs,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: times.append(float(tf.timestamp()))
            )
        ],
    )
    (pathlib.Path(options.folder) / _TIMES).write_text(json.dumps(times))


def _read(folder: pathlib.Path) -> Result:
    from lr_plugin import read_run

    if (folder / _TIMES).exists():
        return Result(_speed(json.loads((folder / _TIMES).read_text())))
    run = read_run(folder / "run")
    times = [event.wall_time for event in run.events if event.kind == "epoch_end"]
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
