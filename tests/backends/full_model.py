"""A model with all that a training moves, optimizers of all kinds, and what is left."""

import keras
from training import falling_schedule


def make_full_model(**compile_arguments):
    """Dropout and batch norm: seeds and statistics that every call moves."""
    keras.utils.set_random_seed(5)
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )
    arguments = {"optimizer": keras.optimizers.Adam(falling_schedule())}
    model.compile(loss="mse", metrics=["mae"], **{**arguments, **compile_arguments})
    return model


def all_values(model):
    variables = [*model.variables, *model.optimizer.variables]
    return [keras.ops.convert_to_numpy(variable) for variable in variables]


OPTIMIZERS = {
    "adam": lambda: keras.optimizers.Adam(falling_schedule()),
    "clipped": lambda: keras.optimizers.SGD(0.1, momentum=0.9, global_clipnorm=0.5),
    "averaged": lambda: keras.optimizers.AdamW(
        1e-2, use_ema=True, ema_overwrite_frequency=5
    ),
    "accumulated": lambda: keras.optimizers.RMSprop(
        1e-3, gradient_accumulation_steps=3
    ),
    "scaled": lambda: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(falling_schedule()), initial_scale=2.0**127
    ),
    "adafactor": lambda: keras.optimizers.Adafactor(1e-2),
}


def hooks_left(model):
    """Names what a recording has put into the model or its optimizer."""
    names = {"train_step", "make_train_function", "_make_function", "compute_loss"}
    names |= {"apply", "scale_loss", "stateless_apply", "_get_current_learning_rate"}
    owners = [model, model.optimizer]
    return [name for owner in owners for name in names & vars(owner).keys()]


class Stop(keras.callbacks.Callback):
    def __init__(self, error, at_batch=5):
        super().__init__()
        self.error, self.at_batch = error, at_batch

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.at_batch:
            raise self.error
