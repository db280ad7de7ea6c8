"""What only Keras on JAX has: steps that return their state, devices, traces."""

import jax
import keras
import numpy as np
import numpy_loop
import pytest
from small_fits import STEPS_PER_EPOCH, Rows, batches_of, falling, make_data
from training import (
    assert_same,
    expected_rows,
    falling_schedule,
    fit,
    make_model,
    record_fit,
)

from lr_plugin.keras import LearningRateLogger, Recorder
from lr_plugin.keras.capture.outside_rows import NOTE


class StatelessStep(keras.Model):
    """The step of the guide "Customizing what happens in fit() with JAX"."""

    gradient = "value_and_grad"

    def loss_of(self, trainable_variables, non_trainable_variables, x, y):
        prediction, non_trainable_variables = self.stateless_call(
            trainable_variables, non_trainable_variables, x, training=True
        )
        loss = self.compute_loss(x, y, prediction)
        return loss, (prediction, non_trainable_variables)

    def train_step(self, state, data):
        trainable, non_trainable, optimizer_variables, metrics = state
        x, y = data[:2]
        if self.gradient == "grad":
            # Without the value, as where nobody looks at it.
            grads, (_, non_trainable) = jax.grad(self.loss_of, has_aux=True)(
                trainable, non_trainable, x, y
            )
            logs = {}
        else:
            grad_fn = jax.value_and_grad(self.loss_of, has_aux=True)
            (loss, (_, non_trainable)), grads = grad_fn(trainable, non_trainable, x, y)
            logs = {"my_loss": loss}
        trainable, optimizer_variables = self.optimizer.stateless_apply(
            optimizer_variables, grads, trainable
        )
        return logs, (trainable, non_trainable, optimizer_variables, metrics)


@pytest.mark.parametrize("gradient", ["value_and_grad", "grad"])
@pytest.mark.parametrize("jit_compile", [True, False])
def test_custom_step_that_returns_its_state(gradient, jit_compile):
    model = make_model(StatelessStep)
    model.gradient = gradient
    model.compile(
        keras.optimizers.SGD(falling_schedule()), "mse", jit_compile=jit_compile
    )

    assert_same(record_fit(model), expected_rows())


def test_what_takes_gradients_is_what_it_was_afterwards():
    before = jax.value_and_grad, jax.grad
    model = make_model()
    model.compile("sgd", "mse")

    record_fit(model)

    assert (jax.value_and_grad, jax.grad) == before


def test_updates_in_a_loop_are_left_out_with_a_note():
    class LoopedStep(StatelessStep):
        def train_step(self, state, data):
            def once(_, state):
                return super(LoopedStep, self).train_step(state, data)[1]

            return {}, jax.lax.fori_loop(0, 2, once, tuple(map(list, state)))

    model = make_model(LoopedStep)
    model.compile("sgd", "mse")
    rows = Rows()

    with Recorder(model, on_rows=rows) as recorder:
        fit(model)

    assert rows.parts == []
    assert (
        "Updates in a loop or a branch of the training step were not recorded: JAX "
        "hands nothing out of these."
    ) in recorder.notes


class CountingStep(keras.Model):
    """Counts how often Python runs its step."""

    num_calls, factor = 0, 1.0

    def train_step(self, state, data):
        self.num_calls += 1
        return super().train_step(state, data)

    def compute_loss(self, *args, **kwargs):
        return self.factor * super().compute_loss(*args, **kwargs)


def test_the_step_is_traced_as_often_as_without():
    counts = []
    for is_recorded in (False, True):
        model = make_model(CountingStep)
        model.compile("sgd", "mse")
        record_fit(model) if is_recorded else fit(model)
        record_fit(model) if is_recorded else fit(model)
        counts.append(model.num_calls)

    assert counts[0] == counts[1] == 2  # once for 8 examples, once for 4


def test_a_step_that_python_has_changed_since_is_called_as_it_was():
    trained = []
    for is_recorded in (False, True):
        model = make_model(CountingStep)
        model.compile(keras.optimizers.SGD(falling_schedule()), "mse")
        fit(model, epochs=1)
        model.factor = 3.0
        rows = Rows()
        if is_recorded:
            with Recorder(model, on_rows=rows) as recorder:
                fit(model, epochs=1)
        else:
            fit(model, epochs=1)
        trained.append(model.get_weights())

    np.testing.assert_equal(trained[0], trained[1])
    assert recorder.notes == [NOTE]
    columns = rows.columns()
    steps = np.arange(STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH)
    assert columns["step"].tolist() == steps.tolist()
    np.testing.assert_allclose(columns["learning_rate"], falling(steps), rtol=3e-7)
    assert "loss" not in columns


def test_data_parallelism_over_two_devices():
    assert len(jax.devices()) == 2
    x, y = (array[:96] for array in make_data())  # the batches must split evenly
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    try:
        model = make_model()
        model.compile(keras.optimizers.SGD(falling_schedule()), "mse")
        weights, rows = model.get_weights(), Rows()
        with Recorder(model, on_rows=rows):
            model.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
        (kernel, *_) = model.trainable_variables
        assert len(kernel.value.sharding.device_set) == 2
    finally:
        keras.distribution.set_distribution(None)

    expected, _ = numpy_loop.train(weights, batches_of(x, y), falling)
    assert_same(rows.columns(), expected)


def test_a_rate_that_is_asked_for_in_a_branch_is_left_out_with_a_note():
    model = make_model()
    optimizer = keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(lambda: 0.1))
    model.compile(optimizer, "mse")
    rows = Rows()

    with Recorder(model, on_rows=rows) as recorder:
        fit(model)

    assert np.isnan(rows.columns()["learning_rate"]).all()
    assert recorder.notes == [
        "The rate was not recorded: it is a function, which would have to be called "
        "once more to know what it gave."
    ]


def test_a_function_that_gives_the_rate_is_called_as_often_as_without():
    calls = []
    for is_recorded in (False, True):
        num_calls = []

        def rate(num_calls=num_calls):
            num_calls.append(1)
            return 0.25

        model = make_model()
        model.compile(keras.optimizers.SGD(rate), "mse")
        if is_recorded:
            rows = record_fit(model)
        else:
            fit(model)
        calls.append(len(num_calls))

    assert calls[0] == calls[1]
    assert set(rows["learning_rate"]) == {0.25}


def test_a_step_that_nnx_compiles_is_said_not_to_be_recorded(tmp_path, monkeypatch):
    # As Keras makes the step with KERAS_NNX_ENABLED, here without flax.
    def make_train_function(model, force=False):
        step = jax.jit(lambda state, data: type(model).train_step(model, state, data))
        model.train_function = model._make_function(step)

    monkeypatch.setattr(keras.config, "is_nnx_enabled", lambda: True)
    monkeypatch.setattr(keras.Model, "make_train_function", make_train_function)
    model = make_model()
    model.compile("sgd", "mse")

    with pytest.warns(UserWarning) as warned:
        fit(model, epochs=1, callbacks=[LearningRateLogger(tmp_path)])

    assert (
        "No iteration was recorded: with KERAS_NNX_ENABLED Keras compiles the step of "
        "the model's class, past what records it. Unset KERAS_NNX_ENABLED, or call "
        "`model.compile` with jit_compile=False."
    ) in [str(each.message) for each in warned]
