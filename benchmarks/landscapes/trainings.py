"""Trains the grids, and keeps what came out: a line a run, and the run's folder."""

import csv
import dataclasses
import math
import shutil
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from landscapes.compiled import train
from landscapes.settings import NUM_SEEDS, OPTIMIZERS, Setting
from landscapes.tasks import TASKS

from lr_plugin import RunWriter, schema
from lr_plugin.keras.capture.optimizers.describe_optimizer import describe_optimizer


@dataclasses.dataclass(frozen=True)
class Result:
    """What a training came to.

    Attributes:
        rate: The peak of its schedule.
        loss: The validation loss at its end.
        accuracy: The validation accuracy at its end.
    """

    task: str
    optimizer: str
    schedule: str
    rate: float
    seed: int
    loss: float = math.nan
    accuracy: float = math.nan

    @property
    def setting(self) -> Setting:
        """What it has in common with the others of its grid."""
        return Setting(self.task, self.optimizer, self.schedule)

    @property
    def key(self) -> tuple[str, float, int]:
        """Tells it from the others."""
        return self.setting.name, round(math.log10(self.rate), 6), self.seed

    def folder_in(self, logdir: Path) -> Path:
        """Names the folder of its run."""
        return logdir / self.setting.name / f"{self.rate:.6g}" / str(self.seed)


def read_results(path: Path) -> list[Result]:
    """Reads the lines that are kept."""
    if not path.exists():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return [
            Result(
                **{name: row[name] for name in ("task", "optimizer", "schedule")},
                rate=float(row["rate"]),
                seed=int(row["seed"]),
                loss=float(row["loss"]),
                accuracy=float(row["accuracy"]),
            )
            for row in csv.DictReader(file)
        ]


def list_grid(setting: Setting) -> list[Result]:
    """Lists the trainings of a setting, not yet trained."""
    names = dataclasses.asdict(setting)
    return [
        Result(**names, rate=rate, seed=seed)
        for rate in setting.rates
        for seed in range(NUM_SEEDS)
    ]


def train_missing(wanted: Iterable[Result], path: Path, logdir: Path) -> None:
    """Trains what has no line yet."""
    known = {result.key for result in read_results(path)}
    for result in wanted:
        if result.key not in known:
            begin = time.perf_counter()
            trained = _train(result, logdir)
            _keep(trained, path)
            secs = time.perf_counter() - begin
            print(f"{secs:.1f} s: {trained}", file=sys.stderr, flush=True)


def _train(result: Result, logdir: Path) -> Result:
    task = TASKS[result.task]
    rates = result.setting.shape * np.float32(result.rate)
    training = train(result.task, result.optimizer, rates, result.seed)
    folder = result.folder_in(logdir)
    # A training that was interrupted left a part.
    shutil.rmtree(folder, ignore_errors=True)
    steps_per_epoch = len(task.load()[0]) // task.batch_size
    made = OPTIMIZERS[result.optimizer][0](result.rate)
    with RunWriter(folder) as writer:
        writer.write_run_info(
            schema.RunInfo(
                optimizer=describe_optimizer(made, note=print),
                schedule={"class_name": result.schedule},
                steps_per_epoch=steps_per_epoch,
                epochs=math.ceil(task.num_steps / steps_per_epoch),
            )
        )
        steps = np.arange(len(rates))
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": training.losses}
        )
        for step, sample in training.samples.items():
            writer.write_landscape(step, sample)
    return dataclasses.replace(result, loss=training.loss, accuracy=training.accuracy)


def _keep(result: Result, path: Path) -> None:
    row = dataclasses.asdict(result)
    is_new = not path.exists()
    with open(path, "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if is_new:
            writer.writeheader()
        writer.writerow(row)
