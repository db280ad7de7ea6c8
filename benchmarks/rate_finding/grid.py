"""Part 3: the accuracy at the suggested rate, beside that of a grid of rates."""

import functools
import sys

import numpy as np
from rate_finding.kept import Kept
from rate_finding.real_tests import Problem, run_tests, suggest_from_losses

GRID = 10.0 ** np.arange(-5, 0.1, 0.5)
NUM_EPOCHS = 3


def print_grid(model: str, num_seeds: int, kept: Kept) -> None:
    problem = Problem("mnist", model)
    grid, suggested, rates, num_updates, secs = [], [], [], [], []
    for seed in range(num_seeds):
        print(f"   seed {seed + 1} of {num_seeds}", end="\r", file=sys.stderr)
        tests = run_tests(problem, seed, kept)
        rate = suggest_from_losses(tests["learning_rates"], tests["ours"]).suggestion
        if rate is None:
            print(f"   seed {seed}: no suggestion")
            continue
        rates.append(rate)
        num_updates.append(sum(len(losses) for losses in tests["ours"]))
        secs.append(tests["secs"])
        suggested.append(accuracy(problem, rate, seed, kept))
        grid.append([accuracy(problem, float(each), seed, kept) for each in GRID])
    # Shape [num_seeds, num_rates] and [num_seeds], in percent.
    percent, found = 100 * np.array(grid), 100 * np.array(suggested)
    print(
        f"\n3. MNIST, {model}, Adam, {NUM_EPOCHS} epochs in batches of "
        f"{problem.batch_size}: test accuracy in percent, mean and standard deviation "
        f"of {len(rates)} seeds"
    )
    for i, each in enumerate(GRID):
        print(f"   {each:9.2e} {_mean(percent[:, i])}")
    shown = f"{min(rates):.2e} to {max(rates):.2e}"
    print(f"   suggested {_mean(found)}   at {shown}")
    best = int(np.argmax(percent.mean(axis=0)))
    # By seed, because with one seed weights and order of the data are the same.
    differences = found - percent[:, best]
    shown = f"{differences.mean():+.2f} points"
    if len(differences) > 1:
        error = np.std(differences, ddof=1) / np.sqrt(len(differences))
        shown = f"{shown}, standard error {error:.2f}"
    print(f"   against the grid's best, {GRID[best]:.2e}: {shown}")
    steps = NUM_EPOCHS * -(-len(problem.data.train.x) // problem.batch_size) * len(GRID)
    print(
        f"   the test took {np.mean(num_updates):.0f} updates, "
        f"{np.mean(num_updates) / steps:.2%} of the grid's {steps}, and "
        f"{np.median(secs):.1f} s"
    )


def accuracy(problem: Problem, learning_rate: float, seed: int, kept: Kept) -> float:
    """Trains and returns the test accuracy, from 0 to 1."""
    key = ["accuracy", problem.config.model, f"{learning_rate:.6g}", seed, NUM_EPOCHS]
    return kept.get(key, functools.partial(_train, problem, learning_rate, seed))


def _train(problem: Problem, learning_rate: float, seed: int) -> float:
    model = problem.compiled_model(seed, learning_rate)
    data = problem.data
    model.fit(
        data.train.x,
        data.train.y,
        batch_size=problem.batch_size,
        epochs=NUM_EPOCHS,
        verbose=0,
    )
    _, accuracy = model.evaluate(data.test.x, data.test.y, batch_size=1000, verbose=0)
    return accuracy


def _mean(values: np.ndarray) -> str:
    deviation = f"{np.std(values, ddof=1):6.2f}" if len(values) > 1 else f"{'-':>6s}"
    return f"{values.mean():7.2f} {deviation}"
