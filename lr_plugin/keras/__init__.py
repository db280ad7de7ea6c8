"""What a Keras script imports: the callback, the range test, schedules and plateau."""

from lr_plugin.keras import schedules
from lr_plugin.keras.callback import LearningRateLogger
from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.plateau.multiply_on_plateau import MultiplyOnPlateau

# The function, not the folder of this name: it has to be bound here, where the folder's
# parts have been imported already and cannot take its place any more.
from lr_plugin.keras.range_test.range_test import range_test
from lr_plugin.keras.range_test.result import RangeTest

__all__ = [
    "LearningRateLogger",
    "MultiplyOnPlateau",
    "RangeTest",
    "Recorder",
    "range_test",
    "schedules",
]
