"""Runs in which the browser has something to say, each thing in a number of its own."""

import math
from pathlib import Path

import numpy as np
from scalar_files import write_scalars
from sentence_runs import noise

from lr_plugin.schema import Event, RangeTestRecord, RunInfo
from lr_plugin.writer.run_writer import RunWriter

START = 1_760_000_000.0
# More rows than are read for one picture of all runs.
NUM_HUGE = 3_100_000
LAYERS = [f"layer{i}/kernel" for i in range(30)]
INTERVAL, BAND = (6e-4, 1.6e-3), (2e-4, 0.1)


def write_runs(logdir: Path) -> None:
    """Writes the runs; the later ones started later."""
    write_odd(logdir / "odd")
    write_plain(logdir / "plain")
    write_single(logdir / "single")
    write_diverged(logdir / "diverged")
    write_eventful(logdir / "eventful")
    write_trials(logdir)
    write_tests(logdir)
    write_huge(logdir / "huge")
    write_damaged(logdir / "damaged")
    rows = [(step, {"lr": 0.1, "loss": 2.0}) for step in range(10)]
    write_scalars(logdir / "foreign", rows)


def write_odd(folder: Path) -> None:
    """A rate that falls through seven decades, and rows that are odd in every way."""
    steps = np.arange(400)
    losses = (0.1 + np.exp(-steps / 100)) * noise(400)
    losses[[7, 8]] = np.nan
    losses[[20, 21, 22]] = 0
    applied = np.ones(400)
    applied[30:35] = 0
    rates = 0.1 * 10 ** (-7 * steps / 399)
    sizes = rates.copy()
    sizes[50] = np.nan
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100, epochs=4), wall_time=START)
        columns = {"learning_rate": rates, "loss": losses, "applied": applied}
        rows = {"step": steps, **columns, "step_size": sizes}
        writer.write_rows(rows, wall_time=START + 40)
        samples = {
            "effective_rate:p50": np.geomspace(0.01, 0.1, len(LAYERS)),
            "update_ratio": np.geomspace(0.001, 0.5, len(LAYERS)),
        }
        for step in (0, 100):
            writer.write_layers(step, LAYERS, samples, wall_time=START + step / 10)


def write_plain(folder: Path) -> None:
    """A run of which nothing is odd, with a validation."""
    steps = np.arange(300)
    losses = (0.2 + np.exp(-steps / 60)) * noise(300, seed=1)
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100), wall_time=START + 100)
        rates = np.geomspace(0.01, 0.001, 300)
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": losses},
            wall_time=START + 130,
        )
        for epoch, value in enumerate((0.5, 0.25, 0.375)):
            details = {"epoch": epoch, "val_loss": value}
            event = Event("epoch_end", 100 * epoch + 99, "Epoch ended.", details)
            writer.write_event(event, wall_time=START + 110)


def write_single(folder: Path) -> None:
    """One iteration, which belongs to no epoch."""
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(), wall_time=START + 200)
        columns = {"step": 0, "learning_rate": 0.03, "loss": 1.5}
        rows = {name: np.array([value]) for name, value in columns.items()}
        writer.write_rows(rows, wall_time=START + 201)


def write_diverged(folder: Path) -> None:
    """A loss that rises from the middle of the run on, to 2e33."""
    steps = np.arange(1000)
    losses = np.where(steps < 500, 2.3 - steps / 250, 0.3 * 10 ** ((steps - 500) / 15))
    rates = 0.01 * 10 ** (steps / 500)
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=100), wall_time=START + 300)
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": losses},
            wall_time=START + 400,
        )


def write_eventful(folder: Path) -> None:
    """20,000 rows, a spike, and more events than are listed."""
    losses = 0.03 * noise(20_000, seed=2)
    losses[7777] = 50
    steps = np.arange(20_000)
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=500), wall_time=START + 1000)
        rates = np.geomspace(0.01, 0.001, 20_000)
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": losses},
            wall_time=START + 2000,
        )
        for i in range(320):
            event = Event("note", 50 * i, f"Note number {i}.")
            writer.write_event(event, wall_time=START + 1000 + i)


def write_trials(logdir: Path) -> None:
    """A search: two trials with a score, and one that diverged."""
    scores = {"a": (0.001, 0.9), "b": (0.01, 0.95), "c": (0.5, -math.inf)}
    for i, (name, (rate, score)) in enumerate(scores.items()):
        extra = {"hparams": {"learning_rate": rate}, "objective": "val_accuracy"}
        start = START + 3000 + 100 * i
        with RunWriter(logdir / "trials" / name) as writer:
            writer.write_run_info(RunInfo(extra=extra), wall_time=start)
            losses = (0.5 + np.exp(-np.arange(100) / 30)) * noise(100, seed=i)
            rows = {"step": np.arange(100), "learning_rate": np.full(100, rate)}
            writer.write_rows({**rows, "loss": losses}, wall_time=start + 10)
            details = {"score": score, "objective": "val_accuracy", "direction": "max"}
            event = Event("score", 99, "The trial ended.", details)
            writer.write_event(event, wall_time=start + 10)


def write_tests(logdir: Path) -> None:
    """A range test with a suggestion, and one without."""
    rates = np.geomspace(1e-6, 1, 50)
    losses = 2.3 - 1.5 / (1 + (1e-3 / rates) ** 1.5)
    found = {
        "suggestion": 1e-3,
        "interval": INTERVAL,
        "reason": "The loss falls fastest here.",
        "suggestions": {"steepest": 1e-3, "valley": 2e-3},
        "usable_band": BAND,
        "stop_reason": "the loss was four times its lowest value",
    }
    none = {**found, "suggestion": None, "interval": None, "usable_band": None}
    none |= {"reason": "The loss is flat.", "suggestions": {}}
    for i, (name, result) in enumerate({"found": found, "none": none}.items()):
        start = START + 4000 + 100 * i
        with RunWriter(logdir / "tests" / name) as writer:
            writer.write_run_info(RunInfo(), wall_time=start)
            rows = {"step": np.arange(50), "learning_rate": rates, "loss": losses}
            writer.write_rows(rows, wall_time=start + 10)
            writer.write_range_test(
                RangeTestRecord(
                    learning_rates=rates.tolist(),
                    losses=[losses.tolist(), (losses + 0.7).tolist()],
                    smoothed=losses.tolist(),
                    loss_name="validation loss",
                    **result,
                ),
                wall_time=start + 10,
            )


def write_huge(folder: Path) -> None:
    """Millions of rows, one of which has no finite loss."""
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(), wall_time=START + 5000)
        for begin in range(0, NUM_HUGE, 100_000):
            steps = np.arange(begin, begin + 100_000)
            losses = 1 + 0.1 * np.sin(steps)
            losses[steps == 2_000_000] = np.inf
            rows = {"step": steps, "learning_rate": np.full(100_000, 0.01)}
            writer.write_rows({**rows, "loss": losses}, wall_time=START + 5000 + begin)


def write_damaged(folder: Path) -> None:
    """A file in whose middle are zeros."""
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(), wall_time=START - 100)
        for begin in range(0, 4096, 1024):
            steps = np.arange(begin, begin + 1024)
            rows = {"step": steps, "learning_rate": np.full(1024, 0.01)}
            writer.write_rows({**rows, "loss": 1 + noise(1024)}, wall_time=START - 50)
            writer.flush()
    (path,) = folder.glob("learning_rate/*tfevents*")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 5000] = bytes(5000)
    path.write_bytes(content)
