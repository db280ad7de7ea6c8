"""Names the trials of a search, and shows their hyperparameters."""

from collections.abc import Mapping
from typing import Any

from trainer.settings.config import SETTINGS
from trainer.settings.open_values import format_value


def trial_name(trial_id: str, settings: Mapping[str, Any]) -> str:
    """Makes a run name that is easy to read: 07-cosine-lr0.0032-warmup5pct."""
    parts = [trial_number(trial_id)]
    for name, value in settings.items():
        if isinstance(value, float):
            value = f"{value:.3g}"
        text = str(value).replace("%", "pct")
        # A schedule or an optimizer needs no name before it: cosine, adam.
        is_word = name in SETTINGS and SETTINGS[name].searched == "first"
        short = "lr" if name == "learning_rate" else name
        parts.append(text if is_word else f"{short}{text}")
    return "-".join(parts)[:100]


def trial_number(trial_id: str) -> str:
    """Gives the number of a trial from 1 on, as keras-tuner prints it."""
    return f"{int(trial_id) + 1:02d}" if trial_id.isdecimal() else trial_id[:8]


def shown_settings(settings: Mapping[str, Any]) -> dict[str, float | int | str]:
    """Prepares hyperparameters for the tabs: numbers, or else the flag's text."""
    return {
        name: value
        if isinstance(value, int | float)
        else format_value(SETTINGS[name].kind, value)
        for name, value in settings.items()
    }
