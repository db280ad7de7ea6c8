"""Runs of which one thing is wrong, each written so that it must be told."""

import contextlib
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lr_plugin.schema import Event, LandscapeSample, RunInfo
from lr_plugin.writer import RunWriter

RUNS: dict[str, Callable[[Path], None]] = {}
START = 1_760_000_000.0


def run_of(kind: str):
    """Registers the run in which a finding of this kind must be found."""

    def register(write):
        RUNS[kind] = write
        return write

    return register


_factor = 1


@contextlib.contextmanager
def stretched(factor):
    """Writes runs so many times as long: each row several times, with other noise."""
    global _factor
    _factor = factor
    yield
    _factor = 1


def write(folder, rates, losses, *, steps=None, applied=None, events=(), infos=()):
    infos = infos or [RunInfo(steps_per_epoch=100)]
    if _factor > 1:
        losses = np.repeat(losses, _factor)
        losses = losses * noise(len(losses), seed=1)
        rates = np.repeat(rates, _factor)
        applied = None if applied is None else np.repeat(applied, _factor)
        infos = [_stretch(info) for info in infos]
    steps = np.arange(len(losses)) if steps is None else steps
    bounds = [info.first_step for info in infos[1:]] + [int(steps[-1]) + 1]
    with RunWriter(folder) as writer:
        for info, stop in zip(infos, bounds, strict=True):
            writer.write_run_info(info, wall_time=START + info.first_step)
            part = (steps >= info.first_step) & (steps < stop)
            rows = {"step": steps, "learning_rate": rates, "loss": losses}
            if applied is not None:
                rows["applied"] = applied
            writer.write_rows(
                {name: values[part] for name, values in rows.items()},
                wall_time=START + stop,
            )
        for event in events:
            writer.write_event(event, wall_time=START + event.step)


def _stretch(info):
    config = {k: v * _factor for k, v in info.schedule.get("config", {}).items()}
    return dataclasses.replace(
        info,
        steps_per_epoch=(info.steps_per_epoch or 100) * _factor,
        first_step=info.first_step * _factor,
        schedule={**info.schedule, "config": config} if config else info.schedule,
    )


def noise(n, seed=0, scale=0.05):
    return np.exp(scale * np.random.default_rng(seed).standard_normal(n))


def fall(n, end=0.05, length=0.15):
    return (end + 2.2 * np.exp(-np.arange(n) / (length * n))) * noise(n)


@run_of("nonfinite_loss")
def _(folder):
    losses = fall(1500)
    losses[1234:] = np.nan
    write(folder, 1e-4 * 10 ** (np.arange(1500) / 400), losses)


@run_of("diverged")
def _(folder):
    steps = np.arange(3000)
    rise = 0.1 * np.exp((steps - 2000) / 175)
    losses = np.where(steps < 2000, 0.1 + 2.2 * np.exp(-steps / 250), rise)
    write(folder, 1e-4 * 10 ** (steps / 1000), losses * noise(3000))


@run_of("flat_loss")
def _(folder):
    write(folder, np.geomspace(0.2, 0.1, 2000), 2.3 * noise(2000))


@run_of("spike")
def _(folder):
    losses = fall(20_000)
    losses[7777] = 93
    write(folder, np.full(20_000, 1e-3), losses)


@run_of("still_falling")
def _(folder):
    infos = [RunInfo(steps_per_epoch=100, epochs=20)]
    losses = np.linspace(2.3, 0.8, 2000) * noise(2000)
    write(folder, np.full(2000, 1e-3), losses, infos=infos)


@run_of("cut_while_falling")
def _(folder):
    details = {"rate_before": 0.1, "rate_after": 0.05}
    event = Event("plateau", 600, "loss 1.9 is no improvement on 1.8.", details)
    rates = np.where(np.arange(2000) < 600, 0.1, 0.05)
    write(folder, rates, fall(2000, length=0.2), events=[event])


@run_of("decayed_too_early")
def _(folder):
    steps = np.arange(2000)
    losses = (1.3 + np.exp(-steps / 60)) * noise(2000)
    write(folder, 0.01 * 100.0 ** (-steps / 200), losses)


@run_of("ignored_decay")
def _(folder):
    infos = [RunInfo(extra={"hparams": {"--decay": 2e-4}})]
    write(folder, np.full(1000, 0.003), fall(1000), infos=infos)


@run_of("zero_rate")
def _(folder):
    rates = np.concatenate([np.linspace(0.1, 0, 900), np.zeros(600)])
    write(folder, rates, fall(1500))


@run_of("rate_jump")
def _(folder):
    infos = [
        RunInfo(steps_per_epoch=100),
        RunInfo(steps_per_epoch=100, first_step=1200, first_epoch=12),
    ]
    rates = np.concatenate(
        [np.geomspace(0.1, 1e-3, 1200), np.geomspace(0.1, 0.05, 800)]
    )
    write(folder, rates, fall(2000), infos=infos)


@run_of("skipped_updates")
def _(folder):
    applied = np.ones(2000)
    applied[503:700] = 0
    write(folder, np.geomspace(1e-2, 1e-4, 2000), fall(2000), applied=applied)


@run_of("schedule_never_ends")
def _(folder):
    config = {"decay_steps": 9000, "warmup_steps": 1000}
    schedule = {"class_name": "CosineDecay", "config": config}
    infos = [RunInfo(schedule=schedule, steps_per_epoch=100, epochs=20)]
    write(folder, np.linspace(0.1, 0.09, 1500), fall(1500), infos=infos)


@run_of("schedule_ended_early")
def _(folder):
    schedule = {"class_name": "PolynomialDecay", "config": {}}
    rates = np.concatenate([np.geomspace(0.1, 2e-3, 1281), np.full(700, 1e-3)])
    infos = [RunInfo(schedule=schedule, steps_per_epoch=100)]
    write(folder, rates, fall(1981), infos=infos)


@run_of("short_warmup")
def _(folder):
    steps = np.arange(3000)
    rates = np.where(steps < 60, 0.2 * (steps + 1) / 60, 0.2 * 0.999 ** (steps - 60))
    bump = 6 * np.exp(-(((steps - 80) / 25) ** 2))
    write(folder, rates, (0.1 + 2.2 * np.exp(-steps / 400) + bump) * noise(3000))


@run_of("iterations_without_data")
def _(folder):
    # Five batches an epoch, and a sixth iteration that the optimizer counts.
    steps = np.concatenate([6 * epoch + np.arange(5) for epoch in range(4)])
    events = [
        Event("epoch_end", 6 * epoch + 4, "Ended.", {"epoch": epoch})
        for epoch in range(4)
    ]
    rates = np.geomspace(0.1, 0.01, 20)
    write(folder, rates, fall(20), steps=steps, events=events, infos=[RunInfo()])


SGD = RunInfo(steps_per_epoch=100, optimizer={"class_name": "SGD", "config": {}})


def write_samples(folder, rates, make_sample):
    """Adds to a run of 1000 iterations a sample at every fiftieth."""
    with RunWriter(folder, resume=True) as writer:
        for step in range(0, 1000, 50):
            rate = float(np.float32(rates[step]))
            headroom, loss, change = make_sample(step)
            sample = LandscapeSample(
                used_rate=rate,
                critical_rate=headroom * rate,
                loss=loss,
                rates=[rate, 64 * rate],
                loss_changes=[change, 1.0],
            )
            writer.write_landscape(step, sample)


@run_of("rate_too_low")
def _(folder):
    rates = np.geomspace(0.01, 0.008, 1000)
    write(folder, rates, fall(1000), infos=[SGD])
    write_samples(folder, rates, lambda step: (40.96, 1.0, -0.1))


@run_of("rate_too_high")
def _(folder):
    rates = np.geomspace(0.01, 0.008, 1000)
    write(folder, rates, fall(1000), infos=[SGD])
    # Of 20 updates 15 raise the loss by 0.4 of it, and 5 lower it by 0.2.
    write_samples(
        folder,
        rates,
        lambda step: (0.5, 0.5, 0.2 if step % 200 else -0.1),
    )


@run_of("decayed_with_room")
def _(folder):
    rates = 0.1 * 0.01 ** np.minimum(np.arange(1000) / 300, 1)
    rates *= np.geomspace(1, 0.9, 1000)
    write(folder, rates, fall(1000), infos=[SGD])
    write_samples(folder, rates, lambda step: (0.16 / rates[step], 1.0, -0.1))
