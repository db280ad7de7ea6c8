"""The learning rate of every update, recorded and shown in TensorBoard.

Importing this package is light on purpose: TensorBoard imports it at start-up to find
the plugin. The callback for training scripts is `lr_plugin.keras.LearningRateLogger`.
"""

__version__ = "0.1.0"
