"""Writes runs of a million iterations, as this package does and as stock scalars."""

import os
import shutil
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

NUM_STEPS = 1_000_000
SPIKE_STEP, SPIKE_LOSS = 777_777, 93.0


def write_runs(logdir: Path, num_runs: int) -> None:
    """Writes one run, copies of it, and the same as scalars, unless they exist."""
    source = logdir / "one" / "run000"
    if not source.exists():
        with RunWriter(source) as writer:
            writer.write_run_info(RunInfo(steps_per_epoch=10_000, epochs=100))
            for begin in range(0, NUM_STEPS, 50_000):
                steps = np.arange(begin, begin + 50_000)
                rows = {"learning_rate": rate_at(steps), "loss": loss_at(steps)}
                writer.write_rows({"step": steps, **rows, "step_size": rate_at(steps)})
    for i in range(num_runs):
        copy = logdir / "many" / f"run{i:03d}"
        if not copy.exists():
            shutil.copytree(source, copy)
    if not (logdir / "stock").exists():
        write_scalars(logdir / "stock" / "run000")


def write_many_short_runs(logdir: Path, num_runs: int, num_steps: int) -> None:
    """Writes runs that differ in their rate and their noise."""
    for i in range(num_runs):
        if (logdir / f"run{i:03d}").exists():
            continue
        with RunWriter(logdir / f"run{i:03d}") as writer:
            writer.write_run_info(RunInfo(steps_per_epoch=100))
            steps = np.arange(num_steps)
            losses = (1 + i / 10) * loss_at(steps * (NUM_STEPS // num_steps) + i)
            rates = rate_at(steps * (NUM_STEPS // num_steps)) / (1 + i)
            writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})


def write_scalars(directory: Path) -> None:
    """Writes every iteration as two stock scalars, as `tf.summary.scalar` would."""
    os.makedirs(directory)
    steps = np.arange(NUM_STEPS)
    columns = {"learning_rate": rate_at(steps), "iteration_loss": loss_at(steps)}
    with open(directory / "events.out.tfevents.0.stock", "wb") as file:
        records = RecordWriter(file)
        for step in steps.tolist():
            for tag, values in columns.items():
                value = summary_pb2.Summary.Value(
                    tag=tag,
                    metadata=scalar_metadata.create_summary_metadata(tag, ""),
                    tensor=tensor_util.make_tensor_proto(values[step]),
                )
                summary = summary_pb2.Summary(value=[value])
                event = event_pb2.Event(wall_time=step, step=step, summary=summary)
                records.write(event.SerializeToString())


def rate_at(steps: np.ndarray) -> np.ndarray:
    return (5e-4 * (1 + np.cos(np.pi * steps / NUM_STEPS))).astype(np.float32)


def loss_at(steps: np.ndarray) -> np.ndarray:
    noise = np.sin(steps * 12.9898) * 43758.5453 % 1
    losses = (2 * np.exp(-steps / 2e5) + 0.1 * noise).astype(np.float32)
    return np.where(steps == SPIKE_STEP, np.float32(SPIKE_LOSS), losses)
