"""What a Keras script imports: the callback, the range test, schedules and plateau."""

from lr_plugin.keras import schedules
from lr_plugin.keras.callback import LearningRateLogger
from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.range_test.range_test import RangeTest, range_test

__all__ = [
    "LearningRateLogger",
    "RangeTest",
    "Recorder",
    "range_test",
    "schedules",
]
