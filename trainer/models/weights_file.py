"""Weights of a trained model for another one that differs in its head only."""

import keras

from trainer.errors import ConfigError, first_line
from trainer.models.frozen_layers import find_head
from trainer.settings.config import Config


def load_body_weights(model: keras.Model, config: Config) -> None:
    """Gives all layers but the last the weights of the model in --weights.

    Layers are compared by their order and shapes, because Keras numbers the names of
    layers anew in each program.

    Raises:
        ConfigError: The file holds no model, or one with another body.
    """
    path = str(config.weights)
    try:
        source = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            "`--weights` must be a model that Keras can load. Received: --weights="
            f"{path}: {first_line(error)}. Give another file, or --weights=none."
        ) from error
    wanted = _body_weights(model)
    # The head's weights come last, or are not there where a body alone was saved.
    for found in (_body_weights(source), source.weights):
        if _shapes(found) == _shapes(wanted):
            for target, value in zip(wanted, found, strict=True):
                target.assign(value.value)
            return
    raise _another_body_error(config, _body_weights(source), wanted)


def _body_weights(model: keras.Model) -> list[keras.Variable]:
    head = {id(weight) for weight in find_head(model).weights}
    return [weight for weight in model.weights if id(weight) not in head]


def _shapes(weights: list[keras.Variable]) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in weights]


def _another_body_error(
    config: Config, found: list[keras.Variable], wanted: list[keras.Variable]
) -> ConfigError:
    received = f"{len(found)} weights without the head's, {len(wanted)} wanted"
    for theirs, ours in zip(found, wanted, strict=False):
        if tuple(theirs.shape) != tuple(ours.shape):
            received = (
                f"{theirs.path} of {tuple(theirs.shape)}, where {ours.path} of "
                f"{tuple(ours.shape)} is wanted"
            )
            break
    return ConfigError(
        "`--weights` must be a model that differs from --model in its last layer only. "
        f"Received: --weights={config.weights} for --model={config.model}: {received}. "
        "Give the model, and the image size, that it was trained with."
    )
