"""Part 2: how far the suggestions for several seeds lie apart."""

import sys

import numpy as np
from peers.finder_rules import (
    FASTAI_RATES,
    FASTAI_RULES,
    LIGHTNING_RATES,
    LIGHTNING_RULES,
)
from rate_finding.kept import Kept
from rate_finding.real_tests import Problem, run_tests, suggest_from_losses
from rate_finding.table import log_or_nan, print_row, spread

from lr_plugin.keras.range_test.rules import RULES
from lr_plugin.keras.range_test.suggestions import RECOMMENDED

OURS = "ours, recommended"


def print_spread(dataset: str, model: str, num_seeds: int, kept: Kept) -> None:
    problem = Problem(dataset, model)
    logs: dict[str, list[float]] = {}
    intervals = []
    for seed in range(num_seeds):
        print(f"   seed {seed + 1} of {num_seeds}", end="\r", file=sys.stderr)
        tests = run_tests(problem, seed, kept)
        rates, losses = tests["learning_rates"], tests["ours"]
        found = suggest_from_losses(rates, losses)
        answers: dict[str, float | None] = {
            f"{OURS}, {len(losses)} repeats": found.suggestion,
            f"{OURS}, 1 repeat": suggest_from_losses(rates, losses[:1]).suggestion,
        }
        for name in RULES:
            if name != RECOMMENDED:
                answers[f"ours, {name}"] = found.suggestions[name]
        for name, rule in FASTAI_RULES.items():
            answers[name] = rule(FASTAI_RATES, tests["fastai"])
        for name, rule in LIGHTNING_RULES.items():
            answers[name] = rule(LIGHTNING_RATES, tests["Lightning"])
        for name, rate in answers.items():
            logs.setdefault(name, []).append(log_or_nan(rate))
        intervals.append(found.interval)
    print(
        f"\n2. {dataset}, {model}, Adam, batches of {problem.batch_size}, {num_seeds} "
        "seeds: the median suggestion, and how far\n   the 5 % and the 95 % quantile "
        "lie apart in decades. A repeat is 100 updates, as the peers' tests are."
    )
    print(f"   {'rule':42s} {'median':>9s} {'spread':>7s} {'no answer':>10s}")
    for name, values in logs.items():
        print_row(name, np.array(values), lambda log: f"{10**log:.2e}")
    ours, *others = logs
    peers = [np.array(logs[name]) for name in others if not name.startswith("ours")]
    ratio = spread(np.array(logs[ours])) / min(map(spread, peers))
    print(f"   our spread is {ratio:.2f} of the best peer's")
    middle = np.nanmedian(logs[ours])
    known = [np.log10(each) for each in intervals if each is not None]
    share = np.mean([low <= middle <= high for low, high in known])
    width = np.median([high - low for low, high in known])
    print(
        f"   our interval: {width:.2f} decades wide (median); holds the median "
        f"suggestion of all seeds in {share:.0%}"
    )
