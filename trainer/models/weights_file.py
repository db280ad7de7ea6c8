"""Takes the weights of a trained model over to one that differs in its head only."""

import keras

from trainer.errors import ConfigError, first_line
from trainer.models.frozen_layers import find_head


def load_body_weights(model: keras.Model, path: str, *, name: str) -> None:
    """Gives all layers but the last the weights of the model in a file.

    Weights are matched by their order and shapes. Names will not do, because Keras
    numbers them anew in each program.

    Args:
        path: --weights.
        name: --model, for messages.

    Raises:
        ConfigError: The file holds no model, or a model with another body.
    """
    try:
        source = keras.saving.load_model(path, compile=False)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            "`--weights` must be a model that Keras can load. Received: --weights="
            f"{path}: {first_line(error)}. Give another file, or --weights=none."
        ) from error
    wanted = _body_weights(model)
    # The file may hold a body without a head.
    for found in (_body_weights(source), source.weights):
        if _shapes(found) == _shapes(wanted):
            for target, value in zip(wanted, found, strict=True):
                target.assign(value.value)
            return
    received = _describe_difference(_body_weights(source), wanted)
    raise ConfigError(
        "`--weights` must be a model that differs from --model in its last layer only. "
        f"Received: --weights={path} for --model={name}: {received}. "
        "Give the model, and the image size, that it was trained with."
    )


def _body_weights(model: keras.Model) -> list[keras.Variable]:
    head = {id(weight) for weight in find_head(model).weights}
    return [weight for weight in model.weights if id(weight) not in head]


def _shapes(weights: list[keras.Variable]) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in weights]


def _describe_difference(
    found: list[keras.Variable], wanted: list[keras.Variable]
) -> str:
    for theirs, ours in zip(found, wanted, strict=False):
        if tuple(theirs.shape) != tuple(ours.shape):
            return (
                f"{theirs.path} of {tuple(theirs.shape)}, where {ours.path} of "
                f"{tuple(ours.shape)} is wanted"
            )
    return f"{len(found)} weights without the head's, {len(wanted)} wanted"
