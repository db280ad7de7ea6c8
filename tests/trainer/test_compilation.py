import keras

from trainer.models.compilation import compile_model


def test_optimizer_that_is_built_is_not_built_again():
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD())
    optimizer.build(model.trainable_variables)
    num_variables = len(optimizer.variables)
    compile_model(model, optimizer, loss="mse")
    # Built again it would have two more, and a saved model could not be loaded.
    assert len(model.optimizer.variables) == num_variables
