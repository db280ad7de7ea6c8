"""model.keras: what any Keras program can load, without this package."""

import pathlib

import keras

from lr_plugin.keras.training_summary import TrainingSummary
from trainer.models.compilation import compile_model


def save_model(
    model: keras.Model, path: pathlib.Path, recorded: TrainingSummary | None
) -> None:
    """Saves model, loss, metrics and optimizer, with Keras' own classes only.

    The optimizer is saved with its slots and iterations, and in place of its schedule
    with the last rate that it used.

    Args:
        recorded: What was recorded; None where nothing was trained.
    """
    trained = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    rate = float(keras.ops.convert_to_numpy(trained.learning_rate))
    if recorded is not None:
        rate = recorded.last_learning_rate
    # The user's own class stays what it is.
    stock_class = getattr(keras.optimizers, type(trained).__name__, type(trained))
    config = {**trained.get_config(), "learning_rate": float(rate)}
    with model.distribute_strategy.scope():
        stock = optimizer = stock_class.from_config(config)
        if trained is not model.optimizer:
            # Left to Keras, the wrapper would be missing from what is saved.
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
