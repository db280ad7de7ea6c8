"""The callback: what is on disk, however a training ends, and what is left behind."""

import copy
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
import weakref
import zipfile

import hand_written_loop
import keras
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, load_texts, load_values, read_columns
from recorded_fits import (
    HandGradient,
    OwnLoss,
    SetEveryBatch,
    Subclassed,
    assert_same,
    falling_schedule,
    make_model,
)
from small_fits import BATCH_SIZE, STEPS_PER_EPOCH, batches_of, falling, make_data
from tensorboard.util import tensor_util

from lr_plugin import schema
from lr_plugin.keras import (
    LearningRateLogger,
    MultiplyOnPlateau,
    Recorder,
    range_test,
)

pytestmark = [pytest.mark.slow, pytest.mark.optimized_graphs]


def compiled(rate=None, optimizer=keras.optimizers.SGD, **options):
    model = make_model()
    model.compile(optimizer(falling_schedule() if rate is None else rate), "mse")
    # Otherwise Keras traces the step twice, the first time to make its variables.
    model.optimizer.build(model.trainable_variables)
    return model


def fit(model, *callbacks, epochs=2, **options):
    x, y = make_data()
    return model.fit(
        x,
        y,
        batch_size=BATCH_SIZE,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
        **options,
    )


def expected_rows(epochs=2, rate=falling):
    batches = batches_of(*make_data(), epochs=epochs)
    return hand_written_loop.train(make_model(), batches, rate)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Trains once for several tests; gives the run's folder, its logger and History."""
    folder = tmp_path_factory.mktemp("recorded")
    logger = LearningRateLogger(folder)
    return folder, logger, fit(compiled(), logger, validation_data=make_data())


def test_file_holds_every_iteration(recorded):
    folder, _, _ = recorded
    assert_same(read_columns(folder), expected_rows())


def test_run_info_says_what_trained(tmp_path):
    model = compiled(optimizer=keras.optimizers.Adam)
    fit(model, LearningRateLogger(tmp_path, run_info={"hparams": {"width": 8}}))

    (text,) = load_texts(tmp_path, "run_info")
    run_info = schema.from_json(schema.RunInfo, text)

    assert run_info.optimizer["class_name"] == "Adam"
    assert run_info.optimizer["config"]["beta_2"] == 0.999
    assert run_info.schedule["class_name"] == "InverseTimeDecay"
    assert run_info.schedule["config"]["decay_rate"] == 0.5
    assert (run_info.steps_per_epoch, run_info.epochs) == (STEPS_PER_EPOCH, 2)
    assert run_info.versions["keras"] == keras.__version__
    assert run_info.extra == {"hparams": {"width": 8}}


def test_epochs_end_with_their_metrics(recorded):
    folder, _, history = recorded

    events = load_events(folder, "epoch_end")

    assert [event.step for event in events] == [12, 25]
    assert [event.details["epoch"] for event in events] == [0, 1]
    val_losses = [event.details["val_loss"] for event in events]
    assert val_losses == pytest.approx(history.history["val_loss"])
    down = {"loss": False, "val_loss": False}
    assert [event.details["higher_is_better"] for event in events] == [down, down]
    assert "Epoch 2 ended: loss" in events[1].text


def test_changes_by_callbacks_are_events(tmp_path):
    class Halve(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                self.model.optimizer.learning_rate = 0.05

    fit(compiled(rate=0.1), LearningRateLogger(tmp_path), Halve())

    (event,) = load_events(tmp_path, "learning_rate_set")
    assert event.step == STEPS_PER_EPOCH
    assert event.text == "The learning rate was set from 0.1 to 0.05."
    # The rate is the float32 that the update used.
    assert event.details["after"] == np.float32(0.05)


def test_rate_set_at_every_iteration_is_one_event(tmp_path):
    fit(compiled(rate=0.1), LearningRateLogger(tmp_path), SetEveryBatch(), epochs=1)

    (event,) = load_events(tmp_path, "learning_rate_set")
    assert event.step == 1


def test_falling_schedule_is_no_event(recorded):
    folder, _, _ = recorded
    assert load_events(folder, "learning_rate_set") == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_non_finite_losses_are_rows_and_events(tmp_path, bad):
    x, y = make_data()
    y[50] = bad  # in batch 6
    model = compiled(rate=0.1)
    logger = LearningRateLogger(tmp_path)

    model.fit(x, y, batch_size=BATCH_SIZE, shuffle=False, verbose=0, callbacks=[logger])

    losses = read_columns(tmp_path)["loss"]
    assert np.isfinite(losses[:6]).all()
    assert not np.isfinite(losses[6:]).any()
    assert str(losses[6]) == str(bad)
    (event,) = load_events(tmp_path, "nonfinite_loss")
    assert (event.step, event.text) == (6, f"The loss is {bad} at step 6.")
    assert logger.summary.num_nonfinite == 7


def test_skipped_updates_are_events(tmp_path):
    model = make_model()
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.01), initial_scale=2.0**127
    )
    model.compile(optimizer, "mse", jit_compile=False)
    logger = LearningRateLogger(tmp_path)

    x, y = make_data()
    model.fit(x, y * 1e3, batch_size=BATCH_SIZE, verbose=0, callbacks=[logger])

    rows = read_columns(tmp_path)
    skipped = rows["applied"] == 0
    assert 0 < skipped.sum() < 13
    assert logger.summary.num_not_applied == skipped.sum()
    begins = [i for i in range(13) if skipped[i] and (i == 0 or not skipped[i - 1])]
    events = load_events(tmp_path, "skipped_updates")
    assert [event.step for event in events] == rows["step"][begins].tolist()


def test_layers_are_sampled_as_adam_moves_them(tmp_path):
    model = compiled(rate=0.01, optimizer=keras.optimizers.Adam)
    before = [variable.numpy() for variable in model.trainable_variables]
    x, y = make_data(BATCH_SIZE)

    model.fit(x, y, batch_size=BATCH_SIZE, callbacks=[LearningRateLogger(tmp_path)])

    after = [variable.numpy() for variable in model.trainable_variables]
    ((event, value),) = [
        (event, value)
        for tag, event, value in load_values(tmp_path)
        if tag.startswith("layers/")
    ]
    content = json.loads(value.metadata.plugin_data.content)
    assert content["layers"] == [v.path for v in model.trainable_variables]
    table = tensor_util.make_ndarray(value.tensor)
    sample = dict(zip(content["columns"], table.T, strict=True))
    assert event.step == 0
    norms = [np.linalg.norm(a - b) for a, b in zip(after, before, strict=True)]
    np.testing.assert_allclose(sample["update_norm"], norms, rtol=1e-5)
    weight_norms = [np.linalg.norm(b) for b in before]
    np.testing.assert_allclose(sample["weight_norm"], weight_norms, rtol=1e-6)
    # After one step v_hat = g^2, so a weight's rate is 0.01 / (|g| + 1e-7); and the
    # median over an odd number of weights is that of the median gradient.
    with tf.GradientTape() as tape:
        fresh = make_model()
        loss = hand_written_loop.squared_error(y, fresh(x))
    gradients = tape.gradient(loss, [v.value for v in fresh.trainable_variables])
    rates = np.sort(0.01 / (np.abs(np.ravel(gradients[0])) + 1e-7))
    nearest = round(0.5 * (len(rates) - 1))
    assert sample["effective_rate:p50"][0] == pytest.approx(rates[nearest], rel=1e-3)


@pytest.mark.parametrize(
    ("optimizer", "rate_of"),
    [
        # After one step v = (1 - rho) g^2, and Keras divides by sqrt(v + epsilon).
        (
            lambda: keras.optimizers.RMSprop(0.01, rho=0.75, epsilon=1e-7),
            lambda g: 0.01 / np.sqrt(0.25 * g**2 + 1e-7),
        ),
        # Centered: v - mean^2 = (1 - rho) g^2 - ((1 - rho) g)^2.
        (
            lambda: keras.optimizers.RMSprop(0.01, rho=0.75, centered=True),
            lambda g: 0.01 / np.sqrt(0.25 * g**2 - (0.25 * g) ** 2 + 1e-7),
        ),
        # The accumulator begins at 0.1.
        (
            lambda: keras.optimizers.Adagrad(0.01, initial_accumulator_value=0.1),
            lambda g: 0.01 / np.sqrt(0.1 + g**2 + 1e-7),
        ),
        # AMSGrad keeps the largest v, which is the only one so far.
        (
            lambda: keras.optimizers.AdamW(0.01, amsgrad=True),
            lambda g: 0.01 / (np.abs(g) + 1e-7),
        ),
    ],
    ids=["RMSprop", "centered RMSprop", "Adagrad", "AMSGrad"],
)
def test_effective_rates_are_what_the_optimizer_divides_by(
    tmp_path, optimizer, rate_of
):
    model = make_model()
    model.compile(optimizer(), "mse")
    x, y = make_data(BATCH_SIZE)

    model.fit(x, y, batch_size=BATCH_SIZE, callbacks=[LearningRateLogger(tmp_path)])

    ((value, content),) = [
        (tensor_util.make_ndarray(value.tensor), value.metadata.plugin_data.content)
        for tag, _, value in load_values(tmp_path)
        if tag.startswith("layers/")
    ]
    median = value[0, json.loads(content)["columns"].index("effective_rate:p50")]
    with tf.GradientTape() as tape:
        fresh = make_model()
        loss = hand_written_loop.squared_error(y, fresh(x))
    gradients = tape.gradient(loss, [v.value for v in fresh.trainable_variables])
    rates = np.sort(rate_of(np.ravel(gradients[0])))
    assert median == pytest.approx(rates[round(0.5 * (len(rates) - 1))], rel=2e-3)


def test_layers_without_second_moments_have_no_effective_rate(recorded):
    folder, _, _ = recorded

    content = {
        value.metadata.plugin_data.content
        for tag, _, value in load_values(folder)
        if tag.startswith("layers/")
    }
    assert [json.loads(each)["columns"] for each in content] == [
        ["update_norm", "update_ratio", "weight_norm"]
    ]


def layer_tables(logdir):
    return {
        event.step: tensor_util.make_ndarray(value.tensor)
        for tag, event, value in load_values(logdir)
        if tag.startswith("layers/")
    }


def layer_steps(logdir):
    return list(layer_tables(logdir))


def test_layers_are_sampled_as_often_as_asked(tmp_path):
    fit(compiled(), LearningRateLogger(tmp_path / "four", layer_samples=4))
    fit(compiled(), LearningRateLogger(tmp_path / "none", layer_samples=0))

    assert layer_steps(tmp_path / "four") == [0, 7, 14, 21]  # 26 steps // 4 = 6 apart
    assert layer_steps(tmp_path / "none") == []


@pytest.mark.parametrize("jit_compile", [False, True])
def test_call_of_several_steps_samples_the_first_of_them(tmp_path, jit_compile):
    def sampled(name, steps_per_execution, layer_samples):
        model = make_model()
        model.compile(
            keras.optimizers.Adam(0.01),
            "mse",
            steps_per_execution=steps_per_execution,
            jit_compile=jit_compile,
        )
        model.optimizer.build(model.trainable_variables)
        logdir = tmp_path / name
        fit(model, LearningRateLogger(logdir, layer_samples=layer_samples))
        return layer_tables(logdir)

    every_step = sampled("every", 1, 26)
    by_call = sampled("by_call", 5, 2)

    # Calls of 5, 5 and 3 steps; the next one that is due after 13 begins at 18.
    assert list(by_call) == [0, 18]
    for step, table in by_call.items():
        np.testing.assert_allclose(table, every_step[step], rtol=1e-4)


def test_micro_batches_are_no_samples(tmp_path):
    model = make_model()
    model.compile(keras.optimizers.Adam(0.1, gradient_accumulation_steps=4), "mse")

    fit(model, LearningRateLogger(tmp_path, layer_samples=5))

    assert all((step + 1) % 4 == 0 for step in layer_steps(tmp_path))
    assert len(layer_steps(tmp_path)) >= 3


def test_second_fit_goes_on_on_the_same_axis(tmp_path):
    model, logger = compiled(), LearningRateLogger(tmp_path)

    fit(model, logger, epochs=1)
    fit(model, logger, epochs=1)

    assert_same(read_columns(tmp_path), expected_rows(epochs=2))
    (event,) = load_events(tmp_path, "restart")
    assert event.step == STEPS_PER_EPOCH


def test_training_compiled_anew_is_a_run_of_its_own(tmp_path):
    model, logger = compiled(), LearningRateLogger(tmp_path)

    fit(model, logger, epochs=1)
    model.compile(keras.optimizers.SGD(0.001), "mse")
    fit(model, logger, epochs=1)

    assert_same(read_columns(tmp_path), expected_rows(epochs=1))
    second = read_columns(tmp_path / "fit_2")
    assert second["step"].tolist() == list(range(STEPS_PER_EPOCH))
    assert set(second["learning_rate"]) == {np.float32(0.001)}


def test_training_that_goes_on_with_a_fresh_optimizer_stays_one_run(tmp_path):
    model, logger = compiled(), LearningRateLogger(tmp_path)

    fit(model, logger, epochs=1)
    model.compile(keras.optimizers.SGD(0.001), "mse")
    logger.count_from(STEPS_PER_EPOCH)
    fit(model, logger, epochs=1)

    rows = read_columns(tmp_path)
    assert rows["step"].tolist() == list(range(2 * STEPS_PER_EPOCH))
    assert set(rows["learning_rate"][STEPS_PER_EPOCH:]) == {np.float32(0.001)}
    (event,) = load_events(tmp_path, "restart")
    assert event.step == STEPS_PER_EPOCH
    assert not (tmp_path / "fit_2").exists()


def test_two_models_trained_in_turns(tmp_path):
    first, second = compiled(), compiled(rate=0.02)
    logger = LearningRateLogger(tmp_path)

    for _ in range(2):
        fit(first, logger, epochs=1)
        fit(second, logger, epochs=1)

    assert_same(read_columns(tmp_path), expected_rows(epochs=2))
    assert_same(
        read_columns(tmp_path / "fit_2"),
        expected_rows(epochs=2, rate=lambda step: 0.02),
    )


def test_fit_without_the_callback_records_nothing(tmp_path):
    model = compiled()
    fit(model, LearningRateLogger(tmp_path), epochs=1)

    fit(model, epochs=1)

    assert len(read_columns(tmp_path)["step"]) == STEPS_PER_EPOCH


def test_stop_training_ends_the_record_there(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 4

    fit(compiled(), LearningRateLogger(tmp_path), Stop())

    assert read_columns(tmp_path)["step"].tolist() == [0, 1, 2, 3, 4]


class Failing(Subclassed):
    """Fails in its 18th step, in mid-epoch."""

    num_calls = 0

    def train_step(self, data):
        self.num_calls += 1
        if self.num_calls == 18:
            raise RuntimeError("Out of luck.")
        return super().train_step(data)


def test_exception_in_the_step_ends_the_record_there(tmp_path):
    model = Failing(make_model())
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse", run_eagerly=True)
    logger = LearningRateLogger(tmp_path)

    with pytest.raises(RuntimeError, match="Out of luck"):
        fit(model, logger)
    logger.on_train_end()

    assert read_columns(tmp_path)["step"].tolist() == list(range(17))
    assert {"apply", "scale_loss"}.isdisjoint(vars(model.optimizer))
    assert {"train_step", "make_train_function"}.isdisjoint(vars(model))
    # What Keras made, without what was around it meanwhile.
    assert "_make_function" in model.train_function.__qualname__


def test_exception_in_another_callback_reaches_the_disk_by_itself(tmp_path):
    class Raise(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 7:
                raise ValueError("Elsewhere.")

    logger = LearningRateLogger(tmp_path)
    with pytest.raises(ValueError, match="Elsewhere"):
        fit(compiled(), logger, Raise())

    # Nobody holds the model any more; what it did is written all the same.
    gc.collect()
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if len(read_columns(tmp_path).get("step", ())) == 8:
            break
        time.sleep(0.2)
    assert read_columns(tmp_path)["step"].tolist() == list(range(8))


INTERRUPTED_SCRIPT = """
    import signal
    import sys
    import keras
    from lr_plugin.keras import LearningRateLogger
    from recorded_fits import make_data, make_model

    class Report(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            print(int(self.model.optimizer.iterations.numpy()), flush=True)

    # Where the tests run in the background of a shell, programs ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    model = make_model()
    model.compile("sgd", "mse")
    x, y = make_data()
    model.fit(
        x, y, batch_size=8, epochs=100_000, verbose=0,
        callbacks=[Report(), LearningRateLogger(sys.argv[1])],
    )
"""


def test_interrupted_program_has_written_every_iteration(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(INTERRUPTED_SCRIPT), tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    for line in process.stdout:
        if int(line) == 700:
            process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    assert "KeyboardInterrupt" in errors
    num_reported = int(line)
    steps = read_columns(tmp_path)["step"]
    # The step that was interrupted may or may not have finished.
    assert len(steps) - num_reported in (0, 1)
    assert steps.tolist() == list(range(len(steps)))


def test_backup_and_restore_goes_on_where_the_checkpoint_was(tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations.numpy() == 20 and not resumed:
                raise RuntimeError("Crash.")

    resumed = False
    logger = LearningRateLogger(tmp_path / "run")
    backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
    with pytest.raises(RuntimeError, match="Crash"):
        fit(compiled(), logger, backup, Crash())
    resumed = True
    model = compiled()
    fit(model, logger, keras.callbacks.BackupAndRestore(tmp_path / "backup"), Crash())

    rows = read_columns(tmp_path / "run")
    positions = int(model.optimizer.iterations.numpy())
    assert rows["step"].tolist() == list(range(positions))
    np.testing.assert_allclose(rows["learning_rate"], falling(rows["step"]), rtol=3e-7)


def variables_of(model):
    return [v.numpy() for v in [*model.variables, *model.optimizer.variables]]


def test_weights_are_bit_equal_to_a_training_without_gradient_norms(tmp_path):
    finals = []
    for callbacks in ([], [LearningRateLogger(tmp_path, gradient_norm=True)]):
        model = make_model()
        model.compile("sgd", "mse", jit_compile=True)
        fit(model, *callbacks)
        finals.append(variables_of(model))

    for plain, recorded in zip(*finals, strict=True):
        assert plain.tobytes() == recorded.tobytes()


def test_model_and_optimizer_are_what_they_were(tmp_path):
    model = compiled(optimizer=keras.optimizers.Adam)
    before = [set(vars(model)), set(vars(model.optimizer))]
    kinds = [type(model), type(model.optimizer)]
    config = model.optimizer.get_config()
    names = [variable.path for variable in model.optimizer.variables]

    fit(model, LearningRateLogger(tmp_path))

    plain = compiled(optimizer=keras.optimizers.Adam)
    fit(plain)
    assert set(vars(model)) - before[0] <= set(vars(plain))
    assert set(vars(model.optimizer)) == before[1]
    assert [type(model), type(model.optimizer)] == kinds
    assert model.optimizer.get_config() == config
    assert [variable.path for variable in model.optimizer.variables] == names


def test_saved_model_names_nothing_of_this_package(tmp_path):
    model = compiled(optimizer=keras.optimizers.Adam)
    fit(model, LearningRateLogger(tmp_path / "run"))
    model.save(tmp_path / "model.keras")

    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert b"lr_plugin" not in archive.read("config.json")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert int(loaded.optimizer.iterations.numpy()) == 26


def test_nothing_keeps_the_model_alive(tmp_path):
    logger = LearningRateLogger(tmp_path)
    model = compiled()
    fit(model, logger)
    alive = [weakref.ref(model), weakref.ref(model.optimizer)]

    del model
    keras.utils.clear_session()
    gc.collect()

    assert [reference() for reference in alive] == [None, None]
    assert logger.summary.num_iterations == 26


def test_unused_callback_copies_and_pickles(tmp_path):
    logger = LearningRateLogger(tmp_path, run_info={"hparams": {"width": 8}})

    for twin in (copy.deepcopy(logger), pickle.loads(pickle.dumps(logger))):
        fit(compiled(), twin, epochs=1)
        assert_same(read_columns(tmp_path), expected_rows(epochs=1))


def test_summary_tells_the_rates_really_used(recorded):
    _, logger, _ = recorded

    expected = expected_rows()
    summary = logger.summary
    assert (summary.first_step, summary.last_step) == (0, 25)
    assert summary.num_iterations == 26
    assert summary.first_learning_rate == np.float32(0.1)
    assert summary.last_learning_rate == pytest.approx(0.1 / 13.5, rel=3e-7)
    assert summary.last_loss == pytest.approx(expected["loss"][-1], rel=1e-5)


def test_events_of_other_callbacks_are_written(tmp_path):
    logger = LearningRateLogger(tmp_path)

    class Cut(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logger.add_event("plateau", "The rate was cut.", factor=0.5)

    fit(compiled(), logger, Cut())

    events = load_events(tmp_path, "plateau")
    assert [(e.step, e.details) for e in events] == [
        (12, {"factor": 0.5}),
        (25, {"factor": 0.5}),
    ]


def test_flush_puts_every_iteration_so_far_on_disk(tmp_path):
    logger = LearningRateLogger(tmp_path)
    on_disk = []

    class Checkpoint(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch in (3, 9):
                logger.flush()
                on_disk.append(read_columns(tmp_path)["step"].tolist())

    fit(compiled(), logger, Checkpoint(), epochs=1)
    logger.flush()  # After the training: nothing to wait for.

    assert on_disk == [list(range(4)), list(range(10))]


def test_event_outside_of_a_training_is_refused(tmp_path):
    with pytest.raises(RuntimeError, match=r"while a training .* kind='plateau'"):
        LearningRateLogger(tmp_path).add_event("plateau", "Too early.")


def test_negative_layer_samples_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Received: layer_samples=-1"):
        LearningRateLogger(tmp_path, layer_samples=-1)


TAKES_KERAS_3 = {
    "LearningRateLogger": lambda model: LearningRateLogger("logs").set_model(model),
    "MultiplyOnPlateau": lambda model: MultiplyOnPlateau().set_model(model),
    "Recorder": lambda model: Recorder(model, on_rows=print),
    "range_test": lambda model: range_test(model, (np.ones((8, 3)), np.ones((8, 1)))),
}


@pytest.mark.parametrize("name", TAKES_KERAS_3)
def test_models_of_keras_2_are_refused_in_one_sentence(name):
    # As tf_keras has them: it gives its model to whatever is called a callback.
    model = type("Sequential", (), {"__module__": "tf_keras.src.engine.sequential"})()

    with pytest.raises(ValueError) as error:
        TAKES_KERAS_3[name](model)

    assert str(error.value) == (
        f"{name} takes models of Keras 3. Received: a Sequential of tf_keras, which is "
        "Keras 2. Make it with `import keras`, or log the training with "
        "lr_plugin.RunWriter; where tf.keras is Keras 2, unset TF_USE_LEGACY_KERAS."
    )


def test_models_of_the_real_keras_2_are_refused_too():
    tf_keras = pytest.importorskip("tf_keras")
    model = tf_keras.Sequential([tf_keras.layers.Dense(1)])
    model.compile("adam", "mse")

    for name, take in TAKES_KERAS_3.items():
        with pytest.raises(ValueError, match=f"{name} takes models of Keras 3."):
            take(model)


class OwnUpdate(Subclassed):
    """A train_step that goes past the optimizer."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        for variable, gradient in zip(self.trainable_variables, gradients, strict=True):
            variable.assign_sub(0.1 * gradient)
        return {"loss": loss}


def test_train_step_without_the_optimizer_is_said(tmp_path):
    model = OwnUpdate(make_model())
    model.compile("sgd", "mse")

    with pytest.warns(UserWarning) as warned:
        fit(model, LearningRateLogger(tmp_path))

    assert (
        "No iteration was recorded: this model's `train_step` does not call `apply` or "
        "`apply_gradients` of an optimizer that the model holds, through which the "
        "rate is seen, or calls it in a function that was traced before."
    ) in [str(warning.message) for warning in warned]

    assert not (tmp_path / "learning_rate").exists()


def notes_of(logdir):
    (text,) = load_texts(logdir, "run_info")
    return schema.from_json(schema.RunInfo, text).notes


def test_loss_that_cannot_be_seen_is_said_and_noted(tmp_path):
    model = HandGradient(make_model())
    model.compile("sgd")

    with pytest.warns(UserWarning, match="The loss was not recorded"):
        fit(model, LearningRateLogger(tmp_path))

    (note,) = notes_of(tmp_path)
    assert note == (
        "The loss was not recorded: this model's `train_step` asks no "
        "`tf.GradientTape` for the gradient of one, and does not call "
        "`self.compute_loss` either."
    )
    assert len(read_columns(tmp_path)["learning_rate"]) == 26


def test_loss_of_a_train_step_with_its_own_is_marked(tmp_path):
    model = OwnLoss(make_model())
    model.compile("sgd")

    fit(model, LearningRateLogger(tmp_path))

    (note,) = notes_of(tmp_path)
    assert note == (
        "The loss is the value whose gradient the training step takes: this model's "
        "`train_step` does not use what `self.compute_loss` returns as it is."
    )


def test_directory_that_cannot_be_written_costs_one_warning(tmp_path, caplog):
    (tmp_path / "run").write_text("A file where the directory should be.")

    history = fit(compiled(), LearningRateLogger(tmp_path / "run"), epochs=3)

    assert len(history.history["loss"]) == 3
    warnings = [r.message for r in caplog.records if r.name.startswith("lr_plugin")]
    assert len(warnings) == 1
    assert "cannot be written" in warnings[0]
