"""The example runs, one after the other."""

import dataclasses
import os
from collections.abc import Callable

import numpy as np

from lr_plugin.demo import curves
from lr_plugin.demo.dated_writer import DatedWriter, describe, write
from lr_plugin.folders import join_folder, resolve_folder
from lr_plugin.schema import Event, RangeTestRecord

SPIKE_STEP = 777_777
SPIKE_LOSS = 93.0
# Fixed, so that the files are the same each time.
_START_TIME = 1_760_000_000.0
# The run of a million iterations takes less than three hours.
_SECS_BETWEEN_RUNS = 3 * 3600.0
_NUM_LANDSCAPE_SAMPLES = 40

WriteRun = Callable[[DatedWriter, np.random.Generator], None]


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
        writer = DatedWriter(join_folder(logdir, name), start_time)
        with writer:
            write_run(writer, np.random.default_rng([seed, i]))
    return list(writers)


def _write_constant(writer: DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(2000)
    rates = np.full(len(steps), 1e-3)
    info = describe("Adam", 1e-3, "constant", steps_per_epoch=100, epochs=20)
    losses = curves.make_losses(rates, random)
    write(writer, info, steps, rates, losses)
    _write_landscape(writer, steps, rates, losses, random)


def _write_cosine(writer: DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(5000)
    rates = curves.warm_up_and_anneal(steps, peak=4e-3, warmup_steps=500)
    info = describe("Adam", 4e-3, "CosineDecay", steps_per_epoch=250, epochs=20)
    losses = curves.make_losses(rates, random)
    write(writer, info, steps, rates, losses)
    _write_landscape(writer, steps, rates, losses, random)
    layers = [f"dense{suffix}/kernel" for suffix in ("", "_1", "_2")]
    for step in steps[::50]:
        samples = curves.make_layer_samples(rates[step], len(layers), random)
        writer.write_layers(int(step), layers, samples, wall_time=writer.time_of(step))


def _write_step(writer: DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(3000)
    rates = 0.1 * 0.1 ** (steps // 1000)
    info = describe("SGD", 0.1, "constant", steps_per_epoch=100, epochs=30)
    losses = curves.make_losses(rates, random, best_rate=0.03)
    write(writer, info, steps, rates, losses, adam=False)
    _write_landscape(writer, steps, rates, losses, random, best_rate=0.03)
    for step in (1000, 2000):
        before, after = float(rates[step - 1]), float(rates[step])
        text = (
            f"No improvement for 5 epochs: the rate goes from {before:g} to {after:g}."
        )
        details = {"before": before, "after": after}
        writer.write_event(
            Event("plateau", step, text, details), wall_time=writer.time_of(step)
        )


def _write_diverging(writer: DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(1500)
    rates = 1e-4 * 10 ** (steps / 400)
    losses = curves.make_losses(rates, random)
    start, end = 900, 1234
    losses[start:end] *= np.exp(np.arange(end - start) / 40)
    losses[end:] = np.nan
    info = describe("Adam", 1e-4, "ExponentialDecay", steps_per_epoch=100, epochs=15)
    write(writer, info, steps, rates, losses)
    _write_landscape(writer, steps[:end], rates, losses, random)
    event = Event("nonfinite_loss", end, f"The loss is nan at step {end}.")
    writer.write_event(event, wall_time=writer.time_of(end))


def _write_accumulation(writer: DatedWriter, random: np.random.Generator) -> None:
    # Four micro-batches make an update; loss scaling skips two of the updates.
    steps = np.arange(2400)
    rates = 2e-3 * 0.5 ** (steps / 800)
    applied = (steps % 4 == 3).astype(np.float32)
    skipped = (403, 1203)
    applied[list(skipped)] = 0
    info = describe(
        "Adam",
        2e-3,
        "ExponentialDecay",
        steps_per_epoch=200,
        epochs=12,
        accumulation_steps=4,
    )
    losses = curves.make_losses(rates / 4, random)
    write(writer, info, steps, rates, losses, applied=applied)
    for step in skipped:
        text = f"The update at step {step} was skipped: gradients were not finite."
        event = Event("skipped_updates", step, text)
        writer.write_event(event, wall_time=writer.time_of(step))


def _write_resumed(writer: DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(3000)
    rates = 3e-3 / (1 + 2e-3 * steps)
    losses = curves.make_losses(rates, random)
    info = describe("Adam", 3e-3, "InverseTimeDecay", steps_per_epoch=100, epochs=30)
    write(writer, info, steps[:1650], rates[:1650], losses[:1650])
    # Killed in its 17th epoch, and resumed from the checkpoint at the end of the 15th.
    resumed = dataclasses.replace(info, first_step=1500, first_epoch=15)
    pause = 3600.0
    write(writer, resumed, steps[1500:], rates[1500:], losses[1500:], pause_secs=pause)
    event = Event("restart", 1500, "Resumed from the checkpoint of epoch 15.")
    writer.write_event(event, wall_time=writer.time_of(1500) + pause)


def _write_range_test(writer: DatedWriter, _: np.random.Generator) -> None:
    # What is said of it below is what `range_test` says of these losses, so that they
    # must be the same with every seed.
    random = np.random.default_rng(0)
    rates = np.geomspace(1e-6, 1.0, 200)
    repeats = [curves.make_range_test_losses(rates, random) for _ in range(3)]
    smoothed = np.mean([losses[: min(map(len, repeats))] for losses in repeats], axis=0)
    info = describe("Adam", 1e-3, "constant", steps_per_epoch=200, epochs=1)
    steps = np.arange(len(repeats[0]))
    write(writer, info, steps, rates[steps], repeats[0])
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


def _write_trial(writer: DatedWriter, random: np.random.Generator) -> None:
    steps = np.arange(1000)
    rate = float(10 ** random.uniform(-5, -0.5))
    decay = str(random.choice(["constant", "cosine"]))
    rates = np.full(len(steps), rate)
    if decay == "cosine":
        rates *= 0.5 * (1 + np.cos(np.pi * steps / len(steps)))
    losses = curves.make_losses(rates, random)
    info = describe("Adam", rate, decay, steps_per_epoch=100, epochs=10)
    score = round(float(1 - 0.3 * losses[-100:].mean() / 2.3), 4)
    extra = {
        "hparams": {"learning_rate": rate, "schedule": decay},
        "objective": "val_accuracy",
        "score": score,
    }
    write(writer, dataclasses.replace(info, extra=extra), steps, rates, losses)
    _write_landscape(writer, steps, rates, losses, random)


def _write_long(
    writer: DatedWriter, random: np.random.Generator, num_steps: int
) -> None:
    steps = np.arange(num_steps)
    rates = curves.warm_up_and_anneal(steps, peak=1e-3, warmup_steps=num_steps // 50)
    losses = curves.make_losses(rates, random)
    losses[steps == SPIKE_STEP] = SPIKE_LOSS
    info = describe(
        "AdamW", 1e-3, "CosineDecay", steps_per_epoch=10_000, epochs=num_steps // 10_000
    )
    write(writer, info, steps, rates, losses)


def _write_landscape(
    writer: DatedWriter,
    steps: np.ndarray,
    rates: np.ndarray,
    losses: np.ndarray,
    random: np.random.Generator,
    *,
    best_rate: float = 2e-3,
) -> None:
    """Writes what other rates would have done, evenly spread over the steps."""
    for step in steps[:: len(steps) // _NUM_LANDSCAPE_SAMPLES].tolist():
        sample = curves.make_landscape_sample(
            float(rates[step]),
            float(losses[step]),
            progress=step / len(steps),
            best_rate=best_rate,
            random=random,
        )
        writer.write_landscape(step, sample, wall_time=writer.time_of(step))
