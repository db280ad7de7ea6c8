"""The runs that the browser tests look at, with values that can be checked by hand."""

from pathlib import Path

import numpy as np

from lr_plugin import schema
from lr_plugin.writer.run_writer import RunWriter

# As the tab lists them, the latest first.
RUNS = ("long", "range_test", "diverging", "cosine", "time_decay", "constant")
START_TIME = 1_760_000_000.0
STEPS_PER_EPOCH = 250
NUM_STEPS = 2000
NUM_LONG_STEPS = 300_000
SPIKE_STEP = 177_777
SPIKE_LOSS = 93.0
# More samples than a line chart can keep apart.
LAYERS = ("conv/kernel", "conv/bias", "dense/kernel", "dense/bias", "head/kernel")


def time_decay(steps: np.ndarray) -> np.ndarray:
    return 0.003 / (1 + 0.0002 * steps)


def decaying_loss(steps: np.ndarray, seed: int, *, scale: float = 2.3) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.08, len(steps))
    return (scale * np.exp(-steps / 600) + 0.05) * np.exp(noise)


def write_runs(logdir: Path) -> None:
    """Writes all of the runs below; the later ones started later."""
    steps = np.arange(NUM_STEPS)
    cosine = 0.003 * 0.5 * (1 + np.cos(np.pi * steps / (NUM_STEPS - 1)))
    constant = np.full(NUM_STEPS, 0.003)
    _write_run(logdir / "constant", 0, "constant", constant, critical_rate=0.03)
    decaying = time_decay(steps)
    _write_run(
        logdir / "time_decay", 1, "InverseTimeDecay", decaying, critical_rate=0.001
    )
    _write_run(logdir / "cosine", 2, "CosineDecay", cosine, has_layers=True)
    write_diverging(logdir / "diverging", 3)
    write_range_test(logdir / "range_test", 4)
    write_long(logdir / "long", 5)


def _write_run(
    logdir: Path,
    index: int,
    schedule: str,
    rates: np.ndarray,
    *,
    has_layers: bool = False,
    critical_rate: float | None = None,
) -> None:
    steps = np.arange(len(rates))
    start = START_TIME + 100_000 * index
    losses = decaying_loss(steps, index, scale=2.3 + 0.2 * index)
    correction = np.sqrt(1 - 0.999 ** (steps + 1)) / (1 - 0.9 ** (steps + 1))
    with RunWriter(logdir) as writer:
        writer.write_run_info(run_info(schedule, index), wall_time=start)
        writer.write_rows(
            {
                "step": steps,
                "learning_rate": rates,
                "loss": losses,
                "step_size": rates * correction,
            },
            wall_time=start + 0.5 * len(rates),
        )
        for epoch in range(len(rates) // STEPS_PER_EPOCH):
            step = (epoch + 1) * STEPS_PER_EPOCH - 1
            writer.write_event(
                schema.Event(
                    "epoch_end",
                    step,
                    f"Epoch {epoch + 1} ended: loss {losses[step]:.3f}.",
                    {"epoch": epoch},
                ),
                wall_time=start + 0.5 * step,
            )
        if has_layers:
            _write_layers(writer, start)
        if critical_rate is not None:
            for step in range(0, len(rates), 50):
                _write_landscape(writer, start, step, rates[step], critical_rate)


def _write_landscape(
    writer: RunWriter, start: float, step: int, used_rate: float, critical_rate: float
) -> None:
    """A loss of 2 that changes by 2 x (x - 1) at x times the critical rate."""
    rates = used_rate * 2.0 ** np.arange(-6, 7)
    relative = rates / critical_rate
    writer.write_landscape(
        step,
        schema.LandscapeSample(
            used_rate=float(used_rate),
            critical_rate=critical_rate if relative[-1] > 1 else np.inf,
            loss=2.0,
            rates=rates.tolist(),
            loss_changes=(2 * relative * (relative - 1)).tolist(),
        ),
        wall_time=start + 0.5 * step,
    )


def _write_layers(writer: RunWriter, start: float) -> None:
    sizes = np.array([3.0, 1.0, 0.3, 0.1, 0.03])
    for step in range(0, NUM_STEPS, 50):
        fading = 1 / (1 + step / 400)
        samples = {
            "effective_rate:p05": 0.001 * sizes * fading,
            "effective_rate:p50": 0.01 * sizes * fading,
            "effective_rate:p95": 0.1 * sizes * fading,
            "update_ratio": 0.003 * sizes * fading,
        }
        writer.write_layers(step, LAYERS, samples, wall_time=start + 0.5 * step)


def write_diverging(logdir: Path, index: int) -> None:
    """A rate that is too high: from step 900 on every tenth loss is NaN."""
    steps = np.arange(1000)
    losses = 2.3 * np.exp(steps / 250)
    losses[900::10] = np.nan
    applied = np.ones(1000)
    applied[900::10] = 0
    start = START_TIME + 100_000 * index
    with RunWriter(logdir) as writer:
        writer.write_run_info(run_info("constant", index, score=0.11), wall_time=start)
        writer.write_rows(
            {
                "step": steps,
                "learning_rate": np.full(1000, 0.5),
                "loss": losses,
                "applied": applied,
            },
            wall_time=start + 500,
        )
        writer.write_event(
            schema.Event("nonfinite_loss", 900, "The loss became NaN at step 900."),
            wall_time=start + 450,
        )


def write_range_test(logdir: Path, index: int) -> None:
    """100 rates from 1e-6 to 1; the loss falls steepest at 1e-3."""
    rates = np.logspace(-6, 0, 100)
    curve = (
        2.3 - 1.5 / (1 + (1e-3 / rates) ** 1.5) + np.where(rates > 0.1, rates * 8, 0)
    )
    noise = np.random.default_rng(index).normal(0, 0.03, (3, 100))
    start = START_TIME + 100_000 * index
    with RunWriter(logdir) as writer:
        writer.write_run_info(run_info("range test", index), wall_time=start)
        writer.write_rows(
            {"step": np.arange(100), "learning_rate": rates, "loss": curve + noise[0]},
            wall_time=start + 20,
        )
        writer.write_range_test(
            schema.RangeTestRecord(
                learning_rates=rates.tolist(),
                losses=(curve + noise).tolist(),
                smoothed=curve.tolist(),
                suggestion=1e-3,
                interval=(6e-4, 1.6e-3),
                reason="The loss falls steepest here, in all of 3 repeats.",
                suggestions={"steepest": 1e-3, "valley": 2e-3, "minimum/10": None},
                usable_band=(2e-4, 0.1),
                stop_reason="the loss was four times its lowest value",
            )
        )
        for step in range(0, 100, 25):
            _write_landscape(writer, start, step, rates[step], 0.01)


def write_long(logdir: Path, index: int) -> None:
    """Many iterations, a single one of which has a high loss."""
    steps = np.arange(NUM_LONG_STEPS)
    noise = np.random.default_rng(index).normal(0, 0.1, NUM_LONG_STEPS)
    losses = (2.0 * np.exp(-steps / 60_000) + 0.1) * np.exp(noise)
    losses[SPIKE_STEP] = SPIKE_LOSS
    rates = 0.001 * 0.5 ** (steps // 100_000)
    start = START_TIME + 100_000 * index
    with RunWriter(logdir) as writer:
        writer.write_run_info(run_info("step", index, score=0.98), wall_time=start)
        writer.write_rows(
            {"step": steps, "learning_rate": rates, "loss": losses},
            wall_time=start + 3600,
        )


def run_info(
    schedule: str, index: int, *, score: float | None = None
) -> schema.RunInfo:
    extra = {"hparams": {"learning_rate": 0.003, "warmup": index}}
    return schema.RunInfo(
        optimizer={"class_name": "Adam", "config": {"beta_1": 0.9, "beta_2": 0.999}},
        schedule={"class_name": schedule, "config": {}},
        steps_per_epoch=STEPS_PER_EPOCH,
        epochs=8,
        extra=extra if score is None else {**extra, "score": score},
    )
