"""Silent mistakes that show in the learning rate."""

from collections.abc import Iterator

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.findings.finding import Finding, shorten
from lr_plugin.reader.overview import Overview
from lr_plugin.reader.recording import Recording

# Schedules whose `decay_steps` is the position of their end.
_SCHEDULES_WITH_END = ("CosineDecay", "PolynomialDecay")


def find_ignored_decay(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds a decay that was asked for and had no effect."""
    run_info, rates = recording.run_info, overview.statistics[schema.LEARNING_RATE]
    low, high = np.nanmin(rates[:, 0]), np.nanmax(rates[:, 1])
    if low != high or recording.num_iterations < 2:
        return
    hparams = run_info.extra.get("hparams")
    for source in (run_info.optimizer.get("config"), hparams, run_info.extra):
        for name in ("decay", "--decay"):
            decay = source.get(name) if isinstance(source, dict) else None
            if isinstance(decay, int | float) and decay > 0:
                yield Finding(
                    "ignored_decay",
                    "warning",
                    f"{name.lstrip('-')}={decay:g} was asked for, but all "
                    f"{recording.num_iterations:,} iterations used the rate "
                    f"{shorten(low)}: Keras 3 ignores an optimizer's `decay`. Give it "
                    f"`InverseTimeDecay({shorten(low)}, 1, {decay:g})` as its learning "
                    "rate.",
                    int(overview.steps[0]),
                )
                return


def find_zero_rate(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds iterations that used the rate 0."""
    is_zero = overview.statistics[schema.LEARNING_RATE][:, 1] == 0
    num_zero = int(overview.num_rows[is_zero].sum())
    # A warm-up may start from 0, and a schedule may end there.
    if num_zero < max(10, recording.num_iterations // 100):
        return
    step = int(overview.steps[np.argmax(is_zero)])
    yield Finding(
        "zero_rate",
        "warning",
        f"The rate was 0 in {num_zero:,} of {recording.num_iterations:,} iterations, "
        f"first around iteration {step:,}: these learned nothing. Give the schedule "
        "the length of the run, or an end above 0.",
        step,
    )


def find_early_end(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds a schedule that ended long before the training."""
    rates = overview.statistics[schema.LEARNING_RATE]
    last = rates[-1, 2]
    is_tail = (rates[:, 0] == last) & (rates[:, 1] == last)
    begin = len(is_tail) - int(np.argmin(is_tail[::-1]))
    # A rate that fell in stairs may stay on the last one; 0 is another finding.
    changes = np.diff(rates[:begin, 2]) != 0
    if is_tail.all() or last == 0 or not len(changes) or changes.mean() < 0.5:
        return
    num_rows = int(overview.num_rows[begin:].sum())
    share = num_rows / recording.num_iterations
    if share < 0.2 or num_rows < 100:
        return
    step = int(overview.steps[begin])
    name = recording.run_info.schedule.get("class_name", "schedule")
    yield Finding(
        "schedule_ended_early",
        "info",
        f"The rate has stayed at {shorten(last)} since about iteration {step:,}, for "
        f"{share:.0%} of the run: {name} came to its end before the training did. Give "
        "it the length of the run unless this is meant.",
        step,
    )


def find_unreached_end(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds a schedule that the training is too short for."""
    run_info = recording.run_info
    config = run_info.schedule.get("config") or {}
    name, decay_steps = run_info.schedule.get("class_name"), config.get("decay_steps")
    if name not in _SCHEDULES_WITH_END or not isinstance(decay_steps, int | float):
        return
    # In Keras' CosineDecay, `decay_steps` does not include the warm-up.
    length = decay_steps + (config.get("warmup_steps") or 0)
    if not run_info.steps_per_epoch or not run_info.epochs:
        return
    num_steps = run_info.steps_per_epoch * run_info.epochs
    if length < 1.2 * num_steps:
        return
    rates = overview.statistics[schema.LEARNING_RATE]
    yield Finding(
        "schedule_never_ends",
        "warning",
        f"{name} takes {length:,.0f} iterations to its end, but the training is "
        f"planned for {num_steps:,}: so far the rate went from {shorten(rates[0, 2])} "
        f"to {shorten(rates[-1, 2])}. Set `decay_steps` to the length of the run, "
        "warm-up not included.",
        recording.overview.last_step,
    )


def find_skipped_updates(recording: Recording, overview: Overview) -> Iterator[Finding]:
    """Finds that loss scaling skipped many updates."""
    num_updates = recording.num_iterations // recording.run_info.accumulation_steps
    num_skipped = num_updates - int(overview.num_applied.sum())
    if num_skipped < 10 or num_skipped < 0.05 * num_updates:
        return
    events = [e for e in recording.events if e.kind == "skipped_updates"]
    step = events[0].step if events else int(overview.steps[0])
    yield Finding(
        "skipped_updates",
        "warning",
        f"{num_skipped:,} of {num_updates:,} updates "
        f"({num_skipped / num_updates:.0%}) were skipped because gradients were not "
        "finite, first at about iteration "
        f"{step:,}. A few are normal while the loss scale settles; this many cost "
        "training time. Lower the rate, or begin with a lower loss scale.",
        step,
    )
