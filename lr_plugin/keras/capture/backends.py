"""Finds how rows are taken out of a training, by the backend that Keras runs on."""

import importlib
from typing import Any

import keras

_BACKENDS = ("tensorflow", "jax", "torch")


def check_backend(what: str) -> None:
    """Refuses a backend whose training nothing here knows.

    Args:
        what: What needs to know it: "LearningRateLogger".

    Raises:
        ValueError: Keras runs on such a backend.
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise ValueError(
            f"{what} needs Keras to train on one of {', '.join(_BACKENDS)}. Received: "
            f"KERAS_BACKEND={backend}. Set it to one of these before Keras is imported."
        )


def check_model(what: str, model: Any) -> None:
    """Refuses a model of Keras 2, which may be installed beside Keras 3.

    Args:
        what: What takes models of Keras 3: "LearningRateLogger".

    Raises:
        ValueError: The model is one of Keras 2.
    """
    packages = {cls.__module__.partition(".")[0] for cls in type(model).__mro__}
    if "tf_keras" in packages:
        raise ValueError(
            f"{what} takes models of Keras 3. Received: a {type(model).__name__} of "
            "tf_keras, which is Keras 2. Make it with `import keras`, or log the "
            "training with lr_plugin.RunWriter; where tf.keras is Keras 2, unset "
            "TF_USE_LEGACY_KERAS."
        )


def hooks_of(model: keras.Model) -> Any:
    """Returns what hooks into a model on this backend."""
    return _load(f"{keras.backend.backend()}.model_hooks").ModelHooks.of(model)


def create_layer_sampler(**arguments: Any) -> Any:
    """Makes what samples the layers on this backend; see `LayerSampler`."""
    is_on_device = keras.backend.backend() == "tensorflow"
    folder = "tensorflow" if is_on_device else "host"
    return _load(f"{folder}.layer_sampler").LayerSampler(**arguments)


def create_landscape_sampler(**arguments: Any) -> Any | None:
    """Makes what samples the loss landscape; None on a backend that has none."""
    if keras.backend.backend() != "tensorflow":
        return None
    module = _load("tensorflow.landscape.landscape_sampler")
    return module.LandscapeSampler(**arguments)


def _load(module: str) -> Any:
    return importlib.import_module(f"lr_plugin.keras.capture.{module}")
