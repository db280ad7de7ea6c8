"""Where a run computes: on one device or on several of this machine."""

import tensorflow as tf

from trainer.settings.config import Config


def build_strategy(config: Config) -> tf.distribute.Strategy:
    """The strategy under whose `scope()` model and optimizer are made."""
    if config.strategy == "mirrored":
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()
