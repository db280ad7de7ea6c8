import keras
import numpy as np
import pytest

from lr_plugin.keras.capture.recorder import Recorder
from lr_plugin.keras.capture.tensorflow import layer_sampler
from lr_plugin.keras.capture.tensorflow.layer_sampler import LayerSampler

X, Y = np.ones([24, 3], np.float32), np.zeros([24, 1], np.float32)


def fit_with_samples(model):
    """Trains 6 steps, each of them sampled; returns the columns of each sample."""
    samples = []
    sampler = LayerSampler(
        num_samples=6,
        num_iterations=6,
        on_sample=lambda step, layers, columns: samples.append(sorted(columns)),
    )
    with Recorder(model, on_rows=lambda rows: None, layer_sampler=sampler):
        model.fit(X, Y, batch_size=4, verbose=0)
    return samples


def test_ratio_of_plain_sgd_is_its_own_arithmetic():
    model = keras.Sequential([keras.Input([1]), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    model.layers[0].kernel.assign([[2.0]])
    ratios = []
    sampler = LayerSampler(
        num_samples=3,
        num_iterations=3,
        on_sample=lambda step, layers, columns: ratios.extend(columns["update_ratio"]),
    )
    with Recorder(model, on_rows=lambda rows: None, layer_sampler=sampler):
        model.fit(np.ones([12, 1]), np.zeros([12, 1]), batch_size=4, verbose=0)

    # The loss is w**2, its gradient 2 w, an update 0.1 * 2 w.
    np.testing.assert_allclose(ratios, [0.2, 0.2], rtol=1e-6)


@pytest.mark.slow
def test_optimizers_are_looked_for_once_and_not_for_each_sample(monkeypatch):
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(1)])
    model.compile("adam", "mse")

    def find_optimizers(model):
        raise AssertionError("looked for again")

    monkeypatch.setattr(layer_sampler, "find_optimizers", find_optimizers)
    assert len(fit_with_samples(model)) == 3  # every other step: 6 // 6 = 1 apart


@pytest.mark.slow
def test_optimizer_of_the_next_fit_is_the_one_that_is_measured():
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    without_rates = fit_with_samples(model)
    model.compile("adam", "mse")
    with_rates = fit_with_samples(model)

    assert without_rates[0] == ["update_norm", "update_ratio", "weight_norm"]
    assert with_rates[0][:1] == ["effective_rate:p05"]
