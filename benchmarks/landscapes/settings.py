"""Which trainings are compared: all combinations, in two halves."""

import dataclasses
import functools
import hashlib
import itertools
import math
from collections.abc import Callable

import keras
import numpy as np
from landscapes.tasks import TASKS

NUM_RATES = 9
NUM_SEEDS = 3

# With the lowest and the highest rate, from far too low to diverging.
OPTIMIZERS: dict[str, tuple[Callable, float, float]] = {
    "SGD": (keras.optimizers.SGD, 1e-3, 10.0),
    "Adam": (keras.optimizers.Adam, 1e-5, 0.1),
    "Muon": (keras.optimizers.Muon, 1e-5, 0.1),
    "momentum": (
        lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
        1e-4,
        1.0,
    ),
    "AdamW": (lambda rate: keras.optimizers.AdamW(rate, weight_decay=0.01), 1e-5, 0.1),
}
_NUM_WARMUP = 0.1
SCHEDULES: dict[str, Callable[[int], Callable[[int], float]]] = {
    "constant": lambda num_steps: lambda step: 1.0,
    "cosine": lambda num_steps: (
        lambda step: 0.5 + 0.5 * math.cos(math.pi * step / num_steps)
    ),
    "warmup": lambda num_steps: (
        lambda step: min(1.0, (step + 1) / (_NUM_WARMUP * num_steps))
    ),
    # Not of the grids: it falls to a hundredth within the first third, and stays.
    "early": lambda num_steps: lambda step: max(0.01, 0.01 ** (3 * step / num_steps)),
    # A good schedule that is below a tenth of its peak for half of the run, too.
    "steps": lambda num_steps: lambda step: 0.1 ** (2 * step // num_steps),
}
GRID_SCHEDULES = ("constant", "cosine", "warmup")


@dataclasses.dataclass(frozen=True)
class Setting:
    """What all trainings of a grid have in common."""

    task: str
    optimizer: str
    schedule: str

    @property
    def name(self) -> str:
        """Names it, for files and tables."""
        return f"{self.task}-{self.optimizer}-{self.schedule}"

    @property
    def rates(self) -> list[float]:
        """The rates of the grid, half a decade apart."""
        _, low, high = OPTIMIZERS[self.optimizer]
        return np.geomspace(low, high, NUM_RATES).tolist()

    @functools.cached_property
    def shape(self) -> np.ndarray:
        """The rate of every update as a share of the peak. Shape [num_steps]."""
        num_steps = TASKS[self.task].num_steps
        schedule = SCHEDULES[self.schedule](num_steps)
        return np.array([schedule(step) for step in range(num_steps)], np.float32)


def list_settings() -> list[Setting]:
    """Lists every task with every optimizer and every schedule.

    First a third of them, in which each task and each optimizer meets each schedule.
    """
    names = GRID_SCHEDULES
    return [
        Setting(task, optimizer, names[(i + j + shift) % len(names)])
        for shift in range(len(names))
        for i, task in enumerate(TASKS)
        for j, optimizer in enumerate(OPTIMIZERS)
    ]


def is_calibration(setting: Setting) -> bool:
    """Tells whether thresholds are chosen on a setting.

    On every other pair of a task and an optimizer, by a hash of their names. So none of
    the other half has the task and the optimizer of one that was looked at.
    """
    pairs = sorted(
        itertools.product(TASKS, OPTIMIZERS),
        key=lambda pair: hashlib.sha256("-".join(pair).encode()).hexdigest(),
    )
    return (setting.task, setting.optimizer) in pairs[::2]
