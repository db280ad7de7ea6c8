"""What settings must hold together, beyond what each must be by itself."""

import pathlib
from typing import TYPE_CHECKING

from trainer.errors import ConfigError
from trainer.settings.data import check_dataset_and_model
from trainer.settings.schedule import check_schedule

if TYPE_CHECKING:
    from trainer.settings.config import Config


def check_config(config: "Config") -> None:
    """Raises ConfigError where settings that are right alone contradict each other."""
    check_dataset_and_model(config)
    _check_run(config)
    check_schedule(config)
    _check_range_test(config)
    if config.strategy != "none" and config.accumulate > 1:
        raise ConfigError(
            "`--accumulate` works on one device only: where there are several, Keras "
            "cannot add up their gradients every few batches. Received: "
            f"--accumulate={config.accumulate} --strategy={config.strategy}. Leave one "
            "of them out."
        )
    _check_workers(config)
    if config.jit_compile and config.deterministic:
        raise ConfigError(
            "`--deterministic` cannot be promised for what XLA compiles. Received: "
            "--deterministic --jit_compile. Leave one of them out."
        )


def _check_workers(config: "Config") -> None:
    if config.strategy != "multi_worker":
        return
    looks_for_a_rate = config.mode == "range_test" or config.learning_rate == "auto"
    if looks_for_a_rate or config.mode == "search":
        asked = f"--mode={config.mode}"
        if config.learning_rate == "auto":
            asked += " --learning_rate=auto"
        raise ConfigError(
            "`--strategy=multi_worker` trains at a rate that is known. Received: "
            f"--strategy=multi_worker with {asked}. Look for the rate with "
            "--strategy=none first; a search shares its trials among machines without "
            "a strategy."
        )
    if config.jit_compile or config.steps_per_execution > 1:
        raise ConfigError(
            "`--strategy=multi_worker` makes one call of TensorFlow for each batch, "
            "without XLA: Keras cannot do otherwise there. Received: "
            f"--steps_per_execution={config.steps_per_execution}"
            f"{' --jit_compile' if config.jit_compile else ''}. Leave it out."
        )


def check_search(config: "Config") -> None:
    """Raises ConfigError where a search cannot be as asked for."""
    _check_workers(config)
    _check_run(config)
    if config.search_space == "auto" and config.learning_rate not in (None, "auto"):
        raise ConfigError(
            "`--search_space=auto` finds the range of the rate. Received: "
            "--learning_rate, too. Leave one of them out."
        )
    if config.objective is not None:
        direction, colon, name = config.objective.rpartition(":")
        if (colon and direction not in ("min", "max")) or not name:
            raise ConfigError(
                "`--objective` must be a name, with min: or max: before it where the "
                f"name alone does not tell. Received: --objective={config.objective}. "
                "For example --objective=max:val_accuracy."
            )


def _check_run(config: "Config") -> None:
    name = config.run
    if (name is not None and pathlib.PurePath(name).parts != (name,)) or name == "..":
        raise ConfigError(
            "`--run` must be one folder's name, without slashes. Received: "
            f"--run={name}. Name the folder above it with --logdir."
        )
    if config.resume and name is None:
        raise ConfigError(
            "`--resume` must be told which run. Received: --resume without --run. Add "
            "--run=NAME, the name of its folder in --logdir."
        )


def _check_range_test(config: "Config") -> None:
    lowest, highest = config.range_test_min, config.range_test_max
    if lowest >= highest:
        raise ConfigError(
            "`--range_test_min` must be below --range_test_max. Received: "
            f"--range_test_min={lowest:g} --range_test_max={highest:g}. For example "
            "--range_test_min=1e-6 --range_test_max=10."
        )
