"""Compares and times the recorder on a GPU, where Keras compiles with XLA by itself.

    python benchmarks/on_gpu.py [--rounds=40] [--on_cpu]

Needs a GPU that TensorFlow sees and a few minutes; without one it says so and ends.
First table: in each mode, the largest relative difference of the recorded rates and
losses from a loop written by hand, and whether weights and optimizer are equal to the
bit with and without the logger. Second table: what the logger adds to a step, as
`overhead.py` measures it. --on_cpu tries the script where there is no GPU.
"""

import argparse
import os
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf
from overhead import build_mlp, make_batches, report

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger

NUM_STEPS, BATCH_SIZE = 96, 32
SCHEDULE = keras.optimizers.schedules.CosineDecay(0.05, NUM_STEPS, alpha=0.1)
MODES = {
    "as Keras compiles by default": {},
    "jit_compile=True": {"jit_compile": True},
    "jit_compile=False": {"jit_compile": False},
    "steps_per_execution=8": {"steps_per_execution": 8},
    "mixed_float16": {"policy": "mixed_float16"},
    "mixed_float16, jit_compile=True": {
        "policy": "mixed_float16",
        "jit_compile": True,
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--on_cpu", action="store_true")
    arguments = parser.parse_args()
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus and not arguments.on_cpu:
        print("TensorFlow sees no GPU here: nothing was measured.")
        return
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)
        print(tf.config.experimental.get_device_details(gpu).get("device_name", gpu))
    compare_modes()
    print("\nMLP\n")
    report(
        build_mlp,
        make_batches((784,), 32),
        calls_per_turn=50,
        num_rounds=arguments.rounds,
    )


def compare_modes() -> None:
    """Prints the first table."""
    print(
        "\n| mode | rate | loss | weights and optimizer |\n|---|---|---|---|",
        flush=True,
    )
    for name, settings in MODES.items():
        options = dict(settings)
        keras.config.set_dtype_policy(options.pop("policy", "float32"))
        by_hand = train_by_hand()
        finals = []
        with tempfile.TemporaryDirectory() as logdir:
            for callbacks in ([], [LearningRateLogger(logdir)]):
                model = build_model()
                model.compile(
                    keras.optimizers.SGD(SCHEDULE), "mean_squared_error", **options
                )
                x, y = make_data()
                model.fit(
                    x,
                    y,
                    batch_size=BATCH_SIZE,
                    shuffle=False,
                    verbose=0,
                    callbacks=callbacks,
                )
                finals.append([*model.variables, *model.optimizer.variables])
            recorded = read_run(logdir)
        cells = [name]
        for column in ("learning_rate", "loss"):
            # Loss scaling may skip a first few updates, and the steps come again.
            expected = by_hand[column][: len(recorded[column])]
            error = np.abs(recorded[column] - expected) / np.abs(expected)
            cells.append(f"{error.max():.1e}")
        is_equal = all(
            np.array_equal(one.numpy(), other.numpy())
            for one, other in zip(*finals, strict=True)
        )
        cells.append("equal to the bit" if is_equal else "DIFFERENT")
        print(f"| {' | '.join(cells)} |", flush=True)
    keras.config.set_dtype_policy("float32")


def build_model() -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((16,)),
            keras.layers.Dense(64, activation="tanh"),
            keras.layers.Dense(4, dtype="float32"),
        ]
    )


def make_data() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(2)
    x = generator.normal(size=(NUM_STEPS * BATCH_SIZE, 16)).astype("float32")
    return x, np.tanh(x[:, :4])


def train_by_hand() -> dict[str, np.ndarray]:
    """Trains without Keras' loop and returns the rate and loss of each iteration."""
    model = build_model()
    rates, losses = [], []
    x, y = make_data()
    for step in range(NUM_STEPS):
        part = slice(step * BATCH_SIZE, (step + 1) * BATCH_SIZE)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((y[part] - model(x[part], training=True)) ** 2)
        gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
        rate = 0.05 * (0.1 + 0.9 * (1 + np.cos(np.pi * step / NUM_STEPS)) / 2)
        for variable, gradient in zip(
            model.trainable_variables, gradients, strict=True
        ):
            variable.assign(variable - np.float32(rate) * gradient)
        rates.append(rate)
        losses.append(float(loss))
    return {"learning_rate": np.array(rates), "loss": np.array(losses)}


if __name__ == "__main__":
    main()
