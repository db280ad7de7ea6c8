"""Measures whether schedules that are refined by a former run's gradients are better.

    python benchmarks/refined.py --mnist=mnist.npz [--num_settings=15]

Defazio et al. 2023, When, Why and How Much? Adaptive Learning Rate Scheduling by
Refinement (arXiv 2310.07831): of a training with linear decay the gradients' norms are
taken, smoothed, and turned into the schedule of the next. Here that training is the one
of the best rate and the first seed. Each schedule, linear, cosine and refined, then
has nine rates and five seeds, and the rate of the lowest mean loss of validation is its
own. The program prints that loss for each schedule, and how many standard errors those
that are refined, over the same seeds, lie below the better of the two others. An update
has the weight 1 / norm of its gradient, which can be recorded, or 1 / the sum of the
absolute values, as the paper takes for Adam.
"""

import argparse
import math
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "jax"

import numpy as np
import scipy.ndimage

_NUM_SEEDS = 5
# The share of a training over which the norms are smoothed.
_SMOOTHED = 0.1


def refine(weights: np.ndarray) -> np.ndarray:
    """Makes the schedule of a training from weights of its updates.

    The rate of an update is its weight times the sum of those after it.

    Returns:
        Shares of the peak. Shape [num_steps].
    """
    after = np.append(np.cumsum(weights[::-1])[::-1][1:], 0.0)
    schedule = weights * after
    return (schedule / schedule.max()).astype(np.float32)


def smooth(values: np.ndarray) -> np.ndarray:
    """Takes the median of a tenth of the training around each step."""
    width = 2 * int(_SMOOTHED * len(values) / 2) + 1
    padded = np.pad(values, (0, 2 * width), mode="reflect")
    return scipy.ndimage.median_filter(padded, width, mode="nearest")[: len(values)]


def list_schedules(num_steps: int) -> dict[str, np.ndarray]:
    """Lists the schedules that know nothing of a training."""
    progress = np.arange(num_steps) / num_steps
    return {
        "linear": (1 - progress).astype(np.float32),
        "cosine": (0.5 + 0.5 * np.cos(math.pi * progress)).astype(np.float32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mnist", help="MNIST as a file; else that of MNIST_NPZ")
    parser.add_argument("--num_settings", type=int, default=15)
    arguments = parser.parse_args()
    if arguments.mnist:
        os.environ["MNIST_NPZ"] = arguments.mnist
    # Imported once the backend is chosen.
    from landscapes.compiled import train
    from landscapes.settings import Setting
    from landscapes.tasks import TASKS

    def train_grid(
        setting: Setting, schedule: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Trains all rates and seeds.

        Returns:
            Of the best rate: the losses of validation, [num_seeds], and the norms of
            the first seed's gradients, [num_steps, 2].
        """
        grid = [
            [
                train(
                    setting.task, setting.optimizer, schedule * np.float32(rate), seed
                )
                for seed in range(_NUM_SEEDS)
            ]
            for rate in setting.rates
        ]
        losses = np.array([[training.loss for training in row] for row in grid])
        best = int(np.argmin(np.nan_to_num(losses.mean(axis=1), nan=np.inf)))
        return losses[best], grid[best][0].gradient_norms

    settings = [
        Setting(task, optimizer, "")
        for task in TASKS
        for optimizer in ("SGD", "momentum", "Adam")
    ][: arguments.num_settings]
    print(
        "| setting | cosine | linear | refined, norm | refined, absolute | "
        "standard errors below the better | the same |\n|---|---|---|---|---|---|---|"
    )
    for setting in settings:
        found = {}
        known = list_schedules(TASKS[setting.task].num_steps)
        found["cosine"], _ = train_grid(setting, known["cosine"])
        found["linear"], norms = train_grid(setting, known["linear"])
        squares, absolute = map(smooth, norms.T)
        better = min(found.values(), key=np.mean)
        gains = []
        for name, of_gradients in (("norm", np.sqrt(squares)), ("absolute", absolute)):
            found[name], _ = train_grid(setting, refine(1 / of_gradients))
            difference = better - found[name]
            error = difference.std(ddof=1) / math.sqrt(_NUM_SEEDS)
            gains.append(f"{difference.mean() / error:+.1f}")
        means = [f"{losses.mean():.4f}" for losses in found.values()]
        name = f"{setting.task}, {setting.optimizer}"
        print(f"| {name} | {' | '.join(means + gains)} |", flush=True)


if __name__ == "__main__":
    main()
