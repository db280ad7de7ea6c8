"""The range test on real models: what it finds, and that it leaves no trace."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from keras.src.backend.common import global_state

from lr_plugin.keras.range_test.range_test import range_test

pytestmark = pytest.mark.slow

NUM_SAMPLES, BATCH_SIZE = 96, 16


def make_data(num_samples=NUM_SAMPLES):
    generator = np.random.default_rng(5)
    x = generator.normal(size=[num_samples, 8]).astype(np.float32)
    return x, (x[:, :1] * x[:, 1:2] > 0).astype(np.float32)


def make_model(optimizer=None, *, is_built=True):
    """Makes a model with all that could keep a trace: dropout, batch norm, metrics.

    Where its optimizer is built before, Keras traces the step once instead of twice.
    """
    keras.utils.set_random_seed(2)
    optimizer = optimizer or keras.optimizers.SGD(0.1, momentum=0.9)
    model = keras.Sequential(
        [
            layers.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    if is_built:
        optimizer.build(model.trainable_variables)
    return model


def make_slope(**compile_arguments):
    """Makes a model whose loss is its one weight, from 0 on; its gradient is 1."""
    model = keras.Sequential(
        [
            layers.Input((1,)),
            layers.Dense(1, use_bias=False, kernel_initializer="zeros"),
        ]
    )
    arguments = {"optimizer": keras.optimizers.SGD(0.5), **compile_arguments}
    model.compile(loss=lambda _, prediction: prediction, **arguments)
    return model


def run_on_slope(model, num_samples=40, batch_size=4, **arguments):
    ones = np.ones([num_samples, 1], np.float32)
    return range_test(
        model,
        ones,
        ones,
        batch_size=batch_size,
        min_learning_rate=0.01,
        max_learning_rate=1.0,
        num_steps=13,
        repeats=2,
        **arguments,
    )


def rates_of_updates(losses):
    # Each update lowers the weight, and so the next loss, by its rate.
    return -np.diff(losses)


def everything_in(model):
    optimizer = model.optimizer
    variables = [*model.variables, *model.metrics_variables, *optimizer.variables]
    return [np.array(variable) for variable in variables]


def assert_equal(before, after):
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


def fit_and_return_weights(model, *data, **arguments):
    model.fit(*data, epochs=2, verbose=0, **arguments)
    return everything_in(model)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"steps_per_execution": 7},
        {"jit_compile": True},
        {"run_eagerly": True},
        {
            "optimizer": keras.optimizers.SGD(
                keras.optimizers.schedules.CosineDecay(1, 9)
            )
        },
    ],
    ids=["plain", "steps_per_execution", "jit_compile", "eager", "schedule"],
)
def test_every_update_uses_the_next_of_log_spaced_rates(settings):
    result = run_on_slope(make_slope(**settings))
    # Six rates in a decade: each is the sixth root of ten times the one before.
    expected = [0.01 * 10 ** (i / 6) for i in range(13)]
    np.testing.assert_allclose(result.learning_rates, expected, rtol=1e-12)
    for losses in result.losses:
        assert losses[0] == 0
        np.testing.assert_allclose(rates_of_updates(losses), expected[:12], rtol=1e-4)


def test_with_accumulation_a_rate_lasts_for_one_update():
    optimizer = keras.optimizers.SGD(0.5, gradient_accumulation_steps=3)
    result = run_on_slope(make_slope(optimizer=optimizer))
    expected = [0.01 * 10 ** (i / 6) for i in range(13)]
    for losses in result.losses:
        np.testing.assert_allclose(rates_of_updates(losses), expected[:12], rtol=1e-4)


def test_an_update_skipped_by_loss_scaling_does_not_use_up_a_rate():
    # 1e39 is too much for float32, so that the first gradients are infinite.
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.5), initial_scale=3e38
    )
    model = keras.Sequential(
        [
            layers.Input((1,)),
            layers.Dense(1, use_bias=False, kernel_initializer="zeros"),
        ]
    )
    model.compile(optimizer, loss=lambda _, prediction: 100.0 * prediction)
    result = run_on_slope(model)
    expected = [0.01 * 10 ** (i / 6) for i in range(13)]
    for losses in result.losses:
        # Its gradient is 100, so that its loss falls by 100 * 100 times the rate.
        np.testing.assert_allclose(
            rates_of_updates(losses), 1e4 * np.array(expected[:12]), rtol=1e-4
        )


def test_losses_can_be_those_of_a_fixed_batch_after_each_update():
    model = make_slope(steps_per_execution=7)
    ones = np.ones([3, 1], np.float32)
    model.evaluate(ones, ones, verbose=0)
    result = run_on_slope(model, validation_data=(2 * ones, ones))
    # Twice the weight, which each update has lowered by its rate.
    expected = -2 * np.cumsum([0.01 * 10 ** (i / 6) for i in range(13)])
    for losses in result.losses:
        np.testing.assert_allclose(losses, expected, rtol=1e-4)
    assert result.loss_name == "validation loss"


def test_stops_where_the_loss_of_the_fixed_batch_is_not_finite():
    model = make_slope()
    zeros, ones = np.zeros([4, 1], np.float32), np.ones([4, 1], np.float32)
    # The batches have finite losses, the fixed one is 1 / 0 from the start.
    model.compile(keras.optimizers.SGD(0.5), loss=lambda y, p: p / y)
    result = run_on_slope(model, validation_data=(ones, zeros))
    assert [len(losses) for losses in result.losses] == [0, 0]
    assert "No update was possible" in result.reason


def test_data_shorter_than_the_test_is_read_again():
    result = run_on_slope(make_slope(), num_samples=5, batch_size=4)
    assert [len(losses) for losses in result.losses] == [13, 13]


def test_repeats_start_from_the_same_weights_and_take_the_next_batches():
    # The loss of a batch of one at weight 0 plus the example tells which it was.
    model = keras.Sequential(
        [layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")]
    )
    model.compile(
        keras.optimizers.SGD(0.5), loss=lambda y, prediction: y + 0 * prediction
    )
    y = np.arange(30, dtype=np.float32)[:, np.newaxis]
    result = range_test(
        model, np.ones_like(y), y, batch_size=1, num_steps=10, repeats=3, shuffle=False
    )
    assert np.concatenate(result.losses).tolist() == list(range(30))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_stops_at_once_where_the_loss_is_not_finite(bad):
    model = make_slope()
    # The rates 0.01, 0.0147, 0.0215, 0.0316 sum up to 0.078: the fifth loss is bad.
    model.compile(
        keras.optimizers.SGD(0.5),
        loss=lambda _, prediction: tf.where(prediction < -0.07, bad, prediction),
    )
    result = run_on_slope(model)
    assert [len(losses) for losses in result.losses] == [4, 4]
    assert f"the loss became {bad} at the rate 0.0464" in result.stop_reason
    assert result.suggestion is None
    assert "too short" in result.reason


def test_stops_on_divergence_also_with_a_model_that_was_trained_before():
    x, y = make_data()
    model = make_model(keras.optimizers.SGD(0.1, momentum=0.9))
    model.fit(x, y, epochs=4, batch_size=BATCH_SIZE, verbose=0)
    model.compile(keras.optimizers.SGD(0.1), "mse")
    result = range_test(
        model, 100 * x, 100 * y, batch_size=BATCH_SIZE, max_learning_rate=1e4
    )
    lengths = [len(losses) for losses in result.losses]
    assert all(15 < length <= 100 for length in lengths)


def datasets():
    x, y = make_data()

    class Shuffling(keras.utils.PyDataset):
        def __init__(self):
            super().__init__()
            self.generator = np.random.default_rng(1)
            self.order = np.arange(NUM_SAMPLES)

        def __len__(self):
            return NUM_SAMPLES // BATCH_SIZE

        def __getitem__(self, index):
            batch = self.order[index * BATCH_SIZE : (index + 1) * BATCH_SIZE]
            return x[batch] + self.generator.normal(size=[BATCH_SIZE, 8]), y[batch]

        def on_epoch_end(self):
            self.generator.shuffle(self.order)

    def augmented():
        noise = layers.GaussianNoise(0.1, seed=4)
        pairs = tf.data.Dataset.from_tensor_slices((x, y))
        return pairs.batch(BATCH_SIZE).map(lambda x, y: (noise(x, training=True), y))

    def generated():
        def batches():
            for begin in range(0, NUM_SAMPLES, BATCH_SIZE):
                yield x[begin : begin + BATCH_SIZE], y[begin : begin + BATCH_SIZE]

        signature = (
            tf.TensorSpec([None, 8], tf.float32),
            tf.TensorSpec([None, 1], tf.float32),
        )
        return tf.data.Dataset.from_generator(batches, output_signature=signature)

    return {
        "arrays": lambda: (x, y),
        "tensors": lambda: (tf.constant(x), tf.constant(y)),
        "shuffled tf.data": lambda: (
            tf.data.Dataset.from_tensor_slices((x, y))
            .shuffle(NUM_SAMPLES)
            .batch(BATCH_SIZE)
            .prefetch(2),
        ),
        "augmented tf.data": lambda: (augmented(),),
        "tf.data of unknown length": lambda: (generated(),),
        "PyDataset": lambda: (Shuffling(),),
    }


# Keras warns so where the first epoch finds out the length of the data.
@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("kind", datasets())
def test_training_after_a_test_is_bit_equal_to_training_without_one(kind):
    def train(*, tested):
        model = make_model()
        data = datasets()[kind]()
        if tested:
            range_test(
                model, *data, num_steps=20, repeats=2, validation_data=make_data(5)
            )
        # Keras warns that it leaves the order of a tf.data.Dataset alone.
        return fit_and_return_weights(model, *data, shuffle="tf.data" not in kind)

    assert_equal(train(tested=False), train(tested=True))


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.Adam(
            keras.optimizers.schedules.ExponentialDecay(0.01, 5, 0.5)
        ),
        lambda: keras.optimizers.SGD(0.1, momentum=0.9, use_ema=True),
        lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=4),
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01)),
    ],
    ids=["schedule", "ema", "accumulation", "loss scale"],
)
def test_training_goes_on_after_a_test_as_if_there_had_been_none(optimizer):
    x, y = make_data()

    def train(*, tested):
        model = make_model(optimizer())
        model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)
        # With accumulation the test begins between two updates: 6 batches of 4.
        if tested:
            range_test(model, x, y, batch_size=BATCH_SIZE, num_steps=20, repeats=2)
        return fit_and_return_weights(model, x, y, batch_size=BATCH_SIZE)

    assert_equal(train(tested=False), train(tested=True))


class Stop(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize("exception", [Stop, KeyboardInterrupt])
def test_an_exception_leaves_no_trace_either(exception):
    x, y = make_data()

    class Failing(keras.utils.PyDataset):
        num_reads = 0

        def __len__(self):
            return NUM_SAMPLES

        def __getitem__(self, index):
            Failing.num_reads += 1
            if Failing.num_reads > 60:
                raise exception
            return x, y

    model = make_model()
    model.fit(x, y, batch_size=BATCH_SIZE, verbose=0)
    before, rate = everything_in(model), model.optimizer._learning_rate
    with pytest.raises((exception, tf.errors.OpError)):
        range_test(model, Failing(), num_steps=100, repeats=2)
    assert_equal(before, everything_in(model))
    assert model.optimizer._learning_rate is rate
    assert "apply" not in vars(model.optimizer)


@pytest.mark.parametrize("has_drawn", [False, True])
def test_optimizer_model_and_generators_are_what_they_were(has_drawn):
    x, y = make_data()
    model = make_model()
    model.fit(x, y, verbose=0)
    model.stop_training = "as it was"
    fresh = make_model(is_built=False)
    kept = {
        name: getattr(model, name)
        for name in ("optimizer", "history", "train_function", "stop_training")
    }

    def seed():
        keras.utils.set_random_seed(9)
        tf.random.get_global_generator().reset_from_seed(9)
        # Keras before 3.13 leaves its own generator as it is.
        global_state.set_global_attribute("global_seed_generator", None)
        if has_drawn:
            keras.random.uniform([])

    def draw():
        return [
            random.random(),
            np.random.random(),
            float(tf.random.uniform([])),
            float(tf.random.get_global_generator().uniform([])),
            float(keras.random.uniform([])),
        ]

    class Drawing(keras.utils.PyDataset):
        def __len__(self):
            return 2

        def __getitem__(self, index):
            draw()
            return x, y

    seed()
    draws = draw()
    seed()
    range_test(model, Drawing(), num_steps=10)
    range_test(fresh, Drawing(), num_steps=10)
    assert draw() == draws
    for name, value in kept.items():
        assert getattr(model, name) is value
    assert not fresh.optimizer.built
    assert [v.name for v in fresh.optimizer.variables] == ["iteration", "learning_rate"]
    assert fresh.train_function is None
    assert not hasattr(fresh, "history")


def test_a_model_that_is_not_built_yet_gets_the_weights_it_would_have_got():
    x, y = make_data()

    def train(*, tested):
        keras.utils.set_random_seed(6)
        model = keras.Sequential([layers.Dense(4, activation="relu"), layers.Dense(1)])
        model.compile("adam", "mse")
        if tested:
            range_test(model, x, y, num_steps=10)
        return fit_and_return_weights(model, x, y, shuffle=False)

    assert_equal(train(tested=False), train(tested=True))


def test_result_draws_itself(tmp_path):
    result = run_on_slope(make_slope())
    result.plot(tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def model_that_never_updates(model):
    class Idle(keras.Model):
        def train_step(self, data):
            return {"loss": self.compute_loss(*data, self(data[0]))}

    inputs = keras.Input((8,))
    idle = Idle(inputs, model(inputs))
    idle.compile("sgd", "mse")
    return idle


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"min_learning_rate": 0.0}, "`min_learning_rate` must be above 0"),
        ({"min_learning_rate": -1.0}, "`min_learning_rate` must be above 0"),
        ({"min_learning_rate": 1.0, "max_learning_rate": 1.0}, "below `max_learn"),
        ({"max_learning_rate": float("inf")}, "max_learning_rate=inf"),
        ({"num_steps": 9}, "`num_steps` must be at least 10"),
        ({"repeats": 0}, "`repeats` must be at least 1"),
        ({"validation_data": make_data()[0]}, r"tuple \(x, y\).*Received: a ndarray"),
        ({"validation_data": make_data(0)}, "must hold at least one example"),
    ],
)
def test_arguments_out_of_bounds_are_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        range_test(make_model(), *make_data(), **arguments)


def test_data_that_is_empty_or_yields_once_only_is_a_sentence():
    x, y = make_data()
    model = make_model()
    for empty in (
        (x[:0], y[:0]),
        (tf.data.Dataset.from_tensor_slices((x, y)).batch(4).take(0),),
    ):
        with pytest.raises(ValueError, match="must hold at least one batch"):
            range_test(model, *empty)
    with pytest.raises(ValueError, match="a generator, which yields once only"):
        range_test(model, ((x, y) for _ in range(3)))
    once = iter([(x, y)] * 4)
    signature = (
        tf.TensorSpec([None, 8], tf.float32),
        tf.TensorSpec([None, 1], tf.float32),
    )
    dataset = tf.data.Dataset.from_generator(lambda: once, output_signature=signature)
    with pytest.raises(ValueError, match="ended for good after 4 batches"):
        range_test(model, dataset)
    nothing = tf.data.Dataset.from_generator(lambda: (), output_signature=signature)
    with pytest.raises(ValueError, match="must hold at least one batch"):
        range_test(model, nothing)


def test_models_that_cannot_be_tested_are_a_sentence():
    x, y = make_data()
    with pytest.raises(ValueError, match=r"Call model\.compile\(\) first"):
        range_test(keras.Sequential([layers.Input((8,)), layers.Dense(1)]), x, y)
    with pytest.raises(ValueError, match="must see every update"):
        range_test(model_that_never_updates(make_model()), x, y)
    with pytest.raises(TypeError, match="Received: epochs"):
        range_test(make_model(), x, y, epochs=3)
