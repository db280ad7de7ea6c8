"""Compiles a model with another optimizer, and keeps its loss and metrics."""

from typing import Any

import keras

from trainer.errors import ConfigError


def compile_model(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, **changes: Any
) -> None:
    """Compiles a model; one that was compiled keeps all that is not given here.

    Builds the optimizer, too, because a checkpoint can only be restored into variables
    that exist. To be called under the scope of the model's strategy.

    Args:
        **changes: Other arguments of `compile` that are to change.
    """
    if type(model).compile is keras.Model.compile:
        model.compile(**{**_arguments(model), **changes, "optimizer": optimizer})
    else:
        # A `compile` that the user wrote may take other arguments, and nothing tells
        # which it was given.
        _require_compiled(model)
        if model.dtype_policy.name == "mixed_float16" and not hasattr(
            optimizer, "inner_optimizer"
        ):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        for name, value in {**changes, "optimizer": optimizer}.items():
            setattr(model, name, value)
        model.train_function = None
    # Built twice, Keras' LossScaleOptimizer has variables that it cannot load again.
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)


def _arguments(model: keras.Model) -> dict[str, Any]:
    """Reads what the model was compiled with, for which Keras has no public way."""
    if not model.compiled:
        return {}
    return dict(model._compile_config.config)


def _require_compiled(model: keras.Model) -> None:
    if not model.compiled:
        raise ConfigError(
            "`--model` must be compiled where its class has a `compile` of its own. "
            f"Received: a {type(model).__name__} that is not. Call its compile() "
            "before it is returned."
        )
