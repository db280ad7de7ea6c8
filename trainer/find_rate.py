"""The range test by flags: `--mode=range_test` and `--learning_rate=auto`."""

import dataclasses
import pathlib
from typing import Any

import numpy as np
import tensorflow as tf

from lr_plugin import schema
from lr_plugin.keras import RangeTest, range_test
from lr_plugin.keras.capture.optimizers.describe_optimizer import describe_optimizer
from lr_plugin.keras.schedules import rate_at
from lr_plugin.writer.run_writer import RunWriter
from trainer.data.origin import Origin
from trainer.data.pipeline import first_batch
from trainer.data.user_function import Batched
from trainer.errors import ConfigError
from trainer.optimizers.building import check_optimizer
from trainer.planning.plan import Plan
from trainer.planning.rate_flags import RATE_FLAGS
from trainer.remote_logdir import local_logdir, shown_path
from trainer.runs.folder import begin_run, check_run_folder, short_name
from trainer.settings.config import Config
from trainer.settings.schedule import flags_of_schedule
from trainer.train import Training, build_training, compiled_model, extra_info

_MAX_VALIDATION = 512


def run_range_test(config: Config) -> RangeTest:
    """Tests the model and the data that the flags name, and says what was found.

    The test is a run itself. It leaves in <logdir>/<run>: range_test.json,
    range_test.png, flags.txt, and what the tab shows.

    Raises:
        ConfigError: The flags ask for something impossible; nothing was written.
    """
    run_name = config.run or _unused_run_name(config, None)
    config = dataclasses.replace(config, mode="range_test", run=run_name)
    check_run_folder(config)
    training = _training_to_test(config)
    model = compiled_model(training)
    result = range_test(
        model,
        training.batches.endless(),
        min_learning_rate=config.range_test_min,
        max_learning_rate=config.range_test_max,
        num_steps=config.range_test_steps,
        repeats=config.range_test_repeats,
        validation_data=_fixed_batch(training)
        if config.range_test_validation
        else None,
    )
    folder = begin_run(config)
    (folder / "range_test.json").write_text(schema.to_json(result) + "\n")
    result.plot(folder / "range_test.png")
    with RunWriter(folder) as writer:
        writer.write_run_info(
            schema.RunInfo(
                # The tab draws the test beside trainings with this optimizer.
                optimizer=describe_optimizer(model.optimizer, note=print),
                extra={**extra_info(training.config), "kind": "range_test"},
            )
        )
        writer.write_range_test(result)
    print(_describe(result, folder))
    return result


def find_rate(config: Config) -> RangeTest:
    """Tests before a training or a search; the test is another run beside it.

    Returns:
        A result that has a suggestion and its interval.

    Raises:
        ConfigError: The training or the search that is to follow is impossible, and
            nothing was written; or the test suggests no rate.
    """
    if config.resume:
        raise ConfigError(
            "`--learning_rate=auto` tests a model before it is trained. Received: "
            "--learning_rate=auto --resume, of a run that began with another rate. "
            "Leave it out or give a number."
        )
    check_run_folder(config)
    run_name = _unused_run_name(config, config.run and f"{config.run}-range-test")
    result = run_range_test(dataclasses.replace(config, run=run_name))
    if result.suggestion is None:
        raise ConfigError(
            "`--learning_rate=auto` needs a range test that suggests a rate. Received: "
            f"none. {result.reason} Or give --learning_rate=NUMBER."
        )
    return result


def with_found_rate(config: Config) -> Config:
    """Gives the settings to train with: `--learning_rate=auto` becomes a number.

    The suggestion is the highest rate of the training; schedules that rise from
    --learning_rate to --max_learning_rate begin at a tenth of it.

    Raises:
        ConfigError: As `find_rate`.
    """
    if config.learning_rate != "auto":
        return config
    suggestion = find_rate(config).suggestion
    assert suggestion is not None
    rate, top = _rounded(suggestion), config.max_learning_rate
    shown = f"--learning_rate={rate:g}"
    rises = "max_learning_rate" in flags_of_schedule(config.schedule_name)
    if rises and top is None:
        rate, top = _rounded(suggestion / 10), rate
        shown = f"--learning_rate={rate:g} --max_learning_rate={top:g}"
    print(f"Training with {shown}, as the range test suggests.")
    return dataclasses.replace(config, learning_rate=rate, max_learning_rate=top)


def _rounded(rate: float) -> float:
    """Rounds to three significant digits: more than the test can tell, easy to type."""
    return float(f"{rate:.3g}")


def _training_to_test(config: Config) -> Training:
    """Builds the training that the flags ask for, at a constant rate.

    The range test brings its rates itself; the schedule is only checked.

    Raises:
        ConfigError: That training is impossible, or its schedule is.
    """
    check_optimizer(config)
    # A schedule must start at some rate, and --learning_rate may not be known yet.
    rate = config.range_test_min
    training = build_training(dataclasses.replace(config, learning_rate=rate))
    momentum = training.plan.momentum
    if momentum is not None:
        momentum = float(rate_at(momentum, 0))
    return dataclasses.replace(
        training,
        config=_without_schedule(config),
        plan=Plan(learning_rate=rate, momentum=momentum, lines=()),
    )


def _fixed_batch(training: Training) -> tuple[Any, ...]:
    """Takes held-out examples evenly from all of them: they may be sorted by class."""
    held_out = training.data.validation
    if held_out is None:
        raise ConfigError(
            "`--range_test_validation` needs examples that are held out. Received: "
            f"--validation_split={training.config.validation_split:g}. Raise it, or "
            "leave --range_test_validation out."
        )
    if isinstance(held_out, Batched):
        origin = Origin(
            f"--dataset={training.config.dataset}", "Correct what it yields."
        )
        return tuple(first_batch(held_out, origin))
    last = held_out.num_examples - 1
    every = np.linspace(0, last, min(last + 1, _MAX_VALIDATION)).astype(int)
    return tuple(
        tf.nest.map_structure(lambda array: array.numpy(), held_out.gather(every))
    )


def _without_schedule(config: Config) -> Config:
    return dataclasses.replace(config, learning_rate=None, **RATE_FLAGS)


def _unused_run_name(config: Config, name: str | None) -> str:
    """Finds a name that no run has: the one given, or one made of the settings.

    Where a run has that name, -2, -3, ... follow it.
    """
    parts = [short_name(config.dataset), short_name(config.model)]
    parts += [config.optimizer or "own", "range-test"]
    base = name or "-".join(parts)
    run_name, number = base, 1
    while (local_logdir(config.logdir) / run_name).exists():
        number += 1
        run_name = f"{base}-{number}"
    return run_name


def _describe(result: RangeTest, folder: pathlib.Path) -> str:
    if result.suggestion is None or result.interval is None:
        lines = ["Range test: no suggestion."]
    else:
        low, high = result.interval
        lines = [
            f"Range test: suggested learning rate {result.suggestion:.3g}, "
            f"90 % interval {low:.3g} to {high:.3g}."
        ]
    lines.append(f"  {result.reason}")
    if result.usable_band is not None:
        low, high = result.usable_band
        lines.append(
            f"  usable band    {low:.3g} to {high:.3g}, from the first clear "
            "improvement to divergence"
        )
        others = ", ".join(
            f"{name} {rate:.3g}"
            for name, rate in result.suggestions.items()
            if rate is not None
        )
        lines.append(f"  by rule        {others}")
    lines.append(f"  ended          {result.stop_reason}")
    lines.append(f"  in             {shown_path(folder)}")
    return "\n".join(lines)
