"""Makes this package's range test and the peers', from the same weights and data."""

import gc
import os
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from peers.finder_rules import (
    FASTAI_RATES,
    LIGHTNING_RATES,
    fastai_stops,
    lightning_stops,
)
from rate_finding.kept import Kept

from lr_plugin.keras import Recorder
from lr_plugin.keras.range_test.range_test import range_test
from lr_plugin.keras.range_test.suggestions import Suggestion, suggest
from lr_plugin.keras.range_test.sweep import RisingRate
from trainer.data.loading import Data, load_data
from trainer.models.building import build_model
from trainer.settings.config import Config

BATCH_SIZES = {"digits": 32, "mnist": 128}


class Problem:
    """A dataset and a model of the trainer, with Adam and no validation split."""

    def __init__(self, dataset: str, model: str):
        self.dataset = dataset
        self.batch_size = BATCH_SIZES[dataset]
        path = os.environ.get("MNIST_NPZ", "mnist") if dataset == "mnist" else dataset
        self.config = Config(dataset=path, model=model, validation_split=0.0)
        self.data: Data = load_data(self.config)

    def compiled_model(self, seed: int, learning_rate: float = 1e-3) -> keras.Model:
        # Models are in reference cycles and hold their data, until they are collected.
        gc.collect()
        keras.utils.set_random_seed(seed)
        model = build_model(self.config, self.data)
        model.compile(
            keras.optimizers.Adam(learning_rate),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return model


def run_tests(problem: Problem, seed: int, kept: Kept) -> dict[str, Any]:
    """Returns the losses, rates and seconds of our test, and the peers' losses."""

    def run() -> dict[str, Any]:
        start = time.perf_counter()
        result = range_test(
            problem.compiled_model(seed),
            problem.data.train.x,
            problem.data.train.y,
            batch_size=problem.batch_size,
        )
        secs = time.perf_counter() - start
        return {
            "learning_rates": list(result.learning_rates),
            "ours": [list(losses) for losses in result.losses],
            "secs": secs,
            "fastai": _peer_losses(problem, seed, FASTAI_RATES, fastai_stops),
            "Lightning": _peer_losses(problem, seed, LIGHTNING_RATES, lightning_stops),
        }

    return kept.get(["tests", problem.dataset, problem.config.model, seed], run)


def suggest_from_losses(rates: list[float], losses: list[list[float]]) -> Suggestion:
    """Returns what `range_test` concludes from these losses."""
    ended = any(len(each) < len(rates) for each in losses)
    return suggest(rates, losses, diverged=ended)


def _peer_losses(
    problem: Problem,
    seed: int,
    rates: np.ndarray,
    stops: Callable[[list[float]], bool],
) -> list[float]:
    """Makes one test as a peer does: no repeats, its rates, its way to stop."""
    model = problem.compiled_model(seed)
    model.optimizer.learning_rate = RisingRate(
        rates, first_step=0, accumulation_steps=1
    )
    losses: list[float] = []

    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = (
                len(losses) >= len(rates)
                or not np.isfinite(losses[-1])
                or stops(losses)
            )

    def take(rows):
        losses.extend(rows["loss"].tolist())

    with Recorder(model, on_rows=take, every_iterations=1):
        model.fit(
            problem.data.train.x,
            problem.data.train.y,
            batch_size=problem.batch_size,
            epochs=1000,
            verbose=0,
            callbacks=[Stop()],
        )
    return [loss for loss in losses if np.isfinite(loss)]
