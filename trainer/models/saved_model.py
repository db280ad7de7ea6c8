"""model.keras, which any Keras program can load without this package."""

import pathlib

import keras

from lr_plugin.keras.training_summary import TrainingSummary
from trainer.models.compilation import compile_model


def save_model(
    model: keras.Model, path: pathlib.Path, recorded: TrainingSummary | None
) -> None:
    """Saves model, loss, metrics and optimizer, without classes of this package.

    The optimizer is saved with its slots and iterations, and with the last rate that it
    used in place of its schedule.

    Args:
        recorded: What was recorded; None if nothing was trained.
    """
    trained = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    rate = float(keras.ops.convert_to_numpy(trained.learning_rate))
    if recorded is not None:
        rate = recorded.last_learning_rate
    # An optimizer class that the user wrote is kept.
    stock_class = getattr(keras.optimizers, type(trained).__name__, type(trained))
    config = {**trained.get_config(), "learning_rate": float(rate)}
    with model.distribute_strategy.scope():
        stock = optimizer = stock_class.from_config(config)
        if trained is not model.optimizer:
            # If Keras wrapped it, the wrapper would be missing from the file.
            optimizer = keras.optimizers.LossScaleOptimizer(stock)
        optimizer.build(model.trainable_variables)
        _copy_slots(trained, stock)
        compile_model(model, optimizer)
    model.save(path)


def _copy_slots(source: keras.Optimizer, target: keras.Optimizer) -> None:
    values = {_slot(variable): variable for variable in source.variables}
    for variable in target.variables:
        name = _slot(variable)
        if name in values and name != "learning_rate":
            variable.assign(values[name].value.numpy())


def _slot(variable: keras.Variable) -> str:
    return variable.path.split("/", 1)[-1]
