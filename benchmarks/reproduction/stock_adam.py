"""Trains with Keras alone: Adam with a rate that decays.

Keras' TensorBoard callback writes what Keras shows, and this package records every
update, so that the two can be compared.

    python benchmarks/reproduction/stock_adam.py --rate=decay --run=stock --logdir=logs

--rate=decay is Adam(0.003, decay=0.0002), --rate=schedule is what Keras 3 has instead,
an InverseTimeDecay of the same numbers.
"""

import argparse
import os
import pathlib
import sys
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

import keras

from benchmarks.reproduction.mnist import load_mnist
from benchmarks.reproduction.networks import article_cnn
from benchmarks.reproduction.trainings import WARNINGS_FILE
from lr_plugin.keras import LearningRateLogger

RATE, DECAY = 0.003, 0.0002


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", choices=("decay", "schedule"), required=True)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--logdir", type=pathlib.Path, required=True)
    parser.add_argument("--run", required=True)
    arguments = parser.parse_args()
    folder = arguments.logdir / arguments.run
    folder.mkdir(parents=True)

    keras.utils.set_random_seed(arguments.seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        optimizer = build_optimizer(arguments.rate)
    said = "".join(f"{warning.message}\n" for warning in caught)
    (folder / WARNINGS_FILE).write_text(said)
    model = article_cnn()
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    (x, y), _ = load_mnist()
    model.fit(
        x,
        y,
        batch_size=250,
        epochs=arguments.epochs,
        validation_split=0.2,
        verbose=1 if sys.stdout.isatty() else 2,
        callbacks=[keras.callbacks.TensorBoard(folder), LearningRateLogger(folder)],
    )
    model.save(folder / "model.keras")


def build_optimizer(rate: str) -> keras.optimizers.Optimizer:
    if rate == "decay":
        return keras.optimizers.Adam(RATE, decay=DECAY)
    schedule = keras.optimizers.schedules.InverseTimeDecay(RATE, 1, DECAY)
    return keras.optimizers.Adam(schedule)


if __name__ == "__main__":
    main()
