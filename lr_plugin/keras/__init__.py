"""Records a Keras training for TensorBoard's Learning Rate tab.

The only part of `lr_plugin` that needs TensorFlow.
"""

from lr_plugin.keras.callback import LearningRateLogger
from lr_plugin.keras.capture.recorder import Recorder

__all__ = ["LearningRateLogger", "Recorder"]
