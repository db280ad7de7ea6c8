"""The loss along the update: measured as theory and a loop by hand have it."""

import dataclasses
import functools
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from lr_plugin import RunWriter, read_run, schema
from lr_plugin.keras import LearningRateLogger
from lr_plugin.keras.capture.tensorflow.landscape.points import (
    FACTORS,
    measure_points,
)
from lr_plugin.keras.capture.tensorflow.landscape.step_loss import StepLoss
from lr_plugin.keras.capture.tensorflow.landscape.update_line import (
    UpdateLine,
    move_points,
)


def fitted(model, folder, *data, samples=1000, epochs=2, **settings):
    logger = LearningRateLogger(folder, landscape_samples=samples)
    settings = {"verbose": 0, "epochs": epochs, "shuffle": False} | settings
    model.fit(*data, callbacks=[logger], **settings)
    return read_run(folder)


# Against theory.


def least_squares(eigenvalues, num_rows=64):
    """Rows x with loss mean((x w)^2), whose Hessian 2 x'x / n has these eigenvalues."""
    generator = np.random.default_rng(0)
    size = len(eigenvalues)
    left, _ = np.linalg.qr(generator.normal(size=(num_rows, size)))
    right, _ = np.linalg.qr(generator.normal(size=(size, size)))
    x = left * np.sqrt(np.array(eigenvalues) * num_rows / 2) @ right.T
    return x.astype(np.float32), right


def linear_model(start, optimizer):
    model = keras.Sequential(
        [keras.Input([len(start)]), keras.layers.Dense(1, use_bias=False)]
    )
    model.layers[0].kernel.assign(np.reshape(start, [-1, 1]))
    model.compile(optimizer, "mse")
    return model


EIGENVALUES = (40.0, 9.0, 2.0, 0.5)


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 1, 2])
def test_along_an_eigenvector_the_critical_rate_is_two_over_the_eigenvalue(
    place, tmp_path
):
    x, directions = least_squares(EIGENVALUES)
    model = linear_model(directions[:, place], keras.optimizers.SGD(0.003))

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=64, epochs=4)

    expected = 2 / EIGENVALUES[place]
    np.testing.assert_allclose(run.landscape.critical_rates, expected, rtol=1e-3)
    np.testing.assert_allclose(run.landscape.headrooms, expected / 0.003, rtol=1e-3)


@pytest.mark.slow
def test_changes_of_a_quadratic_loss_are_those_of_its_closed_form(tmp_path):
    x, directions = least_squares(EIGENVALUES)
    hessian = directions * EIGENVALUES @ directions.T
    start, rate = directions @ np.ones(4), 0.01
    model = linear_model(start, keras.optimizers.SGD(rate))

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=64, epochs=8)

    found = run.landscape
    assert list(found.steps) == [0, 2, 4, 6]
    w = start
    for step in range(7):
        gradient = hessian @ w
        if step in found.steps:
            i = list(found.steps).index(step)
            rates = found.rates[i]
            # L(w - r g) - L(w) = -r g'g + r^2 / 2 g'H g
            curvature = gradient @ hessian @ gradient
            changes = -rates * (gradient @ gradient) + rates**2 / 2 * curvature
            np.testing.assert_allclose(
                found.loss_changes[i], changes, rtol=1e-4, atol=1e-5 * found.losses[i]
            )
            critical = 2 * gradient @ gradient / curvature
            np.testing.assert_allclose(found.critical_rates[i], critical, rtol=1e-3)
        w = w - rate * gradient


# Against a loop by hand.

NUM_STEPS = 12


def network():
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.Input([6]),
            keras.layers.Dense(16, activation="tanh"),
            keras.layers.Dense(3),
        ]
    )


def batches():
    generator = np.random.default_rng(1)
    x = generator.normal(size=(NUM_STEPS, 8, 6)).astype(np.float32)
    return x, generator.integers(0, 3, (NUM_STEPS, 8))


CROSS_ENTROPY = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


OPTIMIZERS = {
    "Adam": lambda: keras.optimizers.Adam(0.01),
    "clipped": lambda: keras.optimizers.SGD(0.1, momentum=0.9, clipnorm=0.5),
    "AdamW": lambda: keras.optimizers.AdamW(0.02, weight_decay=0.1),
}


@functools.cache
def landscape_by_hand(optimizer):
    """Trains by hand; returns the loss changes of every step but the last."""
    model, optimizer = network(), OPTIMIZERS[optimizer]()
    variables = model.trainable_variables
    x, y = batches()
    compute = tf.function(lambda x, y: CROSS_ENTROPY(y, model(x, training=True)))
    rows = []
    for step in range(NUM_STEPS - 1):
        with tf.GradientTape() as tape:
            loss = compute(x[step], y[step])
        gradients = tape.gradient(loss, variables)
        before = [v.numpy() for v in variables]
        optimizer.apply_gradients(zip(gradients, variables, strict=True))
        after = [v.numpy() for v in variables]

        def loss_at(s, before=before, after=after, step=step):
            for v, p, q in zip(variables, before, after, strict=True):
                v.assign(p + s * (q - p))
            return float(compute(x[step + 1], y[step + 1]))

        rows.append([loss_at(s) - loss_at(0) for s in FACTORS])
        for v, q in zip(variables, after, strict=True):
            v.assign(q)
    return np.array(rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("optimizer", "settings"),
    [
        ("Adam", {}),
        ("Adam", {"steps_per_execution": 4}),
        ("Adam", {"jit_compile": True, "steps_per_execution": 3}),
        ("clipped", {}),
        ("AdamW", {}),
    ],
)
def test_points_are_those_of_a_loop_by_hand(optimizer, settings, tmp_path):
    model = network()
    model.compile(OPTIMIZERS[optimizer](), CROSS_ENTROPY, **settings)
    data = tf.data.Dataset.from_tensor_slices(batches())

    found = fitted(model, tmp_path, data, epochs=1).landscape

    expected = landscape_by_hand(optimizer)
    assert len(found) >= 2
    for step, changes, loss in zip(
        found.steps, found.loss_changes, found.losses, strict=True
    ):
        wanted = np.where(np.isnan(changes), np.nan, expected[step, : len(changes)])
        np.testing.assert_allclose(changes, wanted, rtol=1e-4, atol=3e-6 * loss)


@pytest.mark.slow
def test_first_update_and_the_rates_that_were_used_are_there(tmp_path):
    model = network()
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 1, 0.9)
    model.compile(keras.optimizers.SGD(rate), CROSS_ENTROPY)
    x, y = batches()
    data = tf.data.Dataset.from_tensor_slices((x, y))

    found = fitted(model, tmp_path, data, epochs=1, samples=3).landscape

    assert list(found.steps) == [0, 5, 10]  # 12 // 3 = 4 between two samples
    np.testing.assert_allclose(found.used_rates, 0.1 * 0.9**found.steps, rtol=1e-6)
    np.testing.assert_allclose(found.rates[:, 6], found.used_rates, rtol=1e-6)
    np.testing.assert_allclose(found.rates[:, 0], found.used_rates / 64, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("jit_compile", [False, True])
def test_dropout_drops_the_same_at_every_point(jit_compile, tmp_path):
    model = keras.Sequential(
        [network(), keras.layers.Dropout(0.5), keras.layers.Dense(3)]
    )
    model.compile(keras.optimizers.SGD(1e-6), CROSS_ENTROPY, jit_compile=jit_compile)
    x, y = batches()
    data = tf.data.Dataset.from_tensor_slices((x, y))

    run = fitted(model, tmp_path, data, epochs=1)

    # With other masks the loss would change by far more than by such a small update.
    assert np.abs(run.landscape.loss_changes[:, :7]).max() < 1e-4
    steps = run.landscape.steps
    at_next = run.landscape.losses + run.landscape.loss_changes[:, 6]
    np.testing.assert_allclose(at_next, run["loss"][steps + 1], rtol=1e-5)


@pytest.mark.slow
def test_update_of_an_accumulation_is_measured_whole(tmp_path):
    x, directions = least_squares(EIGENVALUES)
    optimizer = keras.optimizers.SGD(0.003, gradient_accumulation_steps=4)
    model = linear_model(directions[:, 0], optimizer)

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=64, epochs=13)

    assert set(run.landscape.steps % 4) == {3}
    np.testing.assert_allclose(run.landscape.critical_rates, 2 / 40, rtol=1e-3)


@pytest.mark.slow
def test_loss_is_traced_once_whatever_the_size_of_the_batches(tmp_path, monkeypatch):
    traces = []
    compute = StepLoss._compute

    def counted(self, *args):
        traces.append(args)
        return compute(self, *args)

    monkeypatch.setattr(StepLoss, "_compute", counted)
    x, _ = least_squares(EIGENVALUES)
    model = linear_model(np.ones(4), "sgd")

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=24, epochs=4)

    assert len(run.landscape) == 6  # Of 12 steps every other one.
    assert len(traces) == 1


@pytest.mark.slow
def test_weights_are_moved_to_any_point_also_after_a_check_has_failed():
    before = [np.full([300, 300], value, np.float32) for value in (1, -2, 4)]
    after = [each + 0.5 for each in before]
    weights = [tf.Variable(each) for each in before]

    @tf.function
    def compute(x):
        largest = tf.reduce_max(weights[0])
        with tf.control_dependencies([tf.debugging.assert_less(largest, 100.0)]):
            squares = [tf.reduce_mean(each**2) for each in weights]
        return tf.add_n(squares) + x

    graph = compute.get_concrete_function(tf.TensorSpec([]))
    loss = StepLoss(graph.structured_outputs, weights)
    given = [tf.constant(each) for each in after]
    line = UpdateLine(given, [tf.constant(each) for each in before], position=0.0)

    def losses_at(*factors):
        return loss(factors, line, [], [tf.constant(0.0)])

    def expected_at(*factors):
        return [sum((v + s / 2) ** 2 for v in (1, -2, 4)) for s in factors]

    np.testing.assert_allclose(losses_at(0, 0.5, 1), expected_at(0, 0.5, 1))
    assert list(losses_at(2, 200, 4)) == [np.inf] * 3  # 1 + 200 / 2 is above 100.
    np.testing.assert_allclose(losses_at(0.25, 1, 8), expected_at(0.25, 1, 8))
    for tensor, value in zip(given, after, strict=True):
        np.testing.assert_array_equal(tensor, value)


@pytest.mark.slow
def test_frozen_weights_stay_where_they_are(tmp_path):
    x, directions = least_squares(EIGENVALUES)
    frozen = keras.layers.Dense(4, use_bias=False, trainable=False)
    model = keras.Sequential(
        [keras.Input([4]), frozen, keras.layers.Dense(1, use_bias=False)]
    )
    frozen.kernel.assign(2 * np.eye(4))
    model.layers[-1].kernel.assign(directions[:, :1])
    model.compile(keras.optimizers.SGD(0.001), "mse")

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=64, epochs=4)

    # Inputs that are twice as large have four times the curvature.
    np.testing.assert_allclose(run.landscape.critical_rates, 2 / 160, rtol=1e-3)


@pytest.mark.slow
def test_loss_of_a_training_step_of_ones_own_is_measured(tmp_path):
    class OwnLoss(keras.Sequential):
        def train_step(self, data):
            x, y = data
            with tf.GradientTape() as tape:
                loss = 3 * tf.reduce_mean((self(x, training=True) - y) ** 2)
            variables = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            return {"loss": loss}

    x, directions = least_squares(EIGENVALUES)
    model = OwnLoss([keras.Input([4]), keras.layers.Dense(1, use_bias=False)])
    model.layers[0].kernel.assign(directions[:, :1])
    model.compile(keras.optimizers.SGD(0.001))

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=64, epochs=4)

    # Three times the loss has three times the curvature.
    np.testing.assert_allclose(run.landscape.critical_rates, 2 / 120, rtol=1e-3)


# What cannot be measured.


class Noise(keras.layers.Layer):
    def call(self, x):
        return x + tf.random.normal(tf.shape(x))


class Calling(keras.layers.Layer):
    def call(self, x):
        same = tf.numpy_function(lambda v: v, [x], tf.float32)
        return tf.ensure_shape(tf.stop_gradient(same), x.shape) + x


class TwoUpdates(keras.Sequential):
    def train_step(self, data):
        super().train_step(data)
        return super().train_step(data)


class OwnFunction(keras.Sequential):
    def make_train_function(self, force=False):
        return super().make_train_function(force)


NOT = "The loss landscape was not measured: "
REASONS = {
    "eager": (
        {"run_eagerly": True},
        [],
        f"{NOT}the model runs eagerly, and a compiled step is needed.",
    ),
    "noise without a seed": (
        {},
        [Noise()],
        "The loss landscape was not measured at step {step}: computed once more, the "
        "loss of the next batch is {computed:.6g}, and the training step had "
        "{recorded:.6g}. Something in it comes out otherwise each time, or changes "
        "between two steps.",
    ),
    "Python within the step": (
        {},
        [Calling()],
        f"{NOT}computing the loss once more would run {{}}, which may leave a trace.",
    ),
}


def told_of(run):
    assert len(run.landscape) == 0
    return [*run.run_info.notes, *(event.text for event in run.events)]


@pytest.mark.slow
@pytest.mark.parametrize("reason", REASONS)
def test_what_cannot_be_measured_is_said(reason, tmp_path):
    settings, layers, note = REASONS[reason]
    model = keras.Sequential([keras.Input([4]), *layers, keras.layers.Dense(1)])
    model.compile("sgd", "mse", **settings)
    x, _ = least_squares(EIGENVALUES)

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), batch_size=16)

    values = r"([-+.e0-9]+|PyFunc)"
    pattern = values.join(map(re.escape, re.split(r"{.*?}", note)))
    assert len([text for text in told_of(run) if re.search(pattern, text)]) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("create", "note"),
    [
        (
            TwoUpdates,
            f"{NOT}the training step does not make one update, of a loss that it "
            "computes.",
        ),
        (
            OwnFunction,
            f"{NOT}this model's train function is not the one that Keras makes.",
        ),
    ],
)
def test_training_step_that_does_something_else_is_told_of(create, note, tmp_path):
    model = create([keras.Input([4]), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x, _ = least_squares(EIGENVALUES)

    run = fitted(model, tmp_path, x, np.zeros([64, 1]))

    assert note in told_of(run)


@pytest.mark.slow
def test_batches_of_a_strategy_are_told_of(tmp_path):
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        model = keras.Sequential([keras.Input([4]), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
    x, _ = least_squares(EIGENVALUES)

    run = fitted(model, tmp_path, x, np.zeros([64, 1]))

    assert f"{NOT}a distribution strategy hands out the batches." in told_of(run)


@pytest.mark.slow
def test_batches_that_are_ragged_are_told_of(tmp_path):
    model = keras.Sequential(
        [
            keras.layers.Lambda(lambda x: x.to_tensor(shape=[None, 4])),
            keras.layers.Dense(1),
        ]
    )
    model.compile("sgd", "mse")
    x = tf.ragged.constant([[[1.0, 2.0], [3.0]]] * 4, dtype=tf.float32)
    data = tf.data.Dataset.from_tensor_slices((x, np.zeros([4, 2, 1])))

    run = fitted(model, tmp_path, data)

    assert f"{NOT}the batches hold something else than plain tensors." in told_of(run)


@pytest.mark.slow
def test_step_that_an_earlier_logger_had_traced_is_measured(tmp_path):
    x, directions = least_squares(EIGENVALUES)
    model = linear_model(directions[:, 0], keras.optimizers.SGD(0.003))
    data = x, np.zeros([64, 1])
    fitted(model, tmp_path / "first", *data, batch_size=64, samples=0)

    run = fitted(model, tmp_path / "second", *data, batch_size=64)

    np.testing.assert_allclose(run.landscape.critical_rates, 2 / 40, rtol=1e-3)


@pytest.mark.slow
def test_single_batches_are_measured(tmp_path):
    x, directions = least_squares(EIGENVALUES)
    model = linear_model(directions[:, 0], keras.optimizers.SGD(0.003))
    logger = LearningRateLogger(tmp_path, landscape_samples=9)
    logger.set_model(model)
    logger.on_train_begin()
    for _ in range(4):
        model.train_on_batch(x, np.zeros([64, 1]))
    logger.on_train_end()

    found = read_run(tmp_path).landscape

    assert list(found.steps) == [0]  # 16 apart, as long as no length is known
    np.testing.assert_allclose(found.critical_rates, 2 / 40, rtol=1e-3)


def test_negative_number_of_samples_is_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: landscape_samples=-1"):
        LearningRateLogger(tmp_path, landscape_samples=-1)


@pytest.mark.slow
def test_run_without_samples_has_an_empty_landscape(tmp_path):
    model = linear_model(np.ones(4), "sgd")
    x, _ = least_squares(EIGENVALUES)

    run = fitted(model, tmp_path, x, np.zeros([64, 1]), samples=0)

    assert len(run.landscape) == 0
    assert run.landscape.rates.shape == (0, 0)


# The line, and the points on it.


def test_one_copy_of_the_weights_moves_along_the_line():
    before, after = np.float32([1, -2]), np.float32([1.5, -2.25])
    line = UpdateLine([tf.constant(after)], [tf.constant(before)], position=0.0)

    @tf.function
    def move(*args):
        move_points(*args)

    for factor in (0.0, 0.25, 4.0, 2.5):
        position = tf.constant(factor, tf.float64)
        move(position, line.weights, line.points, line.position)

        (point,) = line.points
        found = tf.raw_ops.ReadVariableOp(resource=point, dtype=tf.float32)
        expected = before + factor * (after - before)
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def points_of(loss_at):
    def losses_at(factors):
        return np.array([loss_at(factor) for factor in factors])

    return measure_points(losses_at, precision=2.0**-23)


def test_points_end_where_the_loss_has_risen_far():
    points = points_of(lambda s: 1 - s + s**2 / 8)

    # Four at a time after 1. At 16 it is 1 - 16 + 32 = 17, more than 5 times 1.
    assert points.factors[-1] == 16
    changes = -points.factors + points.factors**2 / 8
    np.testing.assert_allclose(points.loss_changes, changes)
    assert points.critical_factor == pytest.approx(8)


def test_update_that_was_too_far_is_measured_up_to_itself():
    points = points_of(lambda s: 1 - s + 1000 * s**2)

    assert points.factors[-1] == 1
    assert points.critical_factor == FACTORS[0]  # 1 / 1000 is below


def test_loss_that_falls_all_the_way_has_no_critical_rate():
    points = points_of(lambda s: 10 - s / 1e6)

    assert points.critical_factor == np.inf
    assert len(points.factors) == len(FACTORS)


def test_rounding_is_no_rise():
    points = points_of(lambda s: 1 + 3e-7 * np.sin(100 * s))

    assert points.critical_factor == np.inf


def test_loss_that_is_not_finite_has_risen():
    points = points_of(lambda s: 1 - s if s < 3 else np.nan)

    assert list(points.loss_changes[7:9]) == [-2, np.inf]
    assert points.critical_factor == pytest.approx(3, rel=0.1)


def test_where_the_loss_begins_to_rise_is_found_between_two_points():
    points = points_of(lambda s: 1 - np.sin(s))

    assert points.critical_factor == pytest.approx(np.pi, rel=0.01)


# Read back.


def test_damaged_sample_is_left_out_and_told_of(tmp_path):
    sample = schema.LandscapeSample(0.1, 2.0, 1.0, [0.05, 0.1], [-0.1, -0.2])
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": [0, 1], "learning_rate": [0.1] * 2, "loss": [1, 2]})
        writer.write_landscape(0, sample)
        writer.write_landscape(1, Damaged(0.1, 2.0, 1.0, [0.1], []))

    with pytest.warns(UserWarning, match="Its sample of the landscape at step 1"):
        found = read_run(tmp_path).landscape

    assert list(found.steps) == [0]
    assert found.headrooms == pytest.approx([20])
    np.testing.assert_array_equal(found.loss_changes, [[-0.1, -0.2]])


@dataclasses.dataclass
class Damaged:
    """A sample that has lost a point; see `schema.LandscapeSample`."""

    used_rate: float
    critical_rate: float
    loss: float
    rates: list[float]
    loss_changes: list[float]
