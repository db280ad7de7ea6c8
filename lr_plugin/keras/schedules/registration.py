"""Registers the names under which Keras finds the schedules of a saved model."""

from typing import TypeVar

import keras

_Class = TypeVar("_Class", bound=type)


def registered(schedule_class: _Class) -> _Class:
    """Registers a class, so that a model that was saved with it can be loaded."""
    # Models that were saved while the schedules were a part of the trainer have this
    # name. Keras writes one name of a class; this one can only be read.
    former_name = f"trainer>{schedule_class.__name__}"
    keras.saving.get_custom_objects()[former_name] = schedule_class
    return keras.saving.register_keras_serializable("lr_plugin")(schedule_class)
