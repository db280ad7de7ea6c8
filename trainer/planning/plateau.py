"""From the --plateau flags to the callback that follows them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lr_plugin.keras import MultiplyOnPlateau
from trainer.errors import ConfigError
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength
from trainer.settings.flag_types import nearest


def build_plateau(
    config: Config, run: RunLength, *, on_cut: Callable[..., None]
) -> MultiplyOnPlateau:
    """Builds the callback for a model whose optimizer holds a `Multiplied` schedule.

    Args:
        run: What --plateau_every is measured against.
        on_cut: Told of every cut: a sentence, and numbers by name.
    """
    assert config.plateau is not None
    every_epochs = _whole_epochs(config.plateau_every)
    return MultiplyOnPlateau(
        config.plateau,
        factor=config.plateau_factor,
        patience=config.plateau_patience,
        mode=_mode(config),
        min_delta=config.plateau_min_delta,
        delta_mode=config.plateau_delta_mode,
        cooldown=config.plateau_cooldown,
        min_learning_rate=config.plateau_min_learning_rate,
        every_epochs=every_epochs or 1,
        every_batches=(
            None if every_epochs else config.plateau_every.resolve_batches(run)
        ),
        on_cut=on_cut,
    )


def plateau_state(
    counters: Mapping[str, Any] | None, *, num_batches: int
) -> dict[str, Any]:
    """Makes the callback's state for a training that begins after `num_batches`.

    Args:
        counters: What a checkpoint of that moment holds; None for a beginning.
    """
    state = {"num_batches": num_batches, **(counters or {})}
    # Checkpoints of former versions count looks instead of batches.
    state.pop("num_looks", None)
    return state


def check_plateau(config: Config, known: Sequence[str]) -> None:
    """Refuses a quantity that will not be there to look at.

    Args:
        known: Names of what is reported, such as "loss" and "val_loss".

    Raises:
        ConfigError: It is not reported, or not as often as asked for.
    """
    if config.plateau is None:
        return
    if config.plateau not in known:
        raise ConfigError(
            f"`--plateau` must be one of {', '.join(known)}"
            f"{nearest(config.plateau, known)}. Received: --plateau={config.plateau}. "
            "For example --plateau=loss."
        )
    if config.plateau != "loss" and not _whole_epochs(config.plateau_every):
        raise ConfigError(
            "`--plateau_every` must be whole epochs for what is measured at their "
            f"ends. Received: --plateau_every={config.plateau_every} --plateau="
            f"{config.plateau}. Use --plateau_every=1ep or --plateau=loss."
        )


def _mode(config: Config) -> str:
    if config.plateau_mode == "auto":
        return "max" if "acc" in (config.plateau or "") else "min"
    return config.plateau_mode


def _whole_epochs(every: Duration) -> int:
    """Counts the epochs of a duration in whole epochs; else returns 0."""
    return int(every.value) if every.unit == "ep" and every.value % 1 == 0 else 0
