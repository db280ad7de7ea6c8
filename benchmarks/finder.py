"""How well the range test finds the learning rate, beside fastai's and Lightning's.

1. Synthetic curves whose steepest point and onset of divergence are known.
2. The digits and MNIST: how far the suggestions for 20 seeds lie apart.
3. MNIST: accuracy at the suggested rate and at all rates of a grid.

    python benchmarks/finder.py                 everything with the mlp
    python benchmarks/finder.py --models=mlp,cnn --keep=finder.jsonl

MNIST is read from the file that MNIST_NPZ names, else through Keras. --keep names a
file of trainings that are done; an interrupted benchmark goes on with it.
"""

import argparse
import gc
import json
import os
import pathlib
import sys
import time
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import keras
import numpy as np
from peers.finder_rules import (
    FASTAI_RATES,
    FASTAI_RULES,
    LIGHTNING_RATES,
    LIGHTNING_RULES,
    fastai_stops,
    lightning_stops,
)

from lr_plugin.keras import Recorder
from trainer.config import Config
from trainer.data import Data, load_data
from trainer.loss_curve import has_diverged
from trainer.lr_finder import range_test
from trainer.models import build_model
from trainer.range_test_sweep import RisingRate
from trainer.rate_rules import RULES
from trainer.suggestions import suggest

NUM_CURVES = 200
NOISES = (0.0, 0.02, 0.1, 0.3)
NUM_REPEATS = 3
BATCH_SIZES = {"digits": 32, "mnist": 128}
GRID = 10.0 ** np.arange(-5, 0.1, 0.5)
GRID_EPOCHS = 3


def main() -> None:
    sys.stdout.reconfigure(line_buffering=True)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default="1,2,3", help="which of the three to do")
    parser.add_argument("--seeds", type=int, default=20, help="of part 2")
    parser.add_argument("--grid_seeds", type=int, default=3, help="of part 3")
    parser.add_argument("--models", default="mlp", help="mlp, cnn or mlp,cnn")
    parser.add_argument("--keep", type=pathlib.Path, help="file of done trainings")
    arguments = parser.parse_args()
    models = arguments.models.split(",")
    if "1" in arguments.parts:
        print_synthetic()
    if "2" in arguments.parts:
        tasks = [("digits", "mlp"), *(("mnist", model) for model in models)]
        for dataset, model in tasks:
            print_spread(dataset, model, arguments.seeds)
    if "3" in arguments.parts:
        for model in models:
            print_grid(model, arguments.grid_seeds, arguments.keep)


# Part 1: curves that are known.


def print_synthetic() -> None:
    print(
        f"\n1. {NUM_CURVES} synthetic curves, in decades from the true point: "
        "median error, and how far\n   the 5 % and the 95 % quantile lie apart. "
        "Noise as a share of the fall."
    )
    for noise in NOISES:
        generator = np.random.default_rng(0)
        errors: dict[str, list[float]] = {}
        for _ in range(NUM_CURVES):
            for name, error in errors_on_one_curve(generator, noise).items():
                errors.setdefault(name, []).append(error)
        print(f"\n   noise {noise:g}")
        print(f"   {'rule':42s} {'error':>7s} {'spread':>7s} {'no answer':>10s}")
        for name, values in errors.items():
            print_row(name, np.array(values))


def errors_on_one_curve(
    generator: np.random.Generator, noise: float
) -> dict[str, float]:
    rates = np.geomspace(1e-6, 10, 100)
    x = np.log10(rates)
    steepest = generator.uniform(-4, -2)
    onset = steepest + generator.uniform(1.0, 1.5)
    width = generator.uniform(0.12, 0.25)
    # A logistic fall is steepest at its middle; from the onset on the loss rises.
    curve = 2.3 - 2 / (1 + np.exp(-(x - steepest) / width))
    curve = curve + 10 * np.maximum(x - onset, 0) ** 2
    losses = []
    for _ in range(NUM_REPEATS):
        noisy = curve + 2 * noise * generator.normal(size=len(x))
        losses.append(cut(noisy.tolist(), has_diverged))
    one = suggest(rates.tolist(), losses[:1], diverged=True)
    several = suggest(rates.tolist(), losses, diverged=True)
    errors = {
        f"ours, recommended, {NUM_REPEATS} repeats": several.suggestion,
        "ours, recommended, 1 repeat": one.suggestion,
        "ours, steepest, 1 repeat": one.suggestions["steepest"],
    }
    peers = {
        "fastai": (FASTAI_RULES, cut(noisy.tolist(), fastai_stops)),
        "Lightning": (LIGHTNING_RULES, cut(noisy.tolist(), lightning_stops)),
    }
    for rules, peer_losses in peers.values():
        for name, rule in rules.items():
            errors[name] = rule(rates, peer_losses)
    found = {name: log_or_nan(rate) - steepest for name, rate in errors.items()}
    band = several.usable_band
    found["onset: ours, end of the usable band"] = log_or_nan(band and band[1]) - onset
    for name, (_, peer_losses) in peers.items():
        found[f"onset: {name}, where it stops"] = x[len(peer_losses) - 1] - onset
    return found


def cut(losses: list[float], stops: Callable[[list[float]], bool]) -> list[float]:
    """The losses until the test would stop."""
    for num_losses in range(1, len(losses)):
        if stops(losses[:num_losses]):
            return losses[:num_losses]
    return losses


def log_or_nan(rate: float | None) -> float:
    return np.nan if rate is None else float(np.log10(rate))


def print_row(name: str, values: np.ndarray) -> None:
    known = values[np.isfinite(values)]
    missing = f"{1 - len(known) / len(values):.0%}"
    if not len(known):
        print(f"   {name:42s} {'-':>7s} {'-':>7s} {missing:>10s}")
        return
    low, high = np.quantile(known, (0.05, 0.95))
    print(f"   {name:42s} {np.median(known):+7.2f} {high - low:7.2f} {missing:>10s}")


# Part 2: real curves.


def print_spread(dataset: str, model: str, num_seeds: int) -> None:
    data, config = load(dataset, model)
    batch_size = BATCH_SIZES[dataset]
    logs: dict[str, list[float]] = {}
    intervals = []
    for seed in range(num_seeds):
        print(f"   seed {seed + 1} of {num_seeds}", end="\r", file=sys.stderr)
        result = range_test(
            build_compiled(config, data, seed),
            data.x_train,
            data.y_train,
            batch_size=batch_size,
        )
        found: dict[str, float | None] = {
            "ours, recommended": result.suggestion,
            **{f"ours, {name}": result.suggestions[name] for name in RULES},
        }
        del found["ours, center"]
        for rates, stops, rules in (
            (FASTAI_RATES, fastai_stops, FASTAI_RULES),
            (LIGHTNING_RATES, lightning_stops, LIGHTNING_RULES),
        ):
            untrained = build_compiled(config, data, seed)
            losses = peer_losses(untrained, data, batch_size, rates, stops)
            found.update({name: rule(rates, losses) for name, rule in rules.items()})
        for name, rate in found.items():
            logs.setdefault(name, []).append(log_or_nan(rate))
        intervals.append(result.interval)
    print(
        f"\n2. {dataset}, {model}, Adam, batches of {batch_size}, {num_seeds} seeds: "
        "the median suggestion, and how far\n   the 5 % and the 95 % quantile lie "
        f"apart in decades. Ours: {NUM_REPEATS} x 100 updates; the others: 100."
    )
    print(f"   {'rule':42s} {'median':>9s} {'spread':>7s} {'no answer':>10s}")
    for name, values in logs.items():
        print_suggestions(name, np.array(values))
    middle = np.nanmedian(logs["ours, recommended"])
    known = [np.log10(each) for each in intervals if each is not None]
    share = np.mean([low <= middle <= high for low, high in known])
    width = np.median([high - low for low, high in known])
    print(
        f"   our interval: {width:.2f} decades wide (median); holds the median "
        f"suggestion of all seeds in {share:.0%}"
    )


def print_suggestions(name: str, values: np.ndarray) -> None:
    known = values[np.isfinite(values)]
    missing = f"{1 - len(known) / len(values):.0%}"
    if not len(known):
        print(f"   {name:42s} {'-':>9s} {'-':>7s} {missing:>10s}")
        return
    low, high = np.quantile(known, (0.05, 0.95))
    median = 10 ** np.median(known)
    print(f"   {name:42s} {median:9.2e} {high - low:7.2f} {missing:>10s}")


def peer_losses(
    model: keras.Model,
    data: Data,
    batch_size: int,
    rates: np.ndarray,
    stops: Callable[[list[float]], bool],
) -> list[float]:
    """One test as the peers make it: one passage, their rates, their way to stop."""
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
            data.x_train,
            data.y_train,
            batch_size=batch_size,
            epochs=1000,
            verbose=0,
            callbacks=[Stop()],
        )
    return [loss for loss in losses if np.isfinite(loss)]


def load(dataset: str, model: str) -> tuple[Data, Config]:
    if dataset == "mnist":
        dataset = os.environ.get("MNIST_NPZ", "mnist")
        config = Config(dataset=dataset, model=model, validation_split=0.0)
    else:
        config = Config(dataset=dataset, model=model)
    return load_data(config), config


def build_compiled(
    config: Config, data: Data, seed: int, learning_rate: float = 1e-3
) -> keras.Model:
    # Models are in reference cycles, and each holds its data.
    gc.collect()
    keras.utils.set_random_seed(seed)
    model = build_model(config, data)
    model.compile(
        keras.optimizers.Adam(learning_rate),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


# Part 3: is the suggestion any good?


def print_grid(model: str, num_seeds: int, keep: pathlib.Path | None) -> None:
    data, config = load("mnist", model)
    accuracies = np.array(
        [
            [train(config, data, float(rate), seed, keep) for rate in GRID]
            for seed in range(num_seeds)
        ]
    )
    suggestions, suggested, num_updates, secs = [], [], [], []
    for seed in range(num_seeds):
        start = time.perf_counter()
        result = range_test(
            build_compiled(config, data, seed),
            data.x_train,
            data.y_train,
            batch_size=BATCH_SIZES["mnist"],
        )
        secs.append(time.perf_counter() - start)
        if result.suggestion is None:
            print(f"   seed {seed}: {result.reason}")
            continue
        suggestions.append(result.suggestion)
        num_updates.append(sum(len(losses) for losses in result.losses))
        suggested.append(train(config, data, result.suggestion, seed, keep))
    best = int(np.argmax(accuracies.mean(axis=0)))
    steps_per_training = GRID_EPOCHS * -(-len(data.x_train) // BATCH_SIZES["mnist"])
    share = np.mean(num_updates) / (steps_per_training * len(GRID))
    print(
        f"\n3. MNIST, {model}, Adam, {GRID_EPOCHS} epochs in batches of "
        f"{BATCH_SIZES['mnist']}, mean of {num_seeds} seeds: test accuracy in percent"
    )
    for rate, accuracy in zip(GRID, accuracies.mean(axis=0), strict=True):
        print(f"   {rate:9.2e} {100 * accuracy:7.2f}")
    shown = ", ".join(f"{rate:.2e}" for rate in suggestions)
    difference = 100 * (np.mean(suggested) - accuracies.mean(axis=0)[best])
    print(f"   suggested {100 * np.mean(suggested):7.2f}   at {shown}")
    print(f"   against the grid's best, {GRID[best]:.2e}: {difference:+.2f} points")
    print(
        f"   the test took {np.mean(num_updates):.0f} updates, {share:.2%} of the "
        f"grid's, and {np.mean(secs):.1f} s"
    )


def train(
    config: Config,
    data: Data,
    learning_rate: float,
    seed: int,
    keep: pathlib.Path | None,
) -> float:
    """Trains and returns the test accuracy, from the file if it was done before."""
    key = [config.model, f"{learning_rate:.6g}", seed, GRID_EPOCHS]
    if keep is not None and keep.exists():
        for line in keep.read_text().splitlines():
            done = json.loads(line)
            if done["key"] == key:
                return done["accuracy"]
    model = build_compiled(config, data, seed, learning_rate)
    model.fit(
        data.x_train,
        data.y_train,
        batch_size=BATCH_SIZES["mnist"],
        epochs=GRID_EPOCHS,
        verbose=0,
    )
    _, accuracy = model.evaluate(data.x_test, data.y_test, batch_size=1000, verbose=0)
    if keep is not None:
        with keep.open("a") as file:
            file.write(json.dumps({"key": key, "accuracy": accuracy}) + "\n")
    return accuracy


if __name__ == "__main__":
    main()
