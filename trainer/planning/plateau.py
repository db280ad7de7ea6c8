"""Builds the callback that follows the --plateau flags."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras

from lr_plugin.keras import MultiplyOnPlateau
from lr_plugin.keras.plateau.monitored import MonitoredMetric
from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.settings.durations import Duration, RunLength
from trainer.settings.plateau import PlateauFlags


def build_plateau(
    flags: PlateauFlags, run_length: RunLength, *, on_cut: Callable[..., None]
) -> MultiplyOnPlateau:
    """Builds the callback for a model whose optimizer holds a `Multiplied` schedule.

    Args:
        run_length: The run's, against which --plateau_every is measured.
        on_cut: Called at every cut, with a line about it and numbers by name.
    """
    assert flags.plateau_name is not None
    every_epochs = _whole_epochs(flags.plateau_every)
    return MultiplyOnPlateau(
        flags.plateau_name,
        factor=flags.plateau_factor,
        patience=flags.plateau_patience,
        mode=flags.plateau_direction,
        min_delta=flags.plateau_min_delta,
        delta_mode=flags.plateau_delta_mode,
        cooldown=flags.plateau_cooldown,
        min_learning_rate=flags.plateau_min_learning_rate,
        every_epochs=every_epochs or 1,
        every_batches=(
            None if every_epochs else flags.plateau_every.resolve_batches(run_length)
        ),
        on_cut=on_cut,
    )


def plateau_state(
    counters: Mapping[str, Any] | None, *, num_batches: int
) -> dict[str, Any]:
    """Makes the callback's state for a training that begins after `num_batches`.

    Args:
        counters: What a checkpoint of that moment holds; None without a checkpoint.
    """
    state = {"num_batches": num_batches, **(counters or {})}
    # Checkpoints of earlier versions count looks instead of batches.
    state.pop("num_looks", None)
    return state


def check_plateau(
    flags: PlateauFlags, known: Sequence[str], model: keras.Model | None = None
) -> None:
    """Refuses a quantity that the training does not report, or nobody can judge.

    Args:
        known: Names of what is reported, such as "loss" and "val_loss".
        model: One that is compiled and has computed its metrics; None where these are
            metrics of Keras, whose directions it knows.

    Raises:
        ConfigError: It is not reported, or not as often as --plateau_every asks, or
            Keras does not know whether more of it is better.
    """
    name = flags.plateau_name
    if name is None:
        return
    if name not in known:
        raise ConfigError(
            f"`--plateau` must be one of {', '.join(known)}"
            f"{nearest(name, known)}. Received: --plateau={flags.plateau}. "
            "For example --plateau=loss."
        )
    if model is not None and flags.plateau_direction == "auto":
        try:
            MonitoredMetric(name, "auto").is_higher_better(model)
        except ValueError as error:
            raise ConfigError(
                "`--plateau` must say what is better, where Keras does not know it. "
                f"Received: --plateau={name} without --plateau_mode. Write --plateau="
                f"min:{name} or --plateau=max:{name}."
            ) from error
    if name != "loss" and not _whole_epochs(flags.plateau_every):
        raise ConfigError(
            "`--plateau_every` must be whole epochs for what is measured at their "
            f"ends. Received: --plateau_every={flags.plateau_every} --plateau="
            f"{flags.plateau}. Use --plateau_every=1ep or --plateau=loss."
        )


def _whole_epochs(every: Duration) -> int:
    """Counts the epochs of a duration; returns 0 if these are not whole."""
    return int(every.value) if every.unit == "ep" and every.value % 1 == 0 else 0
