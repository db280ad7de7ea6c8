"""Recorded rows of every mode of training, beside a loop written by hand.

`pytest -rP` of this file prints the largest difference of each mode.
"""

import hand_written_loop
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_fits import (
    HandGradient,
    OwnLoss,
    SetEveryBatch,
    Subclassed,
    assert_same,
    falling_schedule,
    make_model,
    record_fit,
)
from small_fits import (
    BATCH_SIZE,
    NUM_SAMPLES,
    STEPS_PER_EPOCH,
    Rows,
    batches_of,
    falling,
    make_data,
)

from lr_plugin.keras import Recorder

pytestmark = [pytest.mark.slow, pytest.mark.optimized_graphs]


@pytest.mark.parametrize("steps_per_execution", [1, 2, 7, 32])
@pytest.mark.parametrize("mode", ["graph", "jit_compile", "run_eagerly"])
def test_every_step_per_execution_and_mode(steps_per_execution, mode):
    model = make_model()
    model.compile(
        keras.optimizers.SGD(falling_schedule()),
        "mse",
        steps_per_execution=steps_per_execution,
        jit_compile=mode == "jit_compile",
        run_eagerly=mode == "run_eagerly",
    )

    rows = record_fit(model)

    assert len(rows["step"]) == 2 * STEPS_PER_EPOCH
    expected = hand_written_loop.train(make_model(), batches_of(*make_data()), falling)
    assert_same(rows, expected)


def test_adam_and_its_step_size():
    model = make_model()
    model.compile(keras.optimizers.Adam(falling_schedule()), "mse")

    rows = record_fit(model)

    expected = hand_written_loop.train(
        make_model(),
        batches_of(*make_data()),
        falling,
        optimizer=hand_written_loop.HandAdam(),
    )
    assert_same(rows, expected, rtol=2e-5)
    t = 1 + rows["step"]
    step_size = falling(rows["step"]) * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    # Keras computes 1 - 0.999^t in float32, which at t = 1 has 3e-5 of it left.
    np.testing.assert_allclose(rows["step_size"], step_size, rtol=5e-5)


def test_adamax_step_size_has_no_second_correction():
    model = make_model()
    model.compile(keras.optimizers.Adamax(0.01), "mse")

    rows = record_fit(model)

    expected = 0.01 / (1 - 0.9 ** (1 + rows["step"]))
    np.testing.assert_allclose(rows["step_size"], expected, rtol=5e-6)


def test_optimizers_without_step_size_have_no_such_column():
    model = make_model()
    model.compile(keras.optimizers.RMSprop(0.01), "mse")

    assert set(record_fit(model)) == {"step", "learning_rate", "loss"}


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("steps_per_execution", [1, 7])
def test_gradient_accumulation(steps_per_execution, jit_compile):
    model = make_model()
    optimizer = keras.optimizers.SGD(falling_schedule(), gradient_accumulation_steps=3)
    model.compile(
        optimizer,
        "mse",
        steps_per_execution=steps_per_execution,
        jit_compile=jit_compile,
    )

    rows = record_fit(model)

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data()), falling, accumulate=3
    )
    assert expected["applied"].sum() == 8  # 26 micro-batches // 3
    assert_same(rows, expected)


def test_sample_weights():
    x, y = make_data()
    weights = np.linspace(0, 2, NUM_SAMPLES).astype(np.float32)
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    rows = record_fit(model, fit={"sample_weight": weights})

    expected = hand_written_loop.train(make_model(), batches_of(x, y, weights), falling)
    assert_same(rows, expected)


def test_class_weights():
    x, y = make_data()
    labels = (y[:, 0] > 0).astype(np.int32)
    model = make_model()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    rows = Rows()

    with Recorder(model, on_rows=rows):
        model.fit(
            x,
            labels,
            batch_size=BATCH_SIZE,
            shuffle=False,
            class_weight={0: 1.0, 1: 3.0},
            verbose=0,
        )

    weights = np.where(labels == 1, 3.0, 1.0).astype(np.float32)
    expected = hand_written_loop.train(
        make_model(),
        batches_of(x, labels[:, None].astype(np.float32), weights, epochs=1),
        lambda step: 0.1,
    )
    assert_same(rows.columns(), expected)


def test_regularisation_is_part_of_the_loss():
    def penalty(model):
        return 0.05 * tf.reduce_sum(tf.square(model.layers[0].kernel.value))

    model = make_model(kernel_regularizer=keras.regularizers.L2(0.05))
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    rows = record_fit(model)

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data()), falling, penalty=penalty
    )
    assert_same(rows, expected)


def functional(model):
    return keras.Model(model.inputs, model.outputs)


class UsualTrainStep(Subclassed):
    """The way Keras' guides write a train_step: no scale_loss."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(
            zip(gradients, self.trainable_variables, strict=True)
        )
        return {"loss": loss}


@pytest.mark.parametrize("wrap", [functional, Subclassed, UsualTrainStep, OwnLoss])
def test_kinds_of_models(wrap):
    model = wrap(make_model())
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    rows = record_fit(model)

    expected = hand_written_loop.train(make_model(), batches_of(*make_data()), falling)
    assert_same(rows, expected)


def test_loss_that_cannot_be_seen_is_no_column():
    model = HandGradient(make_model())
    model.compile(keras.optimizers.SGD(falling_schedule()))

    rows = record_fit(model)

    assert set(rows) == {"step", "learning_rate"}
    np.testing.assert_allclose(rows["learning_rate"], falling(rows["step"]), rtol=3e-7)


def test_train_on_batch_in_a_loop():
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")
    rows = Rows()

    with Recorder(model, on_rows=rows):
        for x, y in batches_of(*make_data()):
            model.train_on_batch(x, y)

    expected = hand_written_loop.train(make_model(), batches_of(*make_data()), falling)
    assert_same(rows.columns(), expected)


def train_in_float16(scale, rate):
    """The hand-written loop of mixed precision: skips, halves the scale, goes on."""
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make_model()
    finally:
        keras.config.set_dtype_policy("float32")
    variables = [variable.value for variable in model.trainable_variables]
    rows, step = [], 0
    for x, y in batches_of(*make_data()):
        with tf.GradientTape() as tape:
            loss = hand_written_loop.squared_error(y, model(x, training=True))
            scaled = loss * scale
        gradients = tape.gradient(scaled, variables)
        finite = all(bool(tf.reduce_all(tf.math.is_finite(g))) for g in gradients)
        rows.append((step, rate(step), float(loss), int(finite)))
        if finite:
            for variable, gradient in zip(variables, gradients, strict=True):
                variable.assign(variable - np.float32(rate(step)) * gradient / scale)
            step += 1
        else:
            scale /= 2
    names = ("step", "learning_rate", "loss", "applied")
    return dict(zip(names, np.array(rows).T, strict=True))


@pytest.mark.parametrize("steps_per_execution", [1, 7])
def test_mixed_precision_with_overflows(steps_per_execution):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = make_model()
    finally:
        keras.config.set_dtype_policy("float32")
    model.compile(
        keras.optimizers.LossScaleOptimizer(
            keras.optimizers.SGD(falling_schedule()), initial_scale=2.0**24
        ),
        "mse",
        steps_per_execution=steps_per_execution,
        jit_compile=False,
    )

    rows = record_fit(model)

    expected = train_in_float16(2.0**24, falling)
    assert 3 <= np.sum(expected["applied"] == 0) <= 12
    # One rounding of float16 is 1e-3; most of it averages out.
    assert_same(rows, expected, rtol=2e-3)


def test_callable_rate():
    rate = tf.Variable(0.05)
    model = make_model()
    model.compile(keras.optimizers.SGD(lambda: rate * 2), "mse")

    rows = record_fit(model)

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data()), lambda step: 0.1
    )
    assert_same(rows, expected)


def test_moving_average_of_weights():
    model = make_model()
    model.compile(
        keras.optimizers.SGD(
            falling_schedule(), use_ema=True, ema_overwrite_frequency=None
        ),
        "mse",
    )

    rows = record_fit(model, fit={"epochs": 1})

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data(), epochs=1), falling
    )
    assert_same(rows, expected)


def step_of(rate_per_epoch):
    return lambda step: rate_per_epoch[step // STEPS_PER_EPOCH]


@pytest.mark.parametrize(
    ("callback", "rate"),
    [
        (SetEveryBatch(), lambda step: 0.1 / (1 + step % STEPS_PER_EPOCH)),
        (
            keras.callbacks.LearningRateScheduler(lambda epoch: [0.1, 0.03][epoch]),
            step_of([0.1, 0.03]),
        ),
        (
            # No improvement is ever 1000, so the rate falls after every epoch.
            keras.callbacks.ReduceLROnPlateau(
                "loss", factor=0.1, patience=0, min_delta=1000.0
            ),
            step_of([0.1, 0.1, 0.01]),
        ),
    ],
    ids=["on_train_batch_begin", "LearningRateScheduler", "ReduceLROnPlateau"],
)
def test_callbacks_that_set_the_rate(callback, rate):
    model = make_model()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    epochs = 3 if isinstance(callback, keras.callbacks.ReduceLROnPlateau) else 2

    rows = record_fit(model, fit={"callbacks": [callback], "epochs": epochs})

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data(), epochs=epochs), rate
    )
    assert_same(rows, expected)


def test_several_optimizers_in_one_model():
    optimizers = keras.optimizers
    if not hasattr(optimizers, "MultiOptimizer"):
        pytest.skip("This Keras has no MultiOptimizer.")
    model = make_model()
    first, _ = model.layers
    fast = optimizers.SGD(falling_schedule(), name="fast")
    slow = optimizers.SGD(0.01, name="slow")
    mapping = optimizers.OptimizerMap(slow, {f"{first.path}/.*": fast})
    model.compile(optimizers.MultiOptimizer(mapping), "mse")

    rows = record_fit(model)

    np.testing.assert_allclose(
        rows["learning_rate:fast"], falling(rows["step"]), rtol=3e-7
    )
    np.testing.assert_allclose(rows["learning_rate:slow"], 0.01, rtol=3e-7)
    assert rows["learning_rate"].tolist() == rows["learning_rate:fast"].tolist()

    class TwoRates(hand_written_loop.HandSGD):
        def update(self, variables, gradients, rate):
            super().update(variables[:2], gradients[:2], rate)
            super().update(variables[2:], gradients[2:], 0.01)

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data()), falling, optimizer=TwoRates()
    )
    assert_same(rows, expected)


def test_gradient_norm_is_global_and_before_clipping():
    model = make_model()
    model.compile(keras.optimizers.SGD(0.0, global_clipnorm=1e-3), "mse")

    rows = record_fit(model, gradient_norm=True, fit={"epochs": 1})

    x, y = make_data()

    model = make_model()
    for i, (inputs, targets) in enumerate(batches_of(x, y, epochs=1)):
        with tf.GradientTape() as tape:
            loss = hand_written_loop.squared_error(targets, model(inputs))
        variables = [variable.value for variable in model.trainable_variables]
        gradients = tape.gradient(loss, variables)
        norm = np.sqrt(sum(np.sum(np.square(g)) for g in gradients))
        assert rows["gradient_norm"][i] == pytest.approx(norm, rel=1e-5)


def test_gradient_norm_is_free_of_the_loss_scale():
    norms = []
    for scale in (None, 1024.0):
        model = make_model()
        optimizer = keras.optimizers.SGD(0.0, loss_scale_factor=scale)
        model.compile(optimizer, "mse")
        norms.append(record_fit(model, gradient_norm=True)["gradient_norm"])
    np.testing.assert_allclose(norms[0], norms[1], rtol=1e-5)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    epochs=st.integers(1, 3),
    num_batches=st.integers(1, 9),
    steps_per_execution=st.integers(1, 11),
    accumulate=st.integers(1, 4),
    every_iterations=st.integers(1, 20),
)
def test_rows_are_all_there_in_order_without_double(
    epochs, num_batches, steps_per_execution, accumulate, every_iterations
):
    x, y = make_data(num_batches * 4)
    model = make_model()
    model.compile(
        keras.optimizers.SGD(
            falling_schedule(),
            gradient_accumulation_steps=accumulate if accumulate > 1 else None,
        ),
        "mse",
        steps_per_execution=steps_per_execution,
    )
    rows = Rows()

    with Recorder(model, on_rows=rows, every_iterations=every_iterations):
        model.fit(x, y, batch_size=4, epochs=epochs, verbose=0)

    columns = rows.columns()
    num_rows = epochs * num_batches
    assert columns["step"].tolist() == list(range(num_rows))
    applied = [int((i + 1) % accumulate == 0) for i in range(num_rows)]
    assert columns.get("applied", np.ones(num_rows)).tolist() == applied
    np.testing.assert_allclose(
        columns["learning_rate"], falling(np.arange(num_rows)), rtol=3e-7
    )


def test_model_that_is_not_compiled_is_refused():
    with pytest.raises(ValueError, match=r"must be compiled .* model\.compile\(\)"):
        Recorder(make_model(), on_rows=print)


def test_overwritten_rows_are_counted():
    model = make_model()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    rows = Rows()
    recorder = Recorder(model, on_rows=rows)
    x, y = next(batches_of(*make_data()))

    with recorder:
        step = tf.function(lambda: model.train_step((x, y)))
        for _ in range(1100):
            step()

    assert recorder.drain.num_lost_rows == 1100 - 1024
    assert rows.columns()["step"].tolist() == list(range(76, 1100))
