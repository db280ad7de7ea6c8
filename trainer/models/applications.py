"""The networks of keras.applications, without their heads."""

import inspect
from typing import Any

import keras

from trainer.data.networks import application_names, default_image_size
from trainer.errors import ConfigError, first_line
from trainer.nearest import nearest
from trainer.settings.config import Config
from trainer.settings.model import MODELS


def check_application(name: str) -> None:
    """Refuses a name that no network of keras.applications has.

    Raises:
        ConfigError: None has it.
    """
    names = application_names()
    if name not in names:
        raise ConfigError(
            f"`--model` must be one of {', '.join(MODELS)}, a network of "
            f"keras.applications{nearest(name, [*MODELS, *names])}, a .keras "
            f"file, or module:function. Received: --model={name}. The networks "
            f"are {', '.join(names)}."
        )


def application_features(images: Any, config: Config) -> Any:
    """Lets the network `config.model` turn each image into one vector.

    What prepares images for the network is part of the model: they may be grey or in
    colour, from 0 to 1. With --image_size they are resized first.

    Args:
        images: A Keras tensor of shape `[None, height, width, channels]`.

    Raises:
        ConfigError: The network does not take images of this size, or the weights
            cannot be loaded.
    """
    x = _three_channels(images, model=config.model, dataset=config.dataset)
    if config.image_size is not None and x.shape[1:3] != config.image_size:
        x = keras.layers.Resizing(*config.image_size)(x)
    x = keras.layers.Rescaling(255.0)(x)
    build = getattr(keras.applications, config.model)
    x = inspect.getmodule(build).preprocess_input(x)  # type: ignore[union-attr]
    weights = weights_of_application(config.weights, resume=config.resume)
    return _build_network(build, x.shape[1:], model=config.model, weights=weights)(x)


def weights_of_application(weights: str | None, *, resume: bool) -> str | None:
    """Gives --weights as the network's constructor takes them: imagenet, file, None."""
    weights = weights or "imagenet"
    # A checkpoint, or a whole model, brings the weights after building.
    if resume or weights == "none" or weights.endswith(".keras"):
        return None
    return weights


def _build_network(
    build: Any, input_shape: tuple[int, ...], *, model: str, weights: str | None
) -> keras.Model:
    shape = " x ".join(map(str, input_shape))
    # First without weights, to tell errors of the shape from errors of the weights.
    for attempt in (None, weights) if weights else (None,):
        try:
            network = build(
                include_top=False,
                weights=attempt,
                input_shape=input_shape,
                pooling="avg",
            )
        # Keras raises a plain Exception where a download fails.
        except Exception as error:
            if attempt is None:
                raise ConfigError(
                    f"`--model={model}` must take the images. Received: images "
                    f"of {shape}: {first_line(error)}. Add --image_size=N, such as "
                    f"{_default_text(model)}."
                ) from error
            raise _weights_error(attempt, model, error) from error
    return network


def _weights_error(weights: str, model: str, error: Exception) -> ConfigError:
    if weights == "imagenet":
        return ConfigError(
            "`--weights=imagenet` must be downloaded once by Keras. Received: "
            f"{first_line(error)}. Give a file of weights, --weights=path.weights.h5, "
            "or a trained model, --weights=path.keras, or --weights=none to begin with "
            "random ones."
        )
    return ConfigError(
        f"`--weights` must be a file with the weights of {model} without its "
        f"top. Received: --weights={weights}: {first_line(error)}. Give another file, "
        "or --weights=none."
    )


def _three_channels(images: Any, *, model: str, dataset: str) -> Any:
    if len(images.shape) != 4 or images.shape[-1] not in (1, 3):
        shape = " x ".join(map(str, images.shape[1:]))
        raise ConfigError(
            f"`--model={model}` needs images, grey or in colour. Received: "
            f"--dataset={dataset}, examples of {shape}. Use --model=mlp or "
            "another dataset."
        )
    if images.shape[-1] == 3:
        return images
    return keras.layers.Concatenate(name="grey_to_colour")([images] * 3)


def _default_text(model: str) -> str:
    size = default_image_size(model)
    return f"the {size[0]} it was made for" if size else "224"
