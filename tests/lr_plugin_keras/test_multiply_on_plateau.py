"""The callback by itself: when it cuts, what it refuses, what it remembers."""

import copy
import json
import random

import keras
import numpy as np
import pytest
from plateau_slope import Report, fit_slope, labels_with_slope, make_slope

from lr_plugin.keras import MultiplyOnPlateau
from lr_plugin.keras.plateau.multiplied import Multiplied
from lr_plugin.keras.schedules import linear

SGD = keras.optimizers.SGD


def cut_on(values, callback, optimizer, **compile_arguments):
    """Ends an epoch with each of the values; returns the rate after each."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse", **compile_arguments)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        rates.append(float(keras.ops.convert_to_numpy(optimizer.learning_rate)))
    return rates


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"factor": 0.5, "patience": 2, "cooldown": 1, "min_delta": 0.02},
        {"patience": 0, "cooldown": 3, "mode": "min"},
        {"patience": 1, "mode": "max", "min_delta": 0.0},
        {"patience": 1, "factor": 0.3},
    ],
)
@pytest.mark.parametrize("floor", [0.0, 0.004])
@pytest.mark.parametrize("seed", range(3))
def test_number_is_cut_exactly_where_keras_cuts_it(settings, floor, seed):
    draws = random.Random(seed)
    values = [1 / (1 + epoch) + draws.uniform(0, 0.4) for epoch in range(40)]
    keras_own = keras.callbacks.ReduceLROnPlateau("val_loss", min_lr=floor, **settings)
    ours = MultiplyOnPlateau("val_loss", min_learning_rate=floor, **settings)
    expected = cut_on(values, keras_own, SGD(0.1))
    assert cut_on(values, ours, SGD(0.1)) == expected
    if settings:
        assert len(set(expected)) > 2


def test_multiplier_times_schedule_is_the_rate():
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    optimizer = SGD(schedule)
    optimizer.iterations.assign(50)
    plateau = MultiplyOnPlateau(factor=0.5, patience=1)
    # Half way down the cosine it gives 0.05.
    assert cut_on([1, 1, 1, 0.5, 1], plateau, optimizer) == pytest.approx(
        [0.05, 0.025, 0.0125, 0.0125, 0.00625]
    )


def test_number_that_was_set_from_outside_is_multiplied():
    optimizer = SGD(0.1)
    plateau = MultiplyOnPlateau(factor=0.5, patience=1)
    assert cut_on([1, 1], plateau, optimizer) == pytest.approx([0.1, 0.05])
    optimizer.learning_rate = 0.4
    plateau.on_epoch_end(2, {"val_loss": 1.0})
    assert float(optimizer.learning_rate) == pytest.approx(0.2)


def test_multiplier_that_was_set_from_outside_is_multiplied():
    optimizer = SGD(linear(0.1, 0.1, 10))
    plateau = MultiplyOnPlateau(factor=0.5, patience=1)
    cut_on([1, 1], plateau, optimizer)
    optimizer._learning_rate.multiplier.assign(0.1)
    plateau.on_epoch_end(2, {"val_loss": 1.0})
    assert float(optimizer.learning_rate) == pytest.approx(0.005)
    assert plateau.state["multiplier"] == pytest.approx(0.05)


def test_loss_scaling_is_looked_through():
    for rate in (0.1, linear(0.1, 0.1, 10)):
        optimizer = keras.optimizers.LossScaleOptimizer(SGD(rate))
        plateau = MultiplyOnPlateau(factor=0.5, patience=1)
        assert cut_on([1, 1], plateau, optimizer) == pytest.approx([0.1, 0.05])


def test_relative_delta_is_a_share_of_the_best():
    def cuts(values):
        plateau = MultiplyOnPlateau(patience=1, min_delta=0.1, delta_mode="relative")
        return cut_on(values, plateau, SGD(0.1))

    # 91 is less than 10 % below 100, 89 more.
    assert cuts([100, 91]) == pytest.approx([0.1, 0.01])
    assert cuts([100, 89]) == pytest.approx([0.1, 0.1])


def test_whole_epochs_are_looked_at_when_they_are_full():
    plateau = MultiplyOnPlateau(patience=1, every_epochs=2)
    rates = cut_on([1, 1, 1, 1, 1, 1], plateau, SGD(0.1))
    assert rates == pytest.approx([0.1, 0.1, 0.1, 0.01, 0.01, 0.001])


def test_two_callbacks_multiply_one_after_the_other():
    optimizer = SGD(linear(0.1, 0.1, 10))
    first = MultiplyOnPlateau(factor=0.5, patience=1)
    second = MultiplyOnPlateau(factor=0.1, patience=1, min_learning_rate=0.002)
    cut_on([1, 1], first, optimizer)
    # The same multiplier with another floor: 0.1 * 0.5 * 0.1, and again 0.1.
    assert cut_on([1, 1, 1], second, optimizer) == pytest.approx([0.05, 0.005, 0.002])
    assert first.state["multiplier"] == pytest.approx(second.state["multiplier"])


@pytest.mark.slow
@pytest.mark.parametrize("rate", [0.1, linear(0.1, 0.0, 100)], ids=["number", "line"])
def test_state_goes_on_in_another_process(rate):
    values = [1, 0.9, 0.95, 0.93, 0.95, 0.92, 0.93, 0.9]
    settings = {"factor": 0.3, "patience": 2, "cooldown": 1}
    whole = cut_on(values, MultiplyOnPlateau(**settings), SGD(rate))
    assert len(set(whole)) == 4
    for length in range(len(values)):
        first = MultiplyOnPlateau(**settings)
        cut_on(values[:length], first, SGD(rate))
        second = MultiplyOnPlateau(**settings)
        second.state = json.loads(json.dumps(first.state))
        rest = cut_on(values[length:], second, SGD(rate))
        assert rest == whole[length:]


def test_state_is_a_copy_and_what_is_left_out_is_as_at_the_start():
    plateau = MultiplyOnPlateau(patience=1)
    cut_on([1, 1], plateau, SGD(0.1))
    state = plateau.state
    plateau.on_epoch_end(2, {"val_loss": 0.5})
    assert state["best"] == 1.0
    plateau.state = {"best": 0.1}
    assert plateau.state["best"] == 0.1
    assert plateau.state["num_waited"] == 0


def test_state_of_another_kind_of_rate_is_refused():
    plateau = MultiplyOnPlateau()
    cut_on([1], plateau, SGD(0.1))
    other = MultiplyOnPlateau()
    other.state = plateau.state
    with pytest.raises(ValueError) as error:
        cut_on([1], other, SGD(linear(0.1, 0.0, 100)))
    assert str(error.value) == (
        "The state of MultiplyOnPlateau must be that of a like optimizer. Received: a "
        "state that was kept with no schedule, an optimizer with one. Compile the "
        "model as it was compiled then, or assign no state."
    )


def test_counting_goes_on_with_the_same_optimizer_and_begins_anew_with_another():
    optimizer = SGD(0.1)
    plateau = MultiplyOnPlateau(patience=3)
    cut_on([1, 1, 1], plateau, optimizer)
    assert plateau.state["num_waited"] == 2
    assert cut_on([1], plateau, optimizer) == pytest.approx([0.01])
    cut_on([2], plateau, SGD(0.1))
    assert plateau.state["best"] == 2.0


def test_copies_count_for_themselves():
    plateau = MultiplyOnPlateau("loss", patience=1, every_batches=2)
    copied = copy.deepcopy(plateau)
    fit_slope(make_slope(SGD(0.1)), [1] * 4, copied, epochs=1)
    assert copied.state["num_batches"] == 4
    assert plateau.state["num_batches"] == 0


def test_on_cut_hears_a_sentence_and_numbers():
    heard = []
    plateau = MultiplyOnPlateau(
        patience=2, on_cut=lambda text, **numbers: heard.append((text, numbers))
    )
    cut_on([0.5, 0.7, 0.6], plateau, SGD(0.1))
    ((text, numbers),) = heard
    assert text == (
        "val_loss 0.6 is no improvement on 0.5 (look 2 in a row): the rate falls from "
        "0.1 to 0.01."
    )
    assert numbers == pytest.approx(
        {"value": 0.6, "best": 0.5, "rate_before": 0.1, "rate_after": 0.01}
    )


# What is monitored.


def fit_classifier(plateau, *callbacks, metrics=("accuracy",), **fit_arguments):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
    model.compile(SGD(0.1), "sparse_categorical_crossentropy", metrics=list(metrics))
    model.fit(
        np.ones((4, 2)),
        np.array([0, 1, 1, 1]),
        batch_size=2,
        verbose=0,
        callbacks=[*callbacks, plateau],
        **{"epochs": 2, **fit_arguments},
    )
    return model


@pytest.mark.slow
@pytest.mark.parametrize("name", ["accuracy", "val_accuracy", "auc", "loss", "error"])
def test_direction_is_what_keras_says(name):
    class Error(keras.metrics.MeanAbsoluteError):
        _direction = "down"

    metrics = ["accuracy", keras.metrics.AUC(name="auc"), Error(name="error")]
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile(SGD(0.1), "mse", metrics=metrics)
    model.train_on_batch(np.ones((2, 2)), np.ones((2, 1)))
    keras_own = keras.callbacks.ReduceLROnPlateau(name, patience=1)
    ours = MultiplyOnPlateau(name, patience=1)
    rates = []
    for callback in (keras_own, ours):
        model.optimizer.learning_rate = 0.1
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, value in enumerate([0.5, 0.6, 0.7]):
            callback.on_epoch_end(epoch, {name: value})
        rates.append(float(model.optimizer.learning_rate.numpy()))
    assert rates[0] == rates[1]
    assert rates[1] == pytest.approx(0.1 if name[-3:] in ("acy", "auc") else 0.001)


def test_direction_that_keras_does_not_know_is_asked_for_after_one_batch():
    plateau = MultiplyOnPlateau("val_score")
    seen = []
    count = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(batch)
    )
    with pytest.raises(ValueError) as error:
        fit_classifier(plateau, count)
    assert seen == [0]
    assert str(error.value) == (
        "`mode` must say which values are better where Keras does not know it. "
        "Received: mode='auto', monitor='val_score'; Keras knows loss, accuracy. Write "
        "mode='min' where lower is better, mode='max' where higher is, or correct "
        "`monitor`."
    )


@pytest.mark.slow
def test_metric_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(ValueError) as error:
        fit_classifier(MultiplyOnPlateau("score", mode="max"))
    assert str(error.value) == (
        "`monitor` must name what an epoch reports. Received: monitor='score', where "
        "epoch 1 reported accuracy, loss. Give one of these."
    )


@pytest.mark.slow
def test_metric_of_a_validation_that_has_not_been_yet_is_waited_for():
    with pytest.warns(UserWarning) as warned:
        fit_classifier(MultiplyOnPlateau("val_loss"))
    assert [str(each.message) for each in warned] == [
        "MultiplyOnPlateau found no val_loss at the end of epoch 1, only accuracy, "
        "loss. Until there is one, the rate stays as it is: give `fit` validation_data."
    ]
    plateau = MultiplyOnPlateau("val_loss")
    with pytest.warns(UserWarning, match="found no val_loss"):
        validation_data = (np.ones((2, 2)), np.ones(2))
        fit_classifier(plateau, validation_data=validation_data, validation_freq=2)
    assert plateau.state["best"] is not None


@pytest.mark.slow
def test_metric_of_many_numbers_is_refused():
    report = Report([np.array([0.1, 0.2])] * 2)
    with pytest.raises(ValueError) as error:
        fit_classifier(MultiplyOnPlateau("score", mode="max"), report)
    assert str(error.value) == (
        "`monitor` must name one number. Received: monitor='score', which is "
        "array([0.1, 0.2]). Let the metric average, or name another."
    )


def test_rate_that_cannot_be_multiplied_is_refused():
    with pytest.raises(ValueError) as error:
        cut_on([1], MultiplyOnPlateau(), SGD(lambda: 0.1))
    assert str(error.value) == (
        "MultiplyOnPlateau needs an optimizer whose rate is a number or a "
        "LearningRateSchedule. Received: a function. Make it a "
        "keras.optimizers.schedules.LearningRateSchedule."
    )
    model = make_slope("sgd")
    model.build((None, 1))
    model.compile(keras.optimizers.MultiOptimizer([(SGD(0.1), model.layers[0])]))
    with pytest.raises(ValueError, match=r"rate of one optimizer.*a MultiOptimizer"):
        MultiplyOnPlateau().set_model(model)


def test_batches_need_a_loss_that_is_kept():
    class Custom(keras.Model):
        @property
        def metrics(self):
            return [keras.metrics.Mean(name="total_loss")]

    inputs = keras.Input((1,))
    model = Custom(inputs, keras.layers.Dense(1)(inputs))
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"named 'loss'.*Received: total_loss\. Use"):
        MultiplyOnPlateau("loss", every_batches=10).set_model(model)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"factor": 1.0},
            "`factor` must be above 0 and below 1. Received: factor=1.0. For example "
            "factor=0.1.",
        ),
        ({"patience": -1}, "`patience` must be at least 0. Received: patience=-1."),
        (
            {"min_learning_rate": float("nan")},
            "`min_learning_rate` must be at least 0. Received: min_learning_rate=nan.",
        ),
        (
            {"mode": "up"},
            "`mode` must be one of auto, min, max. Received: mode='up'.",
        ),
        (
            {"delta_mode": "share"},
            "`delta_mode` must be one of absolute, relative. Received: "
            "delta_mode='share'.",
        ),
        (
            {"every_epochs": 0},
            "`every_epochs` must be at least 1. Received: every_epochs=0.",
        ),
        (
            {"monitor": "loss", "every_batches": 0},
            "`every_batches` must be at least 1. Received: every_batches=0.",
        ),
        (
            {"every_batches": 5},
            "`every_batches` looks at the training loss. Received: every_batches=5, "
            "monitor='val_loss'. Give monitor='loss', or `every_epochs`.",
        ),
        (
            {"monitor": "loss", "every_batches": 5, "every_epochs": 2},
            "Looks are counted in epochs or in batches. Received: every_epochs=2, "
            "every_batches=5. Leave one of them out.",
        ),
    ],
)
def test_arguments_out_of_bounds_are_a_sentence(arguments, message):
    with pytest.raises(ValueError) as error:
        MultiplyOnPlateau(**arguments)
    assert str(error.value) == message


# The schedule that multiplies.


def test_multiplied_schedule_keeps_the_precision_of_its_schedule():
    class Doubles(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return keras.ops.convert_to_tensor(0.1, "float64")

    class Number(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return 0.1

    assert keras.backend.standardize_dtype(Multiplied(Doubles())(0).dtype) == "float64"
    assert float(Multiplied(Number(), 0.5)(0)) == pytest.approx(0.05)


@pytest.mark.slow
def test_multiplied_schedule_is_saved_and_loaded_with_its_model(tmp_path):
    model = make_slope(SGD(linear(0.1, 0.0, 100)))
    plateau = MultiplyOnPlateau("score", mode="min", patience=1, factor=0.5)
    fit_slope(model, [1] * 25, Report([1, 1]), plateau, epochs=2)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(
        tmp_path / "model.keras",
        custom_objects={"labels_with_slope": labels_with_slope},
    )
    optimizer = loaded.optimizer
    # After 50 steps the line is at 0.05; one cut.
    assert float(optimizer.learning_rate) == pytest.approx(0.025)
    config = keras.optimizers.schedules.serialize(optimizer._learning_rate)
    assert config["registered_name"] == "lr_plugin>Multiplied"


def test_multiplied_schedule_saved_by_a_former_version_is_found():
    saved = {
        "module": "trainer.planning.plateau",
        "class_name": "Multiplied",
        "config": {"schedule": 0.1, "multiplier": 0.5, "floor": 0.01},
        "registered_name": "trainer>Multiplied",
    }
    loaded = keras.optimizers.schedules.deserialize(saved)
    assert float(loaded(0)) == pytest.approx(0.05)
