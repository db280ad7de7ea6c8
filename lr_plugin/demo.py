"""Writes example runs, without any training: `python -m lr_plugin.demo LOGDIR`.

The curves are made by formulas and look like those of real trainings; the same seed
gives the same runs. One run has a million iterations, in one of which the loss spikes.
"""

import argparse
import dataclasses
import os
from collections.abc import Callable, Mapping

import numpy as np

from lr_plugin import demo_curves
from lr_plugin.folders import join_folder, resolve_folder
from lr_plugin.rows import slice_rows
from lr_plugin.schema import Event, RangeTestRecord, RunInfo
from lr_plugin.writer.run_writer import RunWriter

SPIKE_STEP = 777_777
SPIKE_LOSS = 93.0
# Fixed, so that the files are the same each time.
_START_TIME = 1_760_000_000.0
# The run of a million iterations takes less than three hours.
_SECS_BETWEEN_RUNS = 3 * 3600.0
_ROWS_PER_WRITE = 65_536

WriteRun = Callable[["_DatedWriter", np.random.Generator], None]


def main(args: list[str] | None = None) -> None:
    """Parses the command line and writes the runs."""
    parser = argparse.ArgumentParser(
        prog="python -m lr_plugin.demo", description="Writes example runs."
    )
    parser.add_argument("logdir", help="directory for the runs; created if needed")
    parser.add_argument(
        "--num_runs",
        type=int,
        default=6,
        help="how many runs the search has that is among the examples (default: 6)",
    )
    parser.add_argument(
        "--long_steps",
        type=int,
        default=1_000_000,
        help="iterations of the long run; 0 leaves it out (default: 1000000)",
    )
    parser.add_argument("--seed", type=int, default=0, help="default: 0")
    options = parser.parse_args(args)
    if options.num_runs < 0 or options.long_steps < 0:
        parser.error("--num_runs and --long_steps must be 0 or more.")
    runs = write_demo(
        options.logdir,
        num_runs=options.num_runs,
        long_steps=options.long_steps,
        seed=options.seed,
    )
    print(f"Wrote {len(runs)} runs to {options.logdir}: {', '.join(runs)}.")
    print(f"To see them: tensorboard --logdir {options.logdir}")


def write_demo(
    logdir: str | os.PathLike[str],
    *,
    num_runs: int = 6,
    long_steps: int = 1_000_000,
    seed: int = 0,
) -> list[str]:
    """Writes the example runs and returns their names."""
    writers: dict[str, WriteRun] = {}
    if long_steps:
        writers["long"] = lambda writer, random: _write_long(writer, random, long_steps)
    writers |= {
        "constant": _write_constant,
        "cosine_with_warmup": _write_cosine,
        "step": _write_step,
        "diverging": _write_diverging,
        "accumulation": _write_accumulation,
        "resumed": _write_resumed,
        "range_test": _write_range_test,
    }
    for i in range(num_runs):
        writers[f"search/trial_{i:03d}"] = _write_trial
    logdir = resolve_folder(logdir)
    for i, (name, write_run) in enumerate(writers.items()):
        start_time = _START_TIME + i * _SECS_BETWEEN_RUNS
        writer = _DatedWriter(join_folder(logdir, name), start_time)
        with writer:
            write_run(writer, np.random.default_rng([seed, i]))
    return list(writers)


class _DatedWriter(RunWriter):
    """Writes a run whose times are computed from its steps."""

    def __init__(self, logdir: str, start_time: float):
        # With `resume` the examples replace those of an earlier call.
        super().__init__(logdir, resume=True)
        self._start_time = start_time

    def time_of(self, step: int) -> float:
        """Computes when a step happened; each takes ten milliseconds."""
        return self._start_time + 0.01 * float(step)


def _write_constant(writer: _DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(2000)
    rates = np.full(len(steps), 1e-3)
    info = _describe("Adam", 1e-3, "constant", steps_per_epoch=100, epochs=20)
    _write(writer, info, steps, rates, demo_curves.make_losses(rates, random))


def _write_cosine(writer: _DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(5000)
    rates = demo_curves.warm_up_and_anneal(steps, peak=4e-3, warmup_steps=500)
    info = _describe("Adam", 4e-3, "CosineDecay", steps_per_epoch=250, epochs=20)
    _write(writer, info, steps, rates, demo_curves.make_losses(rates, random))
    layers = [f"dense{suffix}/kernel" for suffix in ("", "_1", "_2")]
    for step in steps[::50]:
        samples = demo_curves.make_layer_samples(rates[step], len(layers), random)
        writer.write_layers(int(step), layers, samples, wall_time=writer.time_of(step))


def _write_step(writer: _DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(3000)
    rates = 0.1 * 0.1 ** (steps // 1000)
    info = _describe("SGD", 0.1, "constant", steps_per_epoch=100, epochs=30)
    losses = demo_curves.make_losses(rates, random, best_rate=0.03)
    _write(writer, info, steps, rates, losses, adam=False)
    for step in (1000, 2000):
        before, after = float(rates[step - 1]), float(rates[step])
        text = (
            f"No improvement for 5 epochs: the rate goes from {before:g} to {after:g}."
        )
        details = {"before": before, "after": after}
        writer.write_event(
            Event("plateau", step, text, details), wall_time=writer.time_of(step)
        )


def _write_diverging(writer: _DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(1500)
    rates = 1e-4 * 10 ** (steps / 400)
    losses = demo_curves.make_losses(rates, random)
    start, end = 900, 1234
    losses[start:end] *= np.exp(np.arange(end - start) / 40)
    losses[end:] = np.nan
    info = _describe("Adam", 1e-4, "ExponentialDecay", steps_per_epoch=100, epochs=15)
    _write(writer, info, steps, rates, losses)
    event = Event("nonfinite_loss", end, f"The loss is nan at step {end}.")
    writer.write_event(event, wall_time=writer.time_of(end))


def _write_accumulation(writer: _DatedWriter, random: np.random.Generator) -> None:
    # Four micro-batches make an update; loss scaling skips two of the updates.
    steps = np.arange(2400)
    rates = 2e-3 * 0.5 ** (steps / 800)
    applied = (steps % 4 == 3).astype(np.float32)
    skipped = (403, 1203)
    applied[list(skipped)] = 0
    info = _describe(
        "Adam",
        2e-3,
        "ExponentialDecay",
        steps_per_epoch=200,
        epochs=12,
        accumulation_steps=4,
    )
    losses = demo_curves.make_losses(rates / 4, random)
    _write(writer, info, steps, rates, losses, applied=applied)
    for step in skipped:
        text = f"The update at step {step} was skipped: gradients were not finite."
        event = Event("skipped_updates", step, text)
        writer.write_event(event, wall_time=writer.time_of(step))


def _write_resumed(writer: _DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(3000)
    rates = 3e-3 / (1 + 2e-3 * steps)
    losses = demo_curves.make_losses(rates, random)
    info = _describe("Adam", 3e-3, "InverseTimeDecay", steps_per_epoch=100, epochs=30)
    _write(writer, info, steps[:1650], rates[:1650], losses[:1650])
    # Killed in its 17th epoch, and resumed from the checkpoint at the end of the 15th.
    resumed = dataclasses.replace(info, first_step=1500, first_epoch=15)
    pause = 3600.0
    _write(writer, resumed, steps[1500:], rates[1500:], losses[1500:], pause_secs=pause)
    event = Event("restart", 1500, "Resumed from the checkpoint of epoch 15.")
    writer.write_event(event, wall_time=writer.time_of(1500) + pause)


def _write_range_test(writer: _DatedWriter, _: np.random.Generator) -> None:
    # What is said of it below is what `range_test` says of these losses, so that they
    # must be the same with every seed.
    random = np.random.default_rng(0)
    rates = np.geomspace(1e-6, 1.0, 200)
    repeats = [demo_curves.make_range_test_losses(rates, random) for _ in range(3)]
    smoothed = np.mean([losses[: min(map(len, repeats))] for losses in repeats], axis=0)
    info = _describe("Adam", 1e-3, "constant", steps_per_epoch=200, epochs=1)
    steps = np.arange(len(repeats[0]))
    _write(writer, info, steps, rates[steps], repeats[0])
    writer.write_range_test(
        RangeTestRecord(
            learning_rates=rates.tolist(),
            losses=[losses.tolist() for losses in repeats],
            smoothed=smoothed.tolist(),
            suggestion=2.03e-3,
            interval=(1.89e-3, 2.21e-3),
            reason="The batch loss fell from 0.00026 on, from 2.309 to 0.8081 at "
            "0.038, fastest at 0.002; by 3 repeats that lies between 0.0019 and 0.0022 "
            "with 90 % confidence.",
            suggestions={
                "steepest": 2.03e-3,
                "valley": 1.77e-3,
                "minimum/10": 3.71e-3,
            },
            usable_band=(2.58e-4, 8.8e-2),
            stop_reason="the loss rose to 4 times its lowest value",
        ),
        wall_time=writer.time_of(steps[-1]),
    )


def _write_trial(writer: _DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(1000)
    rate = float(10 ** random.uniform(-5, -0.5))
    decay = str(random.choice(["constant", "cosine"]))
    rates = np.full(len(steps), rate)
    if decay == "cosine":
        rates *= 0.5 * (1 + np.cos(np.pi * steps / len(steps)))
    losses = demo_curves.make_losses(rates, random)
    info = _describe("Adam", rate, decay, steps_per_epoch=100, epochs=10)
    score = round(float(1 - 0.3 * losses[-100:].mean() / 2.3), 4)
    extra = {
        "hparams": {"learning_rate": rate, "schedule": decay},
        "objective": "val_accuracy",
        "score": score,
    }
    _write(writer, dataclasses.replace(info, extra=extra), steps, rates, losses)


def _write_long(
    writer: _DatedWriter, random: np.random.Generator, num_steps: int
) -> None:
    steps = np.arange(num_steps)
    rates = demo_curves.warm_up_and_anneal(
        steps, peak=1e-3, warmup_steps=num_steps // 50
    )
    losses = demo_curves.make_losses(rates, random)
    losses[steps == SPIKE_STEP] = SPIKE_LOSS
    info = _describe(
        "AdamW", 1e-3, "CosineDecay", steps_per_epoch=10_000, epochs=num_steps // 10_000
    )
    _write(writer, info, steps, rates, losses)


def _describe(
    optimizer: str,
    rate: float,
    schedule: str,
    *,
    steps_per_epoch: int,
    epochs: int,
    accumulation_steps: int = 1,
) -> RunInfo:
    return RunInfo(
        optimizer={"class_name": optimizer, "config": {"learning_rate": rate}},
        schedule={"class_name": schedule, "config": {"initial_learning_rate": rate}},
        versions={"demo": "formulas, no training"},
        steps_per_epoch=steps_per_epoch,
        epochs=epochs,
        accumulation_steps=accumulation_steps,
    )


def _write(
    writer: _DatedWriter,
    info: RunInfo,
    steps: np.ndarray,
    rates: np.ndarray,
    losses: np.ndarray,
    *,
    applied: np.ndarray | None = None,
    adam: bool = True,
    pause_secs: float = 0.0,
) -> None:
    """Writes the rows of one training, with an event at the end of each epoch."""
    writer.write_run_info(info, wall_time=writer.time_of(steps[0]) + pause_secs)
    rows: dict[str, np.ndarray] = {
        "step": steps,
        "learning_rate": rates,
        "loss": losses,
    }
    if adam:
        rows["step_size"] = demo_curves.correct_bias(rates, steps)
    if applied is not None:
        rows["applied"] = applied
    for begin in range(0, len(steps), _ROWS_PER_WRITE):
        part = slice_rows(rows, begin, begin + _ROWS_PER_WRITE)
        writer.write_rows(part, wall_time=writer.time_of(part["step"][-1]) + pause_secs)
    for event in _make_epoch_ends(info, rows):
        writer.write_event(event, wall_time=writer.time_of(event.step) + pause_secs)


def _make_epoch_ends(info: RunInfo, rows: Mapping[str, np.ndarray]) -> list[Event]:
    events = []
    num_steps = info.steps_per_epoch or len(rows["step"])
    for begin in range(0, len(rows["step"]) - num_steps + 1, num_steps):
        epoch = info.first_epoch + begin // num_steps
        loss = float(np.mean(rows["loss"][begin : begin + num_steps]))
        text = f"Epoch {epoch + 1} ended: loss {loss:.4g}."
        step = int(rows["step"][begin + num_steps - 1])
        events.append(Event("epoch_end", step, text, {"epoch": epoch, "loss": loss}))
    return events


if __name__ == "__main__":
    main()
