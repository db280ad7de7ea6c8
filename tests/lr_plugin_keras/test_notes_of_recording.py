"""What a recorded training says of itself, in the run's notes, events and warnings."""

import types
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, load_texts, read_columns
from training_cases import data

from lr_plugin import schema
from lr_plugin.keras import LearningRateLogger
from lr_plugin.keras.capture.optimizers.describe_optimizer import describe_schedule
from lr_plugin.keras.capture.tensorflow.row import Row
from lr_plugin.keras.epoch_metrics import number_metrics
from lr_plugin.keras.guard import Guard
from lr_plugin.keras.range_test.data import detached_data
from lr_plugin.keras.range_test.sweep import Sweep
from lr_plugin.keras.row_events import RowEventFinder
from lr_plugin.keras.run_log import RunLog
from lr_plugin.writer.run_folder import RunFolder
from lr_plugin.writer.run_writer import RunWriter

pytestmark = pytest.mark.slow

OUTSIDE = (
    "Only the rates were recorded, each evaluated before its step, and no loss. The "
    "training step was made in an earlier fit without this callback, and now it would "
    "be another one, because something that it takes from Python has changed since: so "
    "the earlier one went on. To record all, call `model.compile` before this fit, or "
    "give this callback to the first fit as well."
)


def small_model(**settings):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse", **settings)
    return model


def fit_with_warnings(model, folder, *, x=None, y=None):
    if x is None:
        x, y = data()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(x, y, batch_size=1, verbose=0, callbacks=[LearningRateLogger(folder)])
    return [str(warning.message) for warning in caught]


# Of the optimizer.


def test_a_schedule_that_cannot_be_described_is_noted():
    class Own(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    notes = []

    found = describe_schedule(keras.optimizers.SGD(Own()), note=notes.append)

    assert found == {"class_name": "Own", "config": {}}
    assert notes == [
        "The settings of the schedule Own are not shown: its `get_config` raises "
        "NotImplementedError."
    ]


def test_a_rate_that_cannot_be_read_is_noted():
    notes = []

    describe_schedule(types.SimpleNamespace(_learning_rate="?"), note=notes.append)

    assert notes == [
        "The learning rate with which the optimizer was made could not be read."
    ]


def test_several_updates_in_a_step_are_noted():
    optimizer = keras.optimizers.SGD(0.1)
    row = Row(optimizer, {id(optimizer): "optimizer"})
    cells = {schema.LEARNING_RATE: tf.constant(0.1)}
    for _ in range(2):
        row.add(optimizer, cells)

    assert row.notes() == [
        "The optimizer `optimizer` makes 2 updates in each step. Its rate is that of "
        "the last one."
    ]

    row.add_latest(optimizer, cells, tf.constant(1))

    assert row.notes() == [
        "The optimizer `optimizer` updates in a loop, a branch or a function of its "
        "own. Its rate is that of its last update in each step; in a step without one "
        "there is no rate."
    ]


# Of epochs and rows.


def test_what_is_no_number_in_the_logs_of_an_epoch_is_noted():
    notes = []
    logs = {"loss": 0.5, "text": "good", "matrix": np.arange(100.0).reshape(10, 10)}

    metrics = number_metrics(logs, note=notes.append)

    assert notes == [
        "`text` in the epochs' logs is no number, and was left out.",
        "`matrix` in the epochs' logs has 100 elements; the first 64 were recorded.",
    ]
    assert len(metrics) == 1 + 64
    assert metrics["matrix[6,3]"] == 63


def test_events_say_what_the_rows_hold():
    finder = RowEventFinder(has_schedule=False, accumulation_steps=1)
    rows = {
        "step": np.arange(100, 110),
        "learning_rate": np.where(np.arange(10) < 4, 0.1, 0.05),
        "loss": np.array([1, 1, np.nan, np.nan, 1, np.inf, 1, 1, 1, 1.0]),
        "applied": np.array([1, 1, 1, 1, 1, 1, 1, 0, 0, 1.0]),
    }

    assert [(event.step, event.text) for event in finder.find(rows)] == [
        (102, "The loss is nan at step 102."),
        (105, "The loss is inf at step 105."),
        (
            107,
            "The update at step 107 was skipped: with this loss scale, gradients were "
            "not finite.",
        ),
        (104, "The learning rate was set from 0.1 to 0.05."),
    ]


def test_a_training_that_goes_on_says_from_where(tmp_path):
    log = RunLog(Guard())
    folder = RunFolder(str(tmp_path))
    log.begin(schema.RunInfo(), lambda run_info: folder)

    log.add_rows({"step": np.array([70]), "learning_rate": np.array([0.1])})
    log.close()

    (event,) = load_events(tmp_path, "restart")
    assert (event.step, event.text) == (70, "Training went on from step 70.")


def test_what_fails_while_it_is_written_is_told_and_costs_nothing_else(
    tmp_path, monkeypatch
):
    def fail(*args, **kwargs):
        raise TypeError("no such layer")

    monkeypatch.setattr(RunWriter, "write_layers", fail)
    x, y = data()

    warned = fit_with_warnings(small_model(), tmp_path, x=x, y=y)

    text = "A part of the training could not be recorded (TypeError: no such layer)."
    ours = [warning for warning in warned if "numpy" not in warning]
    assert ours == [f"{text} Training goes on."]
    assert [event.text for event in load_events(tmp_path, "note")] == [text]
    assert len(load_events(tmp_path, "epoch_end")) == 1
    assert len(read_columns(tmp_path)["step"]) == len(x)


def test_a_model_without_trained_weights_is_told(tmp_path):
    model = small_model()
    model.trainable = False
    model.compile("sgd", "mse")

    assert (
        "No iteration was recorded: no weight of this model is trained. Make some "
        "layers trainable, or train without this callback."
    ) in fit_with_warnings(model, tmp_path)


def test_rows_that_do_not_fit_into_the_buffer_are_counted(tmp_path):
    # A loop by hand, which hands over nothing before its end.
    model = small_model()
    logger = LearningRateLogger(tmp_path, layer_samples=0)
    logger.set_model(model)
    x, y = np.ones([1, 4], np.float32), np.ones([1, 1], np.float32)
    logger.on_train_begin()
    step = tf.function(lambda: model.train_step((x, y)))
    for _ in range(1500):
        step()

    with pytest.warns(UserWarning) as warned:
        logger.on_train_end()

    kept = len(read_columns(tmp_path)["step"])
    assert [str(warning.message) for warning in warned] == [
        f"{1500 - kept} iterations were not recorded: they ran in one call of the "
        "train function that is longer than the buffer."
    ]


def test_a_step_of_an_earlier_fit_that_would_be_another_now_is_told(tmp_path):
    class Scaled(keras.Model):
        factor = 1.0

        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.factor * self.dense(x)

    model = Scaled()
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x, y = data()
    model.fit(x, y, verbose=0)
    model.factor = 2.0

    assert OUTSIDE in fit_with_warnings(model, tmp_path)
    (text,) = load_texts(tmp_path, "run_info")
    assert schema.from_json(schema.RunInfo, text).notes == (OUTSIDE,)
    columns = read_columns(tmp_path)
    assert "loss" not in columns
    assert set(columns["learning_rate"]) == {np.float32(0.1)}


# Of a range test.


@pytest.mark.parametrize(
    ("losses", "reason"),
    [
        ([1] * 40, "all rates were tried"),
        # Where three of the last five are high.
        ([1] * 20 + [900] * 20, "the loss diverged at the rate 0.23"),
        ([1, np.nan], "the loss became nan at the rate 0.02"),
    ],
)
def test_a_sweep_says_why_it_ended(losses, reason):
    sweep = Sweep(0.01 * np.arange(1, 41))

    for step, loss in enumerate(losses):
        sweep.add(step=step, loss=loss, applied=True)

    assert sweep.stop_reason == reason


def test_a_sweep_ends_where_no_update_is_applied_any_more():
    sweep = Sweep(np.array([0.01, 0.02]))
    sweep.add(step=0, loss=1, applied=True)

    for step in range(1, 40):
        sweep.add(step=step, loss=1, applied=False)
        sweep.end_if_stuck(1)

    assert sweep.stop_reason == "the gradients stayed infinite at the rate 0.02"


def test_a_dataset_that_cannot_be_copied_is_told(monkeypatch):
    def fail(**arguments):
        raise tf.errors.InvalidArgumentError(None, None, "it is too large")

    monkeypatch.setattr(tf.raw_ops, "DatasetToGraphV2", fail)
    dataset = tf.data.Dataset.range(4).shuffle(4)

    with pytest.warns(UserWarning) as warned:
        detached_data(dataset)

    assert str(warned[0].message) == (
        "The range test moves on the order in which this dataset shuffles: TensorFlow "
        "cannot copy it (it is too large)."
    )
