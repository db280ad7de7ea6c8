"""The models that can be asked for by name."""

from typing import Any

import keras

from trainer.config import Config, ConfigError
from trainer.data import Data

# Two rounds of a 3 x 3 convolution and a 2 x 2 pooling leave nothing of less.
_CNN_MIN_SIZE = 10


def build_model(config: Config, data: Data) -> keras.Model:
    """Builds `config.model` for the shape and the classes of `data`, not compiled.

    Raises:
        ConfigError: The model does not take data of this shape.
    """
    inputs = keras.Input(data.example_shape, name="image")
    if config.model == "cnn":
        _check_image(config, data.example_shape)
        features = _convolutional(inputs)
    else:
        features = _one_hidden_layer(inputs)
    scores = keras.layers.Dense(data.num_classes, name="scores")(features)
    # Probabilities stay float32 under mixed precision: their logarithm is the loss.
    outputs = keras.layers.Activation("softmax", dtype="float32", name="classes")(
        scores
    )
    return keras.Model(inputs, outputs, name=config.model)


def _one_hidden_layer(inputs: Any) -> Any:
    x = keras.layers.Flatten()(inputs)
    return keras.layers.Dense(128, activation="relu")(x)


def _convolutional(inputs: Any) -> Any:
    """The network of Christian Versloot, "Problems with fixed and decaying learning
    rates", MachineCurve, 2019.
    """
    x = keras.layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    x = keras.layers.MaxPooling2D(pool_size=(2, 2))(x)
    x = keras.layers.Dropout(0.25)(x)
    x = keras.layers.Conv2D(64, kernel_size=(3, 3), activation="relu")(x)
    x = keras.layers.MaxPooling2D(pool_size=(2, 2))(x)
    x = keras.layers.Dropout(0.25)(x)
    x = keras.layers.Flatten()(x)
    return keras.layers.Dense(256, activation="relu")(x)


def _check_image(config: Config, shape: tuple[int, ...]) -> None:
    if len(shape) != 3 or min(shape[:2]) < _CNN_MIN_SIZE:
        size = " x ".join(str(length) for length in shape)
        raise ConfigError(
            f"`--model=cnn` needs images of at least {_CNN_MIN_SIZE} x {_CNN_MIN_SIZE} "
            f"pixels. Received: --dataset={config.dataset}, examples of {size}. Use "
            "--model=mlp or another dataset."
        )
