"""Trains on two replicas, and prints by its name what each of the trainings gave.

    python two_replicas.py FOLDER

A program, because TensorFlow has to be told of a second device before it begins; one
for all of these trainings, because to begin takes longer than to train.
"""

import contextlib
import json
import pathlib
import sys
import warnings

import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)
# As in other tests: graphs are run as they were traced.
tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import optimizers  # noqa: E402
from plateau_slope import Report, fit_slope, make_slope, sum_of_rates  # noqa: E402
from recorded_fits import falling_schedule, make_model, record_fit  # noqa: E402
from training_cases import OwnLoss, Trainer, compiled, falling, small  # noqa: E402

from lr_plugin.keras import (  # noqa: E402
    LearningRateLogger,
    MultiplyOnPlateau,
    range_test,
)

# One for all: models of other shapes under a second one fail in TensorFlow itself.
STRATEGY = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


# Keras itself fails with accumulation under this strategy.
TRAININGS = {
    "own loss": (lambda: optimizers.Adam(falling()), OwnLoss),
    "momentum": (
        lambda: optimizers.SGD(0.1, momentum=0.9, use_ema=True),
        small,
    ),
    "loss scaling": (
        lambda: optimizers.LossScaleOptimizer(
            optimizers.SGD(0.1), initial_scale=2.0**127
        ),
        small,
    ),
}


def trained(folder, make_logger, create, make_model):
    """Trains; returns all bits, and how many iterations were recorded."""
    keras.utils.set_random_seed(0)
    with STRATEGY.scope():
        loss = None if make_model is OwnLoss else "mse"
        model = compiled(create(), loss, make_model())
    trainer = Trainer(folder, make_logger)
    trainer.fit(model)
    variables = [*model.variables, *model.optimizer.variables]
    state = [variable.numpy().tobytes() for variable in variables]
    num_rows = trainer.logger.summary.num_iterations if make_logger else None
    return (state, trainer.histories), num_rows


def with_and_without_the_logger(folder):
    found = {}
    for name, training in TRAININGS.items():
        plain, _ = trained(folder / "plain", None, *training)
        recorded, num_rows = trained(folder / name, LearningRateLogger, *training)
        found[name] = [plain == recorded, num_rows]
    return found


def recorded_rows(folder):
    found = {}
    for where in ("out_of_scope", "in_scope"):
        with STRATEGY.scope():
            model = make_model()
            model.compile(optimizers.SGD(falling_schedule()), "mse")
        with STRATEGY.scope() if where == "in_scope" else contextlib.nullcontext():
            rows = record_fit(model, gradient_norm=True)
        found[where] = {name: values.tolist() for name, values in rows.items()}
    return found


def tested_range(folder):
    with STRATEGY.scope():
        layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
        norm = keras.layers.BatchNormalization()
        inputs = keras.Input((1,))
        outputs = layer(inputs) + 0 * norm(keras.layers.Dropout(0.5)(inputs))
        model = keras.Model(inputs, outputs)
        optimizer = optimizers.SGD(0.5, momentum=0.0)
        model.compile(optimizer, loss=lambda _, prediction: prediction)
    ones = np.ones([40, 1], np.float32)
    before = [np.array(v) for v in model.variables]
    result = range_test(
        model,
        ones,
        ones,
        batch_size=4,
        min_learning_rate=0.01,
        max_learning_rate=1.0,
        num_steps=13,
        repeats=2,
    )
    was_built = optimizer.built
    parts = [[np.array(part) for part in v.value.values] for v in model.variables]
    model.fit(ones, ones, batch_size=4, verbose=0)
    return {
        "losses": result.losses,
        "is untouched": [
            all(np.array_equal(one, part) for part in of_one)
            for one, of_one in zip(before, parts, strict=True)
        ],
        "optimizer was built": was_built,
        "iterations of a fit": int(optimizer.iterations.numpy()),
    }


def sums_with_plateaus(folder):
    """Trains on the slope of the tests of plateaus, each with another kind of look."""
    sums = []
    for rate, plateau in (
        (0.1, MultiplyOnPlateau("loss", factor=0.5, patience=1, every_batches=10)),
        (
            optimizers.schedules.CosineDecay(0.1, 40),
            MultiplyOnPlateau("score", factor=0.5, patience=1, mode="min"),
        ),
    ):
        with STRATEGY.scope():
            model = make_slope(optimizers.SGD(rate))
        # In batches of two, one for each replica.
        report = Report([1.0, 1.0, 1.0, 0.5])
        fit_slope(model, [1] * 20, report, plateau, epochs=4, batch_size=2)
        model.get_config(), model.optimizer.get_config()
        sums.append(sum_of_rates(model))
    return sums


if __name__ == "__main__":
    warnings.simplefilter("error", UserWarning)
    parts = (
        with_and_without_the_logger,
        recorded_rows,
        tested_range,
        sums_with_plateaus,
    )
    folder = pathlib.Path(sys.argv[1])
    print(json.dumps({part.__name__: part(folder) for part in parts}))
