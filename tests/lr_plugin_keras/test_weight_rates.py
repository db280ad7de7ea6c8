"""The rates of single weights, where an optimizer of the user's computes them."""

import keras
import numpy as np
import pytest

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger

NUM_STEPS = 19


class TenthForOneUnit(keras.optimizers.Adam):
    """Gives layers with one unit a tenth of the rate."""

    def update_step(self, gradient, variable, learning_rate):
        factor = 0.1 if variable.shape[-1] == 1 else 1.0
        super().update_step(gradient, variable, learning_rate * factor)


@pytest.mark.slow
def test_rates_of_a_subclass_that_changes_them_are_those_that_it_used(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    model.compile(TenthForOneUnit(0.01), "mse")
    x = np.random.default_rng(1).normal(size=(10 * NUM_STEPS, 4)).astype("float32")
    logger = LearningRateLogger(tmp_path)
    model.fit(x, x.sum(1), batch_size=10, verbose=0, callbacks=[logger])

    samples = read_run(tmp_path).layers
    assert samples.steps[-1] == NUM_STEPS - 1
    # Kingma & Ba 2015, algorithm 1: rate / (sqrt(v_hat) + epsilon), times the factor.
    expected = [
        np.median(factor * 0.01 / (np.sqrt(v / (1 - 0.999**NUM_STEPS)) + 1e-7))
        for factor, v in zip(
            (1, 1, 0.1, 0.1),
            [v.numpy() for v in model.optimizer._velocities],
            strict=True,
        )
    ]
    # The median of an even number of weights lies between two of them.
    np.testing.assert_allclose(
        samples.values["effective_rate:p50"][-1], expected, rtol=0.2
    )
    np.testing.assert_allclose(
        samples.values["effective_rate:p50"][-1][3], expected[3], rtol=1e-3
    )
