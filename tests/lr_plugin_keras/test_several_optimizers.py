"""Models with several optimizers, several updates a step, and losses of their own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from training_cases import (
    Adversarial,
    OwnLoss,
    Stateful,
    compiled,
    data,
    falling,
    layers,
    small,
)

from lr_plugin.keras import LearningRateLogger, Recorder
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers

pytestmark = pytest.mark.slow

NUM_STEPS = 7  # 6 batches of 8 and one of 4


def rates(steps):
    """What `falling()` gives."""
    return 0.05 / (1 + 0.5 * np.asarray(steps))


def record(model, x=None, y=None, **options):
    rows = []
    if x is None:
        x, y = data()
    with Recorder(model, on_rows=rows.append) as recorder:
        model.fit(x, y, batch_size=8, shuffle=False, verbose=0, **options)
    names = {name for part in rows for name in part}
    columns = {name: np.concatenate([part[name] for part in rows]) for name in names}
    return columns, recorder.notes


def adversarial(**settings):
    model = Adversarial()
    model.compile(
        keras.optimizers.Adam(falling(), name="judge"),
        keras.optimizers.Adam(1e-3),
        **settings,
    )
    return model


@pytest.mark.parametrize(
    "settings",
    [{}, {"run_eagerly": True}, {"jit_compile": True}, {"steps_per_execution": 3}],
    ids=str,
)
def test_each_optimizer_of_a_gan_has_its_rate_and_its_updates(settings):
    rows, _ = record(adversarial(**settings), data()[0])

    # The judge makes two updates a step; the rate is that of the second.
    second = 1 + 2 * np.arange(NUM_STEPS)
    assert rows["step"].tolist() == second.tolist()
    np.testing.assert_allclose(rows["learning_rate"], rates(second), rtol=1e-6)
    assert rows["learning_rate:judge"].tolist() == rows["learning_rate"].tolist()
    np.testing.assert_allclose(rows["learning_rate:g_optimizer"], 1e-3, rtol=1e-6)
    assert rows["updates:judge"].tolist() == [2] * NUM_STEPS
    assert rows["updates:g_optimizer"].tolist() == [1] * NUM_STEPS


def test_loss_of_a_gan_is_that_of_its_main_optimizer():
    """And not the gradient penalty's, which is differentiated for the loss alone."""
    logs = []
    model = adversarial(run_eagerly=True)

    class Log(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            losses.append(logs["d_loss"])

    losses = logs
    rows, _ = record(model, data()[0], callbacks=[Log()])

    np.testing.assert_allclose(rows["loss"], losses, rtol=1e-6)


class InTurns(Stateful):
    """Updates with a second optimizer in every third step alone."""

    def __init__(self):
        super().__init__()
        self.other_optimizer = keras.optimizers.SGD(0.5)
        self.count = tf.Variable(0, trainable=False)

    def train_step(self, batch):
        x, y = batch
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x) - y) ** 2)
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)
        self.optimizer.apply(gradients, variables)

        def update():
            self.other_optimizer.apply([0.1 * g for g in gradients], variables)
            return True

        tf.cond(self.count % 3 == 0, update, lambda: False)
        self.count.assign_add(1)
        return {"loss": loss}


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_update_in_a_branch_is_seen_where_it_was_made(run_eagerly):
    model = InTurns()
    model.build((None, 4))
    model.other_optimizer.build(model.trainable_variables)
    model.compile(keras.optimizers.SGD(falling()), run_eagerly=run_eagerly)

    rows, _ = record(model)

    np.testing.assert_allclose(rows["learning_rate"], rates(np.arange(7)), rtol=1e-6)
    other = rows["learning_rate:other_optimizer"]
    np.testing.assert_array_equal(
        np.isfinite(other), [True, False, False, True, False, False, True]
    )
    assert set(other[[0, 3, 6]]) == {0.5}
    if not run_eagerly:
        assert rows["updates:other_optimizer"].tolist() == [1, 0, 0, 1, 0, 0, 1]


class InLoop(Stateful):
    """Makes three updates in a loop of TensorFlow."""

    def train_step(self, batch):
        x, y = batch

        def body(i, last):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x) - y) ** 2)
            variables = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            return i + 1, loss

        _, loss = tf.while_loop(lambda i, last: i < 3, body, (0, 0.0))
        return {"loss": loss}


def built(model):
    model.build((None, 4))
    optimizer = keras.optimizers.SGD(falling())
    optimizer.build(model.trainable_variables)
    return compiled(optimizer, None, model)


def test_updates_in_a_loop_are_counted_and_the_last_one_is_the_row():
    logs = []

    class Log(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs["loss"])

    seen = logs
    rows, notes = record(built(InLoop()), callbacks=[Log()])

    last = 2 + 3 * np.arange(NUM_STEPS)
    assert rows["step"].tolist() == last.tolist()
    np.testing.assert_allclose(rows["learning_rate"], rates(last), rtol=1e-6)
    np.testing.assert_allclose(rows["loss"], seen, rtol=1e-6)
    assert rows["updates:optimizer"].tolist() == [3] * NUM_STEPS
    assert any("updates in a loop, a branch or a function" in note for note in notes)


class Sometimes(Stateful):
    """Its only optimizer updates in every second step."""

    def __init__(self):
        super().__init__()
        self.count = tf.Variable(0, trainable=False)

    def train_step(self, batch):
        x, y = batch
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x) - y) ** 2)
        variables = self.trainable_variables
        gradients = tape.gradient(loss, variables)

        def update():
            self.optimizer.apply(gradients, variables)
            return True

        tf.cond(self.count % 2 == 0, update, lambda: False)
        self.count.assign_add(1)
        return {"loss": loss}


def test_step_in_which_the_main_optimizer_makes_no_update_is_a_row_without_rate():
    rows, _ = record(built(Sometimes()))

    assert rows["applied"].tolist() == [1, 0, 1, 0, 1, 0, 1]
    assert rows["step"].tolist() == [0, 1, 1, 2, 2, 3, 3]
    np.testing.assert_allclose(rows["learning_rate"][::2], rates(range(4)), rtol=1e-6)
    assert np.isnan(rows["learning_rate"][1::2]).all()
    assert np.isfinite(rows["loss"][::2]).all()


def test_rows_without_a_rate_are_written_without_a_word(tmp_path):
    from event_files import load_events, read_columns

    model = Sometimes()
    model.build((None, 4))
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.build(model.trainable_variables)
    logger = LearningRateLogger(tmp_path)
    compiled(optimizer, None, model).fit(*data(), verbose=0, callbacks=[logger])

    assert len(read_columns(tmp_path)["step"]) == 2
    assert load_events(tmp_path, "learning_rate_set") == []


class Inner(Stateful):
    """Trains in a function of its own, which is traced once."""

    def train_step(self, batch):
        return {"loss": self.update(*batch)}

    @tf.function(reduce_retracing=True)
    def update(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self(x) - y) ** 2)
        variables = self.trainable_variables
        self.optimizer.apply(tape.gradient(loss, variables), variables)
        return loss


@pytest.mark.parametrize("run_eagerly", [False, True])
def test_function_inside_of_the_step_is_seen(run_eagerly):
    model = built(Inner())
    model.run_eagerly = run_eagerly
    rows, _ = record(model)
    again, _ = record(model)

    steps = np.concatenate([rows["step"], again["step"]])
    assert steps.tolist() == list(range(2 * NUM_STEPS))
    found = np.concatenate([rows["learning_rate"], again["learning_rate"]])
    np.testing.assert_allclose(found, rates(steps), rtol=1e-6)
    assert np.isfinite(rows["loss"]).all()


# Losses.


def test_loss_is_what_is_differentiated_with_all_its_terms():
    class WithTerm(Stateful):
        def train_step(self, batch):
            x, y = batch
            with tf.GradientTape() as tape:
                loss = self.compute_loss(x, y, self(x, training=True)) + 100.0
            variables = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            return {"loss": loss}

    rows, notes = record(compiled("sgd", model=WithTerm()))

    assert (rows["loss"] > 100).all()
    assert any(
        note.startswith("The loss is the value whose gradient") for note in notes
    )


@pytest.mark.parametrize("model", [small, Stateful])
def test_usual_loss_needs_no_words(model):
    _, notes = record(compiled("sgd", model=model()))
    assert notes == []


def test_scaled_loss_is_recorded_unscaled():
    class Scaled(Stateful):
        def train_step(self, batch):
            x, y = batch
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean((self(x) - y) ** 2)
                scaled = self.optimizer.scale_loss(loss)
            variables = self.trainable_variables
            gradients = tape.gradient(scaled, variables)
            # Clipped on the way: no longer what the tape has returned.
            gradients, _ = tf.clip_by_global_norm(gradients, 1e6)
            self.optimizer.apply(gradients, variables)
            return {"loss": loss}

    found = []
    for create in (OwnLoss, Scaled):
        keras.utils.set_random_seed(0)
        optimizer = keras.optimizers.SGD(0.01, loss_scale_factor=8.0)
        if create is OwnLoss:
            optimizer = keras.optimizers.SGD(0.01)
        found.append(record(compiled(optimizer, None, create()))[0]["loss"])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


def test_loss_of_many_numbers_is_recorded_as_their_mean_with_words():
    class Many(Stateful):
        def train_step(self, batch):
            x, y = batch
            with tf.GradientTape() as tape:
                losses = tf.reduce_mean((self(x) - y) ** 2, axis=1)
            variables = self.trainable_variables
            self.optimizer.apply(tape.gradient(losses, variables), variables)
            return {"loss": tf.reduce_mean(losses)}

    seen = []

    class Log(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs["loss"])

    model = compiled(keras.optimizers.SGD(1e-4), None, Many())
    rows, notes = record(model, callbacks=[Log()])

    np.testing.assert_allclose(rows["loss"], seen, rtol=1e-6)
    assert (
        "The training step takes the gradient of a loss that is not one number, which "
        "is the gradient of its sum; the recorded loss is its mean."
    ) in notes


# Loops by hand.


def by_hand(model, optimizer, *, compile_step):
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    step = tf.function(step, reduce_retracing=True) if compile_step else step
    x, y = data()
    return [float(step(x[i : i + 8], y[i : i + 8])) for i in range(0, 48, 8)]


@pytest.mark.parametrize("compile_step", [False, True])
def test_loop_with_a_tape_and_a_recorder(compile_step):
    optimizer = keras.optimizers.Adam(falling())
    model = compiled(optimizer, None)
    optimizer.build(model.trainable_variables)
    parts = []

    with Recorder(model, on_rows=parts.append):
        losses = by_hand(model, optimizer, compile_step=compile_step)
    by_hand(model, optimizer, compile_step=False)

    rows = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    assert rows["step"].tolist() == list(range(6))
    np.testing.assert_allclose(rows["learning_rate"], rates(range(6)), rtol=1e-6)
    np.testing.assert_allclose(rows["loss"], losses, rtol=1e-6)


@pytest.mark.parametrize("compile_step", [False, True])
def test_loop_with_a_tape_and_a_logger(compile_step, tmp_path):
    from event_files import read_columns

    optimizer = keras.optimizers.Adam(falling())
    model = compiled(optimizer, None)
    optimizer.build(model.trainable_variables)
    logger = LearningRateLogger(tmp_path)

    logger.set_model(model)
    logger.on_train_begin()
    losses = by_hand(model, optimizer, compile_step=compile_step)
    logger.on_train_end()

    rows = read_columns(tmp_path)
    np.testing.assert_allclose(rows["learning_rate"], rates(range(6)), rtol=1e-6)
    np.testing.assert_allclose(rows["loss"], losses, rtol=1e-6)
    assert {"apply", "scale_loss"}.isdisjoint(vars(optimizer))
    assert tf.GradientTape.gradient.__code__.co_filename != "<string>"


# Names.


def test_optimizers_are_named_after_their_attributes_unless_they_have_a_name():
    class Holder(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
            self.inner.compile(keras.optimizers.SGD())
            self.parts = [keras.optimizers.Adam(), keras.optimizers.AdamW(name="slow")]
            self.by_task = {"a": keras.optimizers.RMSprop()}

    model = Holder()
    model.compile("adam")

    found = find_optimizers(model)

    assert next(iter(found)) == "optimizer"
    assert found["optimizer"] is model.optimizer
    names = {"optimizer", "inner_optimizer", "parts_0", "slow", "by_task_a"}
    assert set(found) == names


def test_model_without_an_optimizer_has_none():
    assert find_optimizers(small()) == {}
