import keras
import numpy as np
import pytest

from trainer.training.stop_at_nan import StopAtNan


class CountBatches(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.count = 0

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1


def fit(x, learning_rate=0.0, epochs=3, **settings):
    """Trains 200 batches an epoch, a linear model of one weight."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(learning_rate), "mse", **settings)
    count = CountBatches()
    model.fit(
        x,
        np.zeros(len(x)),
        batch_size=1,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[StopAtNan(), count],
    )
    return count.count


def test_training_of_weights_that_are_not_finite_ends_early(capsys):
    # The weight is multiplied by 1 - 2 * rate at each update, and beyond all numbers
    # soon.
    assert fit(np.ones((200, 1)), learning_rate=1e10) == 50
    assert capsys.readouterr().out == (
        "\nThe weights are no longer finite, and nothing that follows can make them "
        "so: the training ends here. (--nostop_at_nan goes on.)\n"
    )


def test_several_steps_in_a_call_are_counted():
    steps = fit(np.ones((200, 1)), learning_rate=1e10, steps_per_execution=40)
    # The hook is called after 40 and 80 batches; 80 are more than 50.
    assert steps == 2


@pytest.mark.parametrize(("weight", "stops"), [(1.0, False), (np.nan, True)])
def test_loss_that_is_not_finite_is_no_reason_alone(weight, stops):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.set_weights([np.array([[weight]]), np.zeros(1)])
    model.stop_training = False
    callback = StopAtNan()
    callback.set_model(model)
    callback.on_epoch_end(0, {"loss": np.inf})
    assert model.stop_training == stops


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.0, 0.1])
def test_training_that_goes_well_goes_on(rate):
    assert fit(np.ones((200, 1)), learning_rate=rate) == 600
