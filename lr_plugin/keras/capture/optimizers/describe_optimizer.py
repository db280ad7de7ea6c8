"""Says in words what trains a model: its optimizer and its schedule.

Never raises: what cannot be told is left out, with a note.
"""

import inspect
from collections.abc import Callable
from typing import Any

import keras

Note = Callable[[str], None]


def describe_optimizer(optimizer: Any, *, note: Note) -> dict[str, object]:
    """Names the optimizer and its configuration, its schedule left out."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    try:
        config = dict(optimizer.get_config())
    # Anything may go wrong in a class of the program's own, or in its schedule's.
    except Exception:  # noqa: BLE001
        config = _plain_settings(optimizer)
    config = {
        name: value
        for name, value in config.items()
        if name not in ("learning_rate", "name") and value is not None
    }
    return {"class_name": type(optimizer).__name__, "config": config}


def describe_schedule(optimizer: Any, *, note: Note) -> dict[str, object]:
    """Names the schedule and its configuration.

    Keras offers no public way to ask an optimizer for its schedule.
    """
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    if hasattr(optimizer, "optimizers"):
        return {"class_name": "several", "config": {}}
    learning_rate = getattr(optimizer, "_learning_rate", None)
    name = type(learning_rate).__name__
    if isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        try:
            config = dict(learning_rate.get_config())
        except Exception as error:  # noqa: BLE001
            note(
                f"The settings of the schedule {name} are not shown: its `get_config` "
                f"raises {type(error).__name__}."
            )
            config = {}
        return {"class_name": name, "config": config}
    if callable(learning_rate) and not isinstance(learning_rate, keras.Variable):
        return {"class_name": "callable", "config": {}}
    try:
        rate = float(keras.ops.convert_to_numpy(learning_rate))
    except Exception:  # noqa: BLE001
        note("The learning rate with which the optimizer was made could not be read.")
        return {"class_name": "unknown", "config": {}}
    return {"class_name": "constant", "config": {"learning_rate": rate}}


def _plain_settings(optimizer: Any) -> dict[str, Any]:
    """Collects the arguments that the optimizer keeps as attributes."""
    settings = {}
    for name in inspect.signature(type(optimizer).__init__).parameters:
        value = getattr(optimizer, name, None) if name != "learning_rate" else None
        if isinstance(value, bool | int | float | str):
            settings[name] = value
    return settings
