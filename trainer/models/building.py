"""Builds the model: by its name, from a file, or by the user's function."""

from typing import Any

import keras

from trainer.data.loading import Data
from trainer.data.target import Target
from trainer.errors import ConfigError
from trainer.models.applications import application_features, check_application
from trainer.models.user_models import build_user_model, require_target
from trainer.models.weights_file import load_body_weights
from trainer.settings.config import Config
from trainer.settings.model import is_application, is_user_model

# Two rounds of a 3 x 3 convolution and a 2 x 2 pooling leave nothing of smaller images.
_CNN_MIN_SIZE = 10


def check_model(name: str) -> None:
    """Refuses a name that no model has.

    Raises:
        ConfigError: Neither the trainer nor keras.applications has such a model.
    """
    if is_application(name):
        check_application(name)


def build_model(config: Config, data: Data) -> keras.Model:
    """Builds `config.model` for the examples and the target of `data`.

    Returns:
        A model with weights, from --weights if they are given. Only a model of the
        user may be compiled.

    Raises:
        ConfigError: The model does not take data of this shape.
    """
    if is_user_model(config.model):
        model = build_user_model(
            data,
            model=config.model,
            dataset=config.dataset,
            mixed_precision=config.mixed_precision,
        )
    else:
        model = _build_named(config, data)
    weights = config.weights or ""
    # A checkpoint brings the weights of a run that goes on.
    if weights.endswith(".keras") and not config.resume:
        load_body_weights(model, weights, name=config.model)
    return model


def _build_named(config: Config, data: Data) -> keras.Model:
    target = require_target(data, model=config.model, dataset=config.dataset)
    shape = data.example_shape
    assert shape is not None
    inputs = keras.Input(shape, name="image" if len(shape) == 3 else "example")
    x: Any = inputs
    if data.normalization is not None:
        mean, variance = data.normalization
        # Part of the model, so that a saved model takes the table as it is.
        x = keras.layers.Normalization(mean=mean, variance=variance)(x)
    if config.model == "cnn":
        _check_image(shape, config.dataset)
        features = _convolutional(x)
    elif config.model == "mlp":
        features = _one_hidden_layer(x)
    else:
        features = application_features(x, config)
    return keras.Model(inputs, _outputs(features, target), name=config.model)


def _outputs(features: Any, target: Target) -> Any:
    """Builds the last layer: probabilities of classes, or the numbers to predict."""
    scores = keras.layers.Dense(target.num_outputs, name="scores")(features)
    # float32 also with mixed precision, because the loss is computed from these.
    if target.kind == "numbers":
        # So the layer before predicts deviations and need not learn the units.
        return keras.layers.Rescaling(
            _plain(target.scale), _plain(target.mean), dtype="float32", name="numbers"
        )(scores)
    return keras.layers.Activation(target.activation, dtype="float32", name="classes")(
        scores
    )


def _plain(numbers: tuple[float, ...]) -> Any:
    return numbers[0] if len(numbers) == 1 else list(numbers)


def _one_hidden_layer(inputs: Any) -> Any:
    x = keras.layers.Flatten()(inputs)
    return keras.layers.Dense(128, activation="relu")(x)


def _convolutional(inputs: Any) -> Any:
    """Builds the body of --model=cnn.

    Source: Christian Versloot, "Problems with fixed and decaying learning rates",
    MachineCurve, 2019.
    """
    x = keras.layers.Conv2D(32, kernel_size=(3, 3), activation="relu")(inputs)
    x = keras.layers.MaxPooling2D(pool_size=(2, 2))(x)
    x = keras.layers.Dropout(0.25)(x)
    x = keras.layers.Conv2D(64, kernel_size=(3, 3), activation="relu")(x)
    x = keras.layers.MaxPooling2D(pool_size=(2, 2))(x)
    x = keras.layers.Dropout(0.25)(x)
    x = keras.layers.Flatten()(x)
    return keras.layers.Dense(256, activation="relu")(x)


def _check_image(shape: tuple[int, ...], dataset: str) -> None:
    if len(shape) != 3 or min(shape[:2]) < _CNN_MIN_SIZE:
        size = " x ".join(str(length) for length in shape)
        raise ConfigError(
            f"`--model=cnn` needs images of at least {_CNN_MIN_SIZE} x {_CNN_MIN_SIZE} "
            f"pixels. Received: --dataset={dataset}, examples of {size}. Use "
            "--model=mlp or another dataset."
        )
