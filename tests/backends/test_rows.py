"""Recorded rows on this backend, beside a loop written by hand.

`pytest -rP tests/backends/test_rows.py` prints the largest difference of each mode.
"""

import keras
import numpy as np
import numpy_loop
import pytest
from small_fits import BATCH_SIZE, STEPS_PER_EPOCH, Rows, batches_of, falling, make_data
from training import (
    BACKEND,
    assert_same,
    expected_rows,
    falling_schedule,
    fit,
    make_model,
    record_fit,
)

from lr_plugin.keras import Recorder

# (steps_per_execution, jit_compile): PyTorch takes one step in a call, and is compiled
# in a test of its own.
MODES = {
    "jax": [(1, True), (4, True), (32, True), (1, False), (4, False)],
    "torch": [(1, False)],
}[BACKEND]


@pytest.mark.parametrize(("steps_per_execution", "jit_compile"), MODES)
def test_every_row_is_that_of_the_hand_written_loop(steps_per_execution, jit_compile):
    model = make_model()
    model.compile(
        keras.optimizers.SGD(falling_schedule()),
        "mse",
        steps_per_execution=steps_per_execution,
        jit_compile=jit_compile,
    )

    rows = record_fit(model)

    assert len(rows["step"]) == 2 * STEPS_PER_EPOCH
    assert_same(rows, expected_rows())


def test_eager_mode():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse", run_eagerly=True)

    assert_same(record_fit(model), expected_rows())


def test_adam_its_step_size_and_the_norm_of_the_gradients():
    model = make_model()
    model.compile(keras.optimizers.Adam(falling_schedule()), "mse")

    rows = record_fit(model, gradient_norm=True)

    expected = expected_rows(optimizer=numpy_loop.Adam())
    assert_same(rows, expected)
    np.testing.assert_allclose(
        rows["gradient_norm"], expected["gradient_norm"], rtol=2e-5
    )
    t = 1 + rows["step"]
    step_size = falling(rows["step"]) * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    # Keras computes 1 - 0.999^t in float32, which at t = 1 has 3e-5 of it left.
    np.testing.assert_allclose(rows["step_size"], step_size, rtol=5e-5)


def test_a_rate_that_is_a_number_and_is_set_in_between():
    model = make_model()
    model.compile(keras.optimizers.SGD(0.05), "mse")

    class SetRate(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.optimizer.learning_rate = 0.05 / (batch + 2)

    rows = Rows()
    with Recorder(model, on_rows=rows):
        fit(model, epochs=1, callbacks=[SetRate()])

    expected = 0.05 / np.arange(1, STEPS_PER_EPOCH + 1)
    np.testing.assert_allclose(rows.columns()["learning_rate"], expected, rtol=1e-6)


def test_accumulated_gradients():
    model = make_model()
    optimizer = keras.optimizers.SGD(falling_schedule(), gradient_accumulation_steps=4)
    model.compile(optimizer, "mse")

    rows = record_fit(model)

    assert_same(rows, expected_rows(accumulate=4))
    assert rows["applied"].sum() == 2 * STEPS_PER_EPOCH // 4


def test_loss_scaling_that_skips_updates():
    # Gradients in the hundreds, times 2^127, are more than float32 holds.
    x, y = make_data()
    model = make_model()
    rate = keras.optimizers.schedules.InverseTimeDecay(1e-5, 1, 0.5)
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(rate), initial_scale=2.0**127
    )
    model.compile(optimizer, "mse")
    weights, rows = model.get_weights(), Rows()

    with Recorder(model, on_rows=rows):
        model.fit(x, 100 * y, BATCH_SIZE, epochs=2, shuffle=False, verbose=0)

    expected, _ = numpy_loop.train(
        weights,
        batches_of(x, 100 * y),
        lambda step: 1e-4 * falling(step),
        loss_scale=2.0**127,
    )
    assert 2 < (expected["applied"] == 0).sum() < STEPS_PER_EPOCH
    assert_same(rows.columns(), expected)


def test_a_loss_that_is_scaled_by_a_fixed_factor():
    model = make_model()
    optimizer = keras.optimizers.SGD(falling_schedule(), loss_scale_factor=3.0)
    model.compile(optimizer, "mse")

    assert_same(record_fit(model), expected_rows())


def test_regularisation_is_part_of_the_loss():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1)),
        ]
    )
    model.compile(keras.optimizers.SGD(0.0), "mse")
    kernel, bias = model.get_weights()

    rows = record_fit(model, epochs=1)

    losses = [
        np.mean((x @ kernel + bias - y) ** 2) + 0.1 * np.sum(kernel**2)
        for x, y in batches_of(*make_data(), epochs=1)
    ]
    np.testing.assert_allclose(rows["loss"], losses, rtol=2e-6)


def test_train_on_batch_in_a_loop():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")
    rows = Rows()

    with Recorder(model, on_rows=rows):
        for x, y in batches_of(*make_data()):
            model.train_on_batch(x, y)

    assert_same(rows.columns(), expected_rows())


def test_several_fits_go_on_with_the_steps():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    first = record_fit(model, epochs=1)
    second = record_fit(model, epochs=1)

    both = {name: np.concatenate([first[name], second[name]]) for name in first}
    assert_same(both, expected_rows())


def test_a_fit_without_a_recorder_between_two_with_one():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    first = record_fit(model, epochs=1)
    fit(model, epochs=1)
    third = record_fit(model, epochs=1)

    assert first["step"].tolist() == list(range(STEPS_PER_EPOCH))
    steps = range(2 * STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH)
    assert third["step"].tolist() == list(steps)
    np.testing.assert_allclose(
        third["learning_rate"], falling(np.array(steps)), rtol=3e-7
    )


def test_a_recorder_that_comes_after_a_fit_without_one():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")
    fit(model, epochs=1)

    rows = record_fit(model, epochs=1)

    expected = expected_rows()
    half = {name: column[STEPS_PER_EPOCH:] for name, column in expected.items()}
    assert_same(rows, half)


def test_two_recorders_take_the_same_rows():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")
    first, second = Rows(), Rows()

    with (
        Recorder(model, on_rows=first),
        Recorder(model, on_rows=second, every_iterations=3),
    ):
        fit(model)

    for rows in (first, second):
        assert_same(rows.columns(), expected_rows())
