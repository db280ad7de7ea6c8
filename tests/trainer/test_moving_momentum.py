import keras
import numpy as np
import pytest
import tensorflow as tf

from lr_plugin.keras.schedules import linear
from trainer.optimizers.moving_momentum import with_moving_momentum

# Momentum 0.9, 0.8, 0.7, ... 0.5 and then 0.5.
SCHEDULE = linear(0.9, 0.5, 4)
MOMENTA = [0.9, 0.8, 0.7, 0.6, 0.5, 0.5]
GRADIENTS = [1.0, -2.0, 0.5, 3.0, -1.0, 0.25]
RATE = 0.1


def moving(name):
    plain = getattr(keras.optimizers, name)
    return with_moving_momentum(plain, SCHEDULE)(learning_rate=RATE)


def trained_weights(optimizer, *, jit_compile=False):
    """Returns the weight after each update by `optimizer`; the step is traced once."""
    weight = keras.Variable(1.0)
    optimizer.build([weight])

    @tf.function(jit_compile=jit_compile)
    def step(gradient):
        optimizer.apply([gradient], [weight])

    weights = []
    for gradient in GRADIENTS:
        step(tf.constant(gradient))
        weights.append(float(weight.numpy()))
    return weights


def sgd_by_hand(momenta):
    weight, velocity, weights = 1.0, 0.0, []
    for gradient, momentum in zip(GRADIENTS, momenta, strict=True):
        velocity = momentum * velocity - RATE * gradient
        weight += velocity
        weights.append(weight)
    return weights


def adam_by_hand(betas):
    """Follows algorithm 1 of Kingma and Ba, as Keras does, with a beta_1 by step."""
    weight, m, v, weights = 1.0, 0.0, 0.0, []
    for t, (gradient, beta_1) in enumerate(zip(GRADIENTS, betas, strict=True), 1):
        m += (gradient - m) * (1 - beta_1)
        v += (gradient**2 - v) * 0.001
        alpha = RATE * np.sqrt(1 - 0.999**t) / (1 - beta_1**t)
        weight -= m * alpha / (np.sqrt(v) + 1e-7)
        weights.append(weight)
    return weights


@pytest.mark.parametrize("jit_compile", [False, True])
def test_sgd_updates_use_the_momentum_of_their_iteration(jit_compile):
    optimizer = moving("SGD")
    weights = trained_weights(optimizer, jit_compile=jit_compile)
    np.testing.assert_allclose(weights, sgd_by_hand(MOMENTA), rtol=1e-6)
    # With a constant momentum in the compiled step, weights would be different.
    assert not np.allclose(weights, sgd_by_hand([0.9] * 6), rtol=1e-3)


def test_adam_updates_use_the_beta_1_of_their_iteration():
    optimizer = with_moving_momentum(keras.optimizers.Adam, SCHEDULE)(
        learning_rate=RATE
    )
    weights = trained_weights(optimizer)
    np.testing.assert_allclose(weights, adam_by_hand(MOMENTA), rtol=1e-5)
    assert not np.allclose(weights, adam_by_hand([0.9] * 6), rtol=1e-3)


def test_setting_a_plain_momentum_while_training_would_do_nothing():
    # This is why the variable is needed. Should Keras change, the subclass can go.
    optimizer = keras.optimizers.SGD(RATE, momentum=0.9)
    weight = keras.Variable(1.0)
    optimizer.build([weight])
    step = tf.function(lambda gradient: optimizer.apply([gradient], [weight]))
    weights = []
    for gradient, momentum in zip(GRADIENTS, MOMENTA, strict=True):
        optimizer.momentum = momentum
        step(tf.constant(gradient))
        weights.append(float(weight.numpy()))
    np.testing.assert_allclose(weights, sgd_by_hand([0.9] * 6), rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SGD", "RMSprop", "Adam", "AdamW", "Adamax", "Nadam"])
def test_momentum_moves_for_every_optimizer_that_has_it(name):
    optimizer = moving(name)
    weights = trained_weights(optimizer)
    plain = getattr(keras.optimizers, name)
    parameter = "momentum" if name in ("SGD", "RMSprop") else "beta_1"
    still = trained_weights(plain(learning_rate=RATE, **{parameter: 0.9}))
    assert np.isfinite(weights).all()
    assert weights[0] == pytest.approx(still[0])
    assert not np.allclose(weights[1:], still[1:], rtol=1e-4)


def test_variable_holds_what_the_next_update_will_use():
    optimizer = with_moving_momentum(keras.optimizers.Adam, SCHEDULE)(
        learning_rate=RATE
    )
    assert isinstance(optimizer.beta_1, keras.Variable)
    assert float(optimizer.beta_1.numpy()) == pytest.approx(0.9)
    trained_weights(optimizer)
    assert float(optimizer.beta_1.numpy()) == pytest.approx(0.5)


def test_configuration_is_that_of_keras_class():
    optimizer = moving("SGD")
    assert type(optimizer).__name__ == "SGD"
    again = keras.optimizers.SGD.from_config(optimizer.get_config())
    assert again.momentum == pytest.approx(0.9)
