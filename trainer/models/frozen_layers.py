"""Keeps the body of a model as it is while its head, the last layer, is trained."""

from collections.abc import Collection

import keras

from trainer.errors import ConfigError


def freeze_body(model: keras.Model) -> None:
    """Freezes all layers but the last one that has weights.

    Raises:
        ConfigError: There is no other layer.
    """
    head = find_head(model)
    frozen = [layer for layer in _leaves(model) if layer is not head and layer.weights]
    if not frozen:
        raise ConfigError(
            "`--freeze` needs a model of two layers with weights at least: the last "
            f"one is trained. Received: {model.name}. Leave --freeze out."
        )
    for layer in frozen:
        layer.trainable = False


def require_trainable(model: keras.Model) -> None:
    """Refuses a model in which a training would change nothing.

    Raises:
        ConfigError: It has no weights, or all are frozen.
    """
    if not model.trainable_weights:
        found = "whose weights are all frozen" if model.weights else "which has none"
        raise ConfigError(
            f"`--model` must have weights to train. Received: {model.name}, {found}. "
            "Set trainable = True, or add a layer such as keras.layers.Dense."
        )


def unfreeze_body(model: keras.Model, keep_frozen: Collection[int]) -> None:
    """Makes layers trainable again, all but batch normalization.

    That stays frozen. In training it would normalize by the statistics of each batch,
    to which the weights around it are not adapted; only while it is frozen does Keras
    let it use those that it has learned. (`training=False` in the call, as in
    https://keras.io/guides/transfer_learning/, is overruled by the outer model's
    `training=True` in Keras 3.)

    Args:
        keep_frozen: `id` of the layers that the user had frozen before.
    """
    for layer in _leaves(model):
        is_statistics = isinstance(layer, keras.layers.BatchNormalization)
        if id(layer) not in keep_frozen and not is_statistics:
            layer.trainable = True


def frozen_layers(model: keras.Model) -> frozenset[int]:
    """Collects the `id` of the layers that are frozen."""
    return frozenset(id(layer) for layer in _leaves(model) if not layer.trainable)


def find_head(model: keras.Model) -> keras.Layer:
    """Finds the last layer that has weights."""
    with_weights = [layer for layer in _leaves(model) if layer.weights]
    if not with_weights:
        raise ConfigError(
            f"`--model` must have weights to train. Received: {model.name}, which has "
            "none. Add a layer such as keras.layers.Dense."
        )
    return with_weights[-1]


def _leaves(model: keras.Layer) -> list[keras.Layer]:
    """Lists the layers that hold no other layers, in order."""
    leaves = []
    for layer in model.layers:
        leaves += _leaves(layer) if getattr(layer, "layers", None) else [layer]
    return leaves
