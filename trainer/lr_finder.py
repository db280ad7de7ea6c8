"""Finds the learning rate: in a script by `range_test`, by the trainer's flags too.

Example:

```python
from trainer.lr_finder import range_test

result = range_test(model, x_train, y_train, batch_size=128)
print(result.reason)
result.plot("range_test.png")
```
"""

import dataclasses
import pathlib
from typing import TYPE_CHECKING, Any

from lr_plugin import schema
from lr_plugin.writer import RunWriter
from trainer.range_test import RangeTest, range_test

if TYPE_CHECKING:
    from trainer.config import Config

__all__ = ["RangeTest", "find_learning_rate", "range_test", "run_range_test"]

# What the trainer imports is imported where it is used: a script that wants
# `range_test` alone needs neither its flags nor its data.


def run_range_test(config: "Config") -> RangeTest:
    """Tests the model and the data that the flags name, and says what was found.

    Leaves in <logdir>/<run>, a run of its own: range_test.json, range_test.png,
    flags.txt, and what the tab shows.

    Raises:
        ConfigError: Something asked for cannot be; then nothing has been written.
    """
    from trainer.run_folder import begin_run, check_run_folder
    from trainer.train import build_task, compiled_model, run_info

    config = _without_schedule(config)
    config = dataclasses.replace(config, mode="range_test", run=_choose_name(config))
    check_run_folder(config)
    task = build_task(config)
    result = range_test(
        compiled_model(task),
        task.data.x_train,
        task.data.y_train,
        batch_size=config.batch_size,
        min_learning_rate=config.range_test_min,
        max_learning_rate=config.range_test_max,
        num_steps=config.range_test_steps,
        repeats=config.range_test_repeats,
    )
    folder = begin_run(config)
    (folder / "range_test.json").write_text(schema.to_json(result) + "\n")
    result.plot(folder / "range_test.png")
    with RunWriter(folder) as writer:
        writer.write_run_info(
            schema.RunInfo(extra={**run_info(config), "kind": "range_test"})
        )
        writer.write_range_test(result)
    print(_describe(result, folder))
    return result


def find_learning_rate(config: "Config") -> float:
    """Tests, and returns the rate to train with: what `--learning_rate=auto` means.

    The test is a run of its own, beside the training that follows.

    Raises:
        ConfigError: The test suggests no rate.
    """
    from trainer.config import ConfigError

    name = None if config.run is None else f"{config.run}-range-test"
    result = run_range_test(dataclasses.replace(config, mode="train", run=name))
    if result.suggestion is None:
        raise ConfigError(
            "`--learning_rate=auto` needs a range test that suggests a rate. Received: "
            f"none. {result.reason} Or give --learning_rate=NUMBER."
        )
    # Three digits are more than the test can tell, and people read and repeat them.
    rate = float(f"{result.suggestion:.3g}")
    print(f"Training with --learning_rate={rate:g}, as the range test suggests.")
    return rate


def _without_schedule(config: "Config") -> "Config":
    """The settings with a constant rate: the test brings its own."""
    from trainer.config_checks import SCHEDULE_FLAGS

    names = {name for flags in SCHEDULE_FLAGS.values() for name in flags}
    names |= {"learning_rate", "schedule", "warmup", "plateau"}
    changes: dict[str, Any] = dict.fromkeys(names)
    return dataclasses.replace(config, **changes, staircase=False)


def _choose_name(config: "Config") -> str:
    """--run where the test was asked for, else a new name made of the settings."""
    if config.mode == "range_test" and config.run is not None:
        return config.run
    dataset = pathlib.Path(config.dataset).stem
    base = config.run or f"{dataset}-{config.model}-{config.optimizer}-range-test"
    name, number = base, 1
    while (pathlib.Path(config.logdir) / name).exists():
        number += 1
        name = f"{base}-{number}"
    return name


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
        lines.append(f"  usable band    {low:.3g} to {high:.3g}")
        others = ", ".join(
            f"{name} {rate:.3g}"
            for name, rate in result.suggestions.items()
            if rate is not None
        )
        lines.append(f"  by rule        {others}")
    lines.append(f"  ended          {result.stop_reason}")
    lines.append(f"  in             {folder}")
    return "\n".join(lines)
