"""What Keras does and this package relies on; an upgrade may change it.

Nothing of this package is tested here. A test that fails says which of its assumptions
the installed Keras no longer keeps, before a wrong number says so.
"""

import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

pytestmark = pytest.mark.slow


class Ones(keras.layers.Layer):
    """Gives its only weight, which begins at 1, whatever its input."""

    def build(self, shape):
        self.weight = self.add_weight(shape=(), initializer="ones")

    def call(self, inputs):
        return self.weight + 0 * inputs


def compiled(optimizer="sgd", loss="mse", **arguments):
    model = keras.Sequential([keras.Input((1,)), Ones()])
    model.compile(optimizer, loss, **arguments)
    return model


def fit(model, targets, callbacks=(), **arguments):
    """Fits batches of one example each."""
    x = np.zeros((len(targets), 1), np.float32)
    y = np.array(targets, np.float32).reshape(-1, 1)
    arguments = {"batch_size": 1, "shuffle": False, "verbose": 0, **arguments}
    return model.fit(x, y, callbacks=list(callbacks), **arguments)


def at_batch_ends(read):
    """Makes a callback and the list to which it adds what `read` gives."""
    found = []
    return keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: found.append(read(batch, logs))
    ), found


# The numbers that callbacks are given.


def test_the_loss_in_the_logs_of_a_batch_is_the_mean_since_the_epoch_began():
    callback, losses = at_batch_ends(lambda batch, logs: logs["loss"])
    # The model says 1, and stays: the losses are 0, 4 and 16.
    fit(compiled(keras.optimizers.SGD(0.0)), [1, 3, 5], [callback], epochs=2)
    np.testing.assert_allclose(losses, 2 * [0, 2, 20 / 3], rtol=1e-6)


def test_a_loss_that_is_not_finite_stays_in_the_mean_of_the_epoch():
    callback, losses = at_batch_ends(lambda batch, logs: logs["loss"])
    fit(compiled(keras.optimizers.SGD(0.0)), [1, np.nan, 1], [callback])
    assert np.isnan(losses).tolist() == [False, True, True]


def test_after_an_update_the_optimizer_reports_the_rate_of_the_next():
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 1.0)
    model = compiled(keras.optimizers.SGD(schedule))
    callback, rates = at_batch_ends(
        lambda batch, logs: float(model.optimizer.learning_rate)
    )
    fit(model, [1] * 10, [callback])
    # Update number 10 used 0.1 / 10.
    np.testing.assert_allclose(rates, [0.1 / (1 + i) for i in range(1, 11)], rtol=1e-6)


def test_batch_hooks_are_called_once_for_each_call_of_several_steps():
    callback, batches = at_batch_ends(lambda batch, logs: batch)
    fit(compiled(steps_per_execution=4), [1] * 10, [callback])
    assert len(batches) == 3


def test_batch_hooks_run_before_the_next_step():
    model = compiled()
    callback, counts = at_batch_ends(
        lambda batch, logs: int(model.optimizer.iterations.numpy())
    )
    fit(model, [1] * 3, [callback])
    assert counts == [1, 2, 3]


def test_the_mean_of_the_training_loss_is_a_metric_named_loss():
    model = compiled()
    fit(model, [1, 3])
    (mean,) = [m for m in model.metrics if m.name == "loss"]
    assert isinstance(mean, keras.metrics.Mean)
    assert float(mean.count) == 2


def test_metrics_of_several_classes_are_arrays_in_the_logs():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=[keras.metrics.F1Score()])
    logs = model.fit(np.eye(2), np.eye(2), verbose=0).history
    assert np.shape(logs["f1_score"][0]) == (2,)


# How `fit` goes about it.


class Order(keras.callbacks.Callback):
    """Notes whether there is a train function."""

    def __init__(self):
        super().__init__()
        self.found = []

    def set_model(self, model):
        super().set_model(model)
        self.found.append(("set_model", model.train_function is not None))

    def on_train_begin(self, logs=None):
        self.found.append(("begin", self.model.train_function is not None))


def test_a_callback_meets_the_model_before_the_train_function_is_made():
    model, order = compiled(), Order()
    fit(model, [1], [order])
    assert order.found == [("set_model", False), ("begin", True)]


def test_the_train_function_of_an_earlier_fit_is_used_again():
    model, order = compiled(), Order()
    fit(model, [1])
    function = model.train_function
    fit(model, [1], [order])
    assert order.found == [("set_model", True), ("begin", True)]
    assert model.train_function is function
    model.make_train_function(force=True)
    assert model.train_function is not function


@pytest.mark.parametrize("run_eagerly", [True, False])
def test_a_step_scales_the_loss_of_its_batch_and_applies_in_this_order(run_eagerly):
    called = []

    class Noting(keras.optimizers.SGD):
        def scale_loss(self, loss):
            called.append(("scale_loss", loss.shape.rank))
            return super().scale_loss(loss)

        def apply_gradients(self, pairs):
            called.append("apply_gradients")
            return super().apply_gradients(pairs)

        def apply(self, *args):
            called.append("apply")
            return super().apply(*args)

        def _get_current_learning_rate(self):
            called.append("rate")
            return super()._get_current_learning_rate()

    fit(compiled(Noting(0.1), run_eagerly=run_eagerly), [1])
    steps = ["".join(map(str, called[i : i + 4])) for i in range(0, len(called), 4)]
    assert set(steps) == {"('scale_loss', 0)apply_gradientsapplyrate"}


def test_fit_and_what_lists_callbacks_are_functions_of_the_class():
    # By their code the end of a training is told, where no callback is called.
    for function in (keras.Model.fit, keras.Model.evaluate, keras.Model.predict):
        assert inspect.unwrap(function).__name__ in ("fit", "evaluate", "predict")
    assert inspect.isfunction(keras.callbacks.CallbackList.set_model)
    assert inspect.isfunction(keras.callbacks.CallbackList.on_train_begin)


def test_a_list_of_callbacks_is_taken_as_it_is():
    # So that two fits can be one training.
    called = []

    class Watching(keras.callbacks.CallbackList):
        def on_train_begin(self, logs=None):
            called.append(self)
            super().on_train_begin(logs)

    model = compiled()
    callbacks = Watching(
        [], add_history=True, model=model, epochs=1, steps=1, verbose=0
    )
    model.fit(np.zeros((1, 1)), np.zeros((1, 1)), callbacks=callbacks, verbose=0)
    assert called == [callbacks]


def test_an_exception_ends_a_fit_without_telling_its_callbacks():
    class Failing(keras.callbacks.Callback):
        ended = False

        def on_train_batch_end(self, batch, logs=None):
            raise ArithmeticError

        def on_train_end(self, logs=None):
            self.ended = True

    failing = Failing()
    with pytest.raises(ArithmeticError):
        fit(compiled(), [1], [failing])
    assert not failing.ended


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_data_without_a_length_counts_one_iteration_more_at_its_end():
    # Rows then show a gap, because the optimizer has one.
    model = compiled()
    data = tf.data.Dataset.from_generator(
        lambda: iter([([[0.0]], [[1.0]])] * 4),
        output_signature=2 * (tf.TensorSpec((1, 1)),),
    )
    model.fit(data, verbose=0, shuffle=False)
    assert int(model.optimizer.iterations.numpy()) == 5


def test_python_values_are_baked_into_the_step_when_it_is_traced():
    rates = []

    class Reading(keras.optimizers.SGD):
        factor = 1.0

        def update_step(self, gradient, variable, learning_rate):
            rates.append(self.factor)
            super().update_step(gradient, variable, learning_rate)

    model = compiled(Reading(0.1))
    change = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: setattr(model.optimizer, "factor", 2.0)
    )
    fit(model, [1] * 3, [change])
    assert set(rates) == {1.0}


def test_the_stock_callback_writes_the_mean_of_the_epoch_as_batch_loss(tmp_path):
    from tensorboard.backend.event_processing import event_file_loader
    from tensorboard.util import tensor_util

    stock = keras.callbacks.TensorBoard(
        tmp_path, update_freq="batch", write_graph=False
    )
    fit(compiled(keras.optimizers.SGD(0.0)), [1, 3, 5], [stock])
    (path,) = (tmp_path / "train").glob("*tfevents*")
    losses = [
        float(tensor_util.make_ndarray(value.tensor))
        for event in event_file_loader.EventFileLoader(str(path)).Load()
        for value in event.summary.value
        if value.tag == "batch_loss"
    ]
    np.testing.assert_allclose(losses, [0, 2, 20 / 3], rtol=1e-6)


# Optimizers.


def test_accumulated_gradients_have_two_counts_of_iterations():
    model = compiled(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2))
    fit(model, [3] * 5)
    assert int(model.optimizer.iterations.numpy()) == 2
    assert int(model.optimizer._iterations.numpy()) == 5


def test_schedules_are_asked_for_micro_batches():
    asked = []

    class Schedule(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            asked.append(int(step))
            return 0.1

    optimizer = keras.optimizers.SGD(Schedule(), gradient_accumulation_steps=2)
    fit(compiled(optimizer, run_eagerly=True), [3] * 4)
    assert max(asked) == 3


def test_gradients_that_are_not_finite_are_skipped_and_not_counted():
    model = compiled(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)))
    fit(model, [3, np.inf, 3])
    assert int(model.optimizer.iterations.numpy()) == 2
    assert int(model.optimizer.inner_optimizer.iterations.numpy()) == 2
    assert np.isfinite(model.layers[0].weight.numpy())


def test_the_rate_has_its_place_in_an_optimizer():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert keras.optimizers.SGD(schedule)._learning_rate is schedule
    assert isinstance(keras.optimizers.SGD(0.1)._learning_rate, keras.Variable)
    assert isinstance(keras.Optimizer.learning_rate, property)


def test_slots_are_found_by_the_index_of_their_variable():
    model = compiled(keras.optimizers.Adam())
    fit(model, [3])
    optimizer, weight = model.optimizer, model.layers[0].weight
    index = optimizer._trainable_variables_indices[optimizer._var_key(weight)]
    assert optimizer._velocities[index].shape == weight.shape
    assert optimizer._momentums[index].shape == weight.shape


def test_adafactor_takes_no_higher_rate_than_its_number_allows():
    # Of a single weight of 1, whose update is its sign, times the rate.
    model = compiled(keras.optimizers.Adafactor(1.0, weight_decay=None))
    weight = model.layers[0].weight
    values = [float(weight.numpy())]
    callback, _ = at_batch_ends(lambda *_: values.append(float(weight.numpy())))
    fit(model, [-100] * 3, [callback])
    steps = -np.diff(values) / np.maximum(1e-3, np.abs(values[:-1]))
    np.testing.assert_allclose(steps, 1 / np.sqrt([1, 2, 3]), rtol=0.02)


def test_an_optimizer_cannot_describe_a_schedule_without_a_config():
    class Noam(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    with pytest.raises(NotImplementedError):
        keras.optimizers.SGD(Noam()).get_config()


def test_the_old_argument_decay_is_ignored_with_a_warning():
    with pytest.warns(UserWarning, match="decay"):
        optimizer = keras.optimizers.Adam(0.1, decay=0.5)
    assert float(optimizer.learning_rate) == pytest.approx(0.1)


def test_the_stock_plateau_refuses_an_optimizer_with_a_schedule():
    # MultiplyOnPlateau is there for that.
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="loss", patience=1)
    with pytest.raises(TypeError):
        fit(compiled(keras.optimizers.SGD(schedule)), [1], [plateau], epochs=3)


def test_the_stock_plateau_asks_the_metric_which_value_is_better():
    for metric, better in (("accuracy", 1.0), ("mae", 0.0)):
        model = compiled(metrics=[metric])
        fit(model, [1])
        plateau = keras.callbacks.ReduceLROnPlateau(metric, patience=99)
        plateau.set_model(model)
        plateau.on_train_begin()
        for value in (0.0, 1.0):
            plateau.on_epoch_end(0, {metric: value})
        assert plateau.best == better


def test_decay_steps_of_the_stock_cosine_come_after_its_warmup():
    cosine = keras.optimizers.schedules.CosineDecay(
        0.0, 100, warmup_target=1.0, warmup_steps=10
    )
    assert float(cosine(10)) == pytest.approx(1.0)
    assert float(cosine(60)) == pytest.approx(0.5)
    assert float(cosine(110)) == pytest.approx(0.0, abs=1e-7)


# Several devices.


def test_the_count_of_iterations_is_read_by_numpy_under_a_strategy():
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        optimizer = keras.optimizers.SGD(0.1)
        optimizer.build([keras.Variable(1.0)])
    assert int(optimizer.iterations.numpy()) == 0


def test_a_model_can_be_made_to_build_from_a_batch_for_several_machines():
    model = compiled()
    assert callable(model._maybe_symbolic_build)
    assert "data_batch" in inspect.signature(model._symbolic_build).parameters
    assert "data_batch" in inspect.signature(model._maybe_symbolic_build).parameters
