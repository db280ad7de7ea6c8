"""Part 1: curves whose steepest point and onset of divergence are known."""

from collections.abc import Callable

import numpy as np
from peers.finder_rules import (
    FASTAI_RULES,
    LIGHTNING_RULES,
    fastai_stops,
    lightning_stops,
)
from rate_finding.table import log_or_nan, print_row

from lr_plugin.keras.range_test.curve import has_diverged
from lr_plugin.keras.range_test.suggestions import suggest

NUM_CURVES = 200
NOISES = (0.0, 0.02, 0.1, 0.3)
NUM_REPEATS = 3


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
        print(f"   {'rule':42s} {'error':>9s} {'spread':>7s} {'no answer':>10s}")
        for name, values in errors.items():
            print_row(name, np.array(values), "{:+.2f}".format)


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
    """Cuts the losses where the test would stop."""
    for num_losses in range(1, len(losses)):
        if stops(losses[:num_losses]):
            return losses[:num_losses]
    return losses
