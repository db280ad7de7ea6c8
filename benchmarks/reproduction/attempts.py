"""Keeps how long programs ran for a training; after an interruption there are more."""

import csv
import pathlib

_FILE = "attempts.csv"


def add_attempt(folder: pathlib.Path, *, secs: float, cpu_secs: float) -> None:
    """Adds a program's wall and processor time, whether it finished or not."""
    with (folder / _FILE).open("a", newline="") as file:
        csv.writer(file).writerow([f"{secs:.1f}", f"{cpu_secs:.1f}"])


def total_cpu_secs(folder: pathlib.Path) -> float:
    """Adds up the processor time of all programs that ran for the training."""
    path = folder / _FILE
    if not path.is_file():
        return 0.0
    with path.open(newline="") as file:
        return sum(float(cpu_secs) for _, cpu_secs in csv.reader(file))
