"""Holds the record in each mode of a backend against a loop by hand, and its cost.

    python benchmarks/modes.py [--secs=20]
    KERAS_BACKEND=jax .venv-jax/bin/python benchmarks/modes.py
    KERAS_BACKEND=torch .venv-torch/bin/python benchmarks/modes.py

Prints a row for each mode: the largest relative difference of a recorded rate and of a
recorded loss to those of a loop in NumPy and float64, over two epochs of a small
network; and what LearningRateLogger adds to a step of the MLP of `overhead.py` in that
mode, on and off within one training, as `on_and_off.py` measures it.
"""

import argparse
import dataclasses
import os
import pathlib
import sys
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# Two devices, for data parallelism with JAX; read when it is imported.
os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, sys.path[0] + "/backends")

import keras
import numpy as np
import numpy_loop
import on_and_off
import overhead
from small_fits import Rows, batches_of, falling, make_data

from lr_plugin.keras import Recorder

BACKEND = overhead.BACKEND
# 96 examples: on two devices each batch must split evenly.
X, Y = (array[:96] for array in make_data())


@dataclasses.dataclass(frozen=True)
class Mode:
    """One way to train.

    Attributes:
        name: What the table calls it.
        compiling: Arguments of `compile`.
        optimizer: Makes the optimizer of a schedule.
        loop: What the loop by hand is told of it.
        is_parallel: Whether it trains on two devices.
        train: Trains the small network; a cost is told of `fit` only.
    """

    name: str
    compiling: dict[str, Any] = dataclasses.field(default_factory=dict)
    optimizer: Callable[[Any], keras.Optimizer] = keras.optimizers.SGD
    loop: dict[str, Any] = dataclasses.field(default_factory=dict)
    is_parallel: bool = False
    train: Callable[[keras.Model], None] = lambda model: fit(model, 2)


def fit(model: keras.Model, epochs: int) -> None:
    model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0)


def fit_twice(model: keras.Model) -> None:
    fit(model, 1)
    fit(model, 1)


def train_on_batches(model: keras.Model) -> None:
    for x, y in batches_of(X, Y):
        model.train_on_batch(x, y)


def accumulating(rate: Any) -> keras.Optimizer:
    return keras.optimizers.SGD(rate, gradient_accumulation_steps=4)


def scaling(rate: Any) -> keras.Optimizer:
    return keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(rate), initial_scale=2.0**10
    )


def modes() -> list[Mode]:
    """Lists what this backend can do."""
    found = [Mode("as Keras compiles it by default")]
    if BACKEND != "torch":
        found += [
            Mode("`jit_compile=False`", {"jit_compile": False}),
            Mode("`steps_per_execution=4`", {"steps_per_execution": 4}),
            Mode("`steps_per_execution=32`", {"steps_per_execution": 32}),
        ]
    found += [
        Mode("`run_eagerly=True`", {"run_eagerly": True}),
        Mode("accumulation over 4", optimizer=accumulating, loop={"accumulate": 4}),
        Mode("loss scaling", optimizer=scaling),
        Mode("two fits", train=fit_twice),
        Mode("`train_on_batch`", train=train_on_batches),
    ]
    if BACKEND == "jax":
        found.append(Mode("data parallelism, two devices", is_parallel=True))
    return found


def differences(mode: Mode) -> tuple[float, float]:
    """Returns the largest relative ones of the rate and of the loss."""
    keras.utils.set_random_seed(3)
    layers = [keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((6,)), *layers])
    rate = keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 0.5)
    model.compile(mode.optimizer(rate), "mse", **mode.compiling)
    expected, _ = numpy_loop.train(
        model.get_weights(), batches_of(X, Y), falling, **mode.loop
    )
    rows = Rows()
    with Recorder(model, on_rows=rows):
        mode.train(model)
    found = rows.columns()
    if found["step"].tolist() != expected["step"].tolist():
        raise RuntimeError(f"{mode.name}: {len(found['step'])} rows were recorded.")
    rate_difference, loss_difference = (
        float(np.max(np.abs(found[name] / expected[name] - 1)))
        for name in ("learning_rate", "loss")
    )
    return rate_difference, loss_difference


def cost(mode: Mode, secs: float) -> list[str]:
    """Returns the cells of what recording adds to a step."""
    steps_per_call = mode.compiling.get("steps_per_execution", 1)
    model = overhead.build_mlp()
    rate = keras.optimizers.schedules.CosineDecay(1e-3, overhead.NUM_ITERATIONS)
    optimizer = mode.optimizer(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", **mode.compiling)
    found = on_and_off.measure(
        model,
        overhead.make_batches((784,), 32),
        secs=secs,
        num_calls=max(4, 20 // steps_per_call),
    )
    return on_and_off.cells(*found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--secs", type=float, default=20)
    arguments = parser.parse_args()
    print(f"{BACKEND}, {os.cpu_count()} cores\n")
    heads = ("mode", "rate", "loss", *on_and_off.HEADS)
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for mode in modes():
        if mode.is_parallel:
            keras.distribution.set_distribution(keras.distribution.DataParallel())
        cells = [mode.name, *(f"{value:.1e}" for value in differences(mode))]
        if mode.train is Mode.train:
            cells += cost(mode, arguments.secs)
        if mode.is_parallel:
            keras.distribution.set_distribution(None)
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
