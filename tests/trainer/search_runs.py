"""One small search, which tests look at, interrupt, and share among machines."""

import csv
import os
import subprocess
import sys

# Of three rates the last diverges in its first updates.
FLAGS = [
    "--mode=search",
    "--tuner=grid",
    "--learning_rate=0.01,0.1,1e30",
    "--optimizer=sgd",
    "--epochs=2",
    "--batch_size=64",
    "--objective=val_accuracy",
]
RUNS = ["01-lr0.01", "02-lr0.1", "03-lr1e+30"]
# 1438 digits in batches of 64 are 23 an epoch.
NUM_STEPS = 46


def start_search(*flags, **env):
    """Starts a search as another program."""
    return subprocess.Popen(
        [sys.executable, "-m", "trainer", *FLAGS, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **env},
    )


def read_results(folder):
    """Reads the rows of results.csv by run name."""
    with (folder / "results.csv").open(newline="") as file:
        return {row["run"]: row for row in csv.DictReader(file)}
