"""Compiles a model with another optimizer, and leaves its loss and metrics alone."""

from typing import Any

import keras

from trainer.errors import ConfigError


def compile_model(
    model: keras.Model, optimizer: keras.optimizers.Optimizer, **changes: Any
) -> None:
    """Compiles a model, or compiles it anew with what it was compiled with.

    The optimizer is built, because a checkpoint can be restored into what exists only.
    To be called under the scope of the model's strategy.

    Args:
        **changes: Other arguments of `compile` that shall change.
    """
    if type(model).compile is keras.Model.compile:
        model.compile(**{**_arguments(model), **changes, "optimizer": optimizer})
    else:
        # The user's own `compile` takes arguments of its own, and keeps what they were.
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
    """Reads what the model was compiled with; Keras has no public way to ask."""
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
