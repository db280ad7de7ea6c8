"""The range test on this backend: what it finds, and that it leaves no trace."""

import keras
import numpy as np
import pytest
from full_model import OPTIMIZERS, all_values, hooks_left, make_full_model
from small_fits import BATCH_SIZE, make_data
from training import BACKEND, fit

from lr_plugin.keras import range_test

BATCHES = {"batch_size": BATCH_SIZE, "num_steps": 30}


@pytest.mark.parametrize("optimizer", ["adam", "accumulated", "scaled"])
def test_it_leaves_no_trace(optimizer):
    x, y = make_data()
    trained = []
    for is_tested in (False, True):
        model = make_full_model(optimizer=OPTIMIZERS[optimizer]())
        if is_tested:
            range_test(model, x, y, repeats=2, **BATCHES)
            assert hooks_left(model) == []
        fit(model, shuffle=True)
        trained.append(all_values(model))
        random = keras.ops.convert_to_numpy(keras.random.uniform([3]))
        trained.append([random, np.random.rand(3), model.metrics_names])

    np.testing.assert_equal(trained[:2], trained[2:])


def test_it_leaves_no_trace_in_a_model_that_was_trained_already():
    x, y = make_data()
    model = make_full_model()
    fit(model)
    before = all_values(model)

    range_test(model, x, y, repeats=2, validation_data=(x, y), **BATCHES)

    np.testing.assert_equal(before, all_values(model))


def test_it_finds_the_cliff_of_a_parabola():
    # loss = w^2 on average: the gradient is 2 w, and w shrinks below a rate of 1.
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, "linear", False, "ones")]
    )
    model.compile("sgd", "mse")
    x, y = np.ones([64, 1], np.float32), np.zeros([64, 1], np.float32)

    result = range_test(model, x, y, batch_size=8, num_steps=100, repeats=3)

    assert 0.01 < result.suggestion < 1.0
    assert "diverged" in result.stop_reason
    losses, rates = np.array(result.losses[0]), np.array(result.learning_rates)
    # By hand: after each update at rate r, w becomes w (1 - 2 r).
    weights = np.cumprod(1 - 2 * rates[: len(losses)])
    expected = np.concatenate([[1.0], weights[:-1]]) ** 2
    np.testing.assert_allclose(losses, expected, rtol=1e-4)


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="must be compiled"):
        range_test(model, np.ones([8, 1]), np.ones([8, 1]))


@pytest.mark.skipif(BACKEND != "torch", reason="a DataLoader is PyTorch's")
def test_a_data_loader_keeps_its_order():
    import torch

    x, y = map(torch.as_tensor, make_data())
    trained = []
    for is_tested in (False, True):
        torch.manual_seed(0)
        data = torch.utils.data.DataLoader(
            torch.utils.data.TensorDataset(x, y),
            BATCH_SIZE,
            shuffle=True,
            generator=torch.Generator().manual_seed(1),
        )
        model = make_full_model()
        if is_tested:
            range_test(model, data, repeats=2, num_steps=30)
        model.fit(data, epochs=2, shuffle=False, verbose=0)
        trained.append(all_values(model))

    np.testing.assert_equal(trained[0], trained[1])
