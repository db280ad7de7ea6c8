"""The flags of a plateau, on a callback whose metrics are given by the test."""

import keras
import numpy as np
import pytest

from lr_plugin.keras.plateau.multiplied import Multiplied
from lr_plugin.keras.schedules import linear
from trainer.errors import ConfigError
from trainer.planning.plateau import build_plateau, check_plateau, plateau_state
from trainer.settings.config import Config
from trainer.settings.durations import Duration, RunLength


class Plateaus:
    """A plateau callback on a model whose metrics are given by the test."""

    def __init__(self, *, schedule=0.1, floor=0.0, steps=10, **settings):
        self.config = Config(
            plateau_patience=2,
            plateau_min_learning_rate=floor,
            **{"plateau": "val_loss", **settings},
        )
        self.cuts = []
        self.multiplied = Multiplied(schedule, floor=floor)
        self.model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        self.model.compile(
            keras.optimizers.SGD(self.multiplied), "mse", metrics=["accuracy"]
        )
        # Keras knows metrics only once it has computed them.
        self.model.test_on_batch(np.zeros((1, 1)), np.zeros((1, 1)))
        self.model.reset_metrics()
        self.callback = build_plateau(
            self.config,
            RunLength(steps, 100),
            on_cut=lambda text, **numbers: self.cuts.append((text, numbers)),
        )
        self.callback.set_params({"steps": steps})
        self.callback.set_model(self.model)

    def see(self, *values):
        """Ends an epoch with each of the values; returns the rate after each."""
        rates = []
        for epoch, value in enumerate(values):
            self.callback.on_epoch_end(epoch, {self.config.plateau_name: value})
            # Rounded to eight digits, because float32 has no 0.1.
            rates.append(round(float(self.model.optimizer.learning_rate), 8))
        return rates

    def train_epoch(self, epoch, losses):
        """Trains one batch for each loss, each batch of one example."""
        self.model.reset_metrics()
        self.callback.on_epoch_begin(epoch)
        loss = self.model.metrics[0]
        rates = []
        for batch, value in enumerate(losses):
            self.callback.on_train_batch_begin(batch)
            loss.update_state(value)
            self.callback.on_train_batch_end(batch)
            rates.append(float(self.model.optimizer.learning_rate))
        # Validation uses the same mean.
        self.model.reset_metrics()
        self.callback.on_epoch_end(epoch, {"loss": 0.0})
        return rates


def test_rate_is_cut_after_patience_looks_without_improvement():
    plateaus = Plateaus()
    assert plateaus.see(1.0, 0.9, 0.9, 0.9, 0.9, 0.9) == [
        0.1,
        0.1,
        0.1,
        0.01,
        0.01,
        0.001,
    ]


def test_rules_are_keras_own():
    values = [
        1.0,
        0.8,
        0.79,
        0.9,
        0.85,
        0.7,
        0.75,
        0.72,
        0.71,
        0.7,
        0.9,
        0.69,
        0.9,
        0.9,
    ]
    settings = {"factor": 0.5, "patience": 2, "cooldown": 1, "min_delta": 0.02}
    keras_own = keras.callbacks.ReduceLROnPlateau("val_loss", **settings)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    keras_own.set_model(model)
    keras_own.on_train_begin()
    expected = []
    for epoch, value in enumerate(values):
        keras_own.on_epoch_end(epoch, {"val_loss": value})
        expected.append(round(float(model.optimizer.learning_rate.numpy()), 8))
    assert len(set(expected)) > 2
    ours = Plateaus(plateau_factor=0.5, plateau_cooldown=1, plateau_min_delta=0.02)
    assert ours.see(*values) == expected


def test_schedule_is_multiplied_where_keras_raises():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(linear(0.1, 0.0, 100)), "mse")
    keras_own = keras.callbacks.ReduceLROnPlateau("loss", patience=0)
    keras_own.set_model(model)
    keras_own.on_train_begin()
    keras_own.on_epoch_end(0, {"loss": 1.0})
    with pytest.raises(TypeError):
        keras_own.on_epoch_end(1, {"loss": 1.0})

    plateaus = Plateaus(schedule=linear(0.1, 0.0, 100))
    plateaus.model.optimizer.iterations.assign(50)
    assert plateaus.see(1.0, 1.0, 1.0) == [0.05, 0.05, 0.005]


def test_accuracy_is_better_higher():
    plateaus = Plateaus(plateau="val_accuracy")
    assert plateaus.see(0.1, 0.2, 0.3, 0.4) == [0.1] * 4
    assert plateaus.see(0.4, 0.3) == [0.1, 0.01]


def test_mode_overrides_the_name():
    plateaus = Plateaus(plateau="val_accuracy", plateau_mode="min")
    assert plateaus.see(0.1, 0.2, 0.3) == [0.1, 0.1, 0.01]


def test_relative_delta_is_a_share_of_the_best():
    settings = {"plateau_min_delta": 0.1, "plateau_delta_mode": "relative"}
    # 95 and 91 are less than 10 % below 100; 89 would be more.
    assert Plateaus(**settings).see(100.0, 95.0, 91.0) == [0.1, 0.1, 0.01]
    assert Plateaus(**settings).see(100.0, 95.0, 89.0) == [0.1, 0.1, 0.1]


def test_no_cut_goes_below_the_floor():
    plateaus = Plateaus(floor=0.005)
    assert plateaus.see(*[1.0] * 9)[-1] == 0.005
    # 0.1 to 0.01, to 0.005; then there is nothing to cut.
    assert len(plateaus.cuts) == 2


def test_floor_does_not_raise_a_schedule_that_is_lower():
    multiplied = Multiplied(linear(0.0, 0.1, 100), 0.5, floor=0.01)
    rates = [float(multiplied(step)) for step in (0, 5, 15, 100)]
    assert rates == pytest.approx([0.0, 0.005, 0.01, 0.05])


def test_nan_is_no_improvement():
    plateaus = Plateaus()
    assert plateaus.see(np.nan, np.nan, 1.0) == [0.1, 0.01, 0.01]


def test_cut_is_told_in_words_and_numbers():
    plateaus = Plateaus()
    plateaus.see(0.5, 0.7, 0.6)
    ((text, numbers),) = plateaus.cuts
    assert text == (
        "val_loss 0.6 is no improvement on 0.5 (look 2 in a row): the rate falls from "
        "0.1 to 0.01."
    )
    assert numbers == pytest.approx(
        {
            "value": 0.6,
            "best": 0.5,
            "rate_before": 0.1,
            "rate_after": 0.01,
            "multiplier": 0.1,
        }
    )


def test_looks_in_updates_see_the_mean_loss_since_the_last_also_across_epochs():
    plateaus = Plateaus(plateau="loss", plateau_every=Duration(4, ""), steps=10)
    looks = []
    plateaus.callback._look = looks.append
    plateaus.train_epoch(0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    plateaus.train_epoch(1, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    # (1+2+3+4)/4, (5+..+8)/4, (9+10+11+12)/4, (13+..+16)/4, (17+..+20)/4.
    assert looks == pytest.approx([2.5, 6.5, 10.5, 14.5, 18.5])


def test_looks_in_updates_cut_in_the_middle_of_an_epoch():
    plateaus = Plateaus(plateau="loss", plateau_every=Duration(2, ""), steps=10)
    rates = plateaus.train_epoch(0, [1.0] * 10)
    # Looks after batches 2, 4, 6, 8, 10: the first is the best, 6 and 10 cut.
    assert rates == pytest.approx([0.1] * 5 + [0.01] * 4 + [0.001])


def test_whole_epochs_are_looked_at_when_they_are_full():
    plateaus = Plateaus(plateau_every=Duration(3, "ep"))
    # Looks at epochs 2, 5 and 8.
    assert plateaus.see(*[1.0] * 9) == [0.1] * 8 + [0.01]


@pytest.mark.slow
def test_state_goes_on_in_another_callback():
    values = [1.0, 0.9, 0.95, 0.93, 0.95, 0.92, 0.93, 0.9]
    whole = Plateaus(plateau_cooldown=1)
    expected = whole.see(*values)
    first = Plateaus(plateau_cooldown=1)
    first.see(*values[:5])
    second = Plateaus(plateau_cooldown=1)
    second.callback.state = first.callback.state
    assert second.see(*values[5:]) == expected[5:]


def test_checkpoint_that_counts_looks_goes_on():
    # As an earlier version wrote it after 14 batches, seven looks of two batches each.
    counters = {
        "multiplier": 0.1,
        "best": 1.0,
        "num_waited": 1,
        "num_cooldown": 0,
        "num_looks": 7,
        "total": 0.0,
        "count": 0.0,
        "seen_total": 4.0,
        "seen_count": 4.0,
    }
    plateaus = Plateaus(plateau="loss", plateau_every=Duration(2, ""), steps=10)
    plateaus.callback.state = plateau_state(counters, num_batches=14)
    plateaus.callback.on_epoch_begin(1)
    assert float(plateaus.model.optimizer.learning_rate) == pytest.approx(0.01)
    looks = []
    plateaus.callback._look = looks.append
    plateaus.model.metrics[0].update_state([1.0, 1.0, 1.0, 1.0, 2.0, 4.0])
    plateaus.callback.on_train_batch_begin(4)
    plateaus.callback.on_train_batch_end(4)
    plateaus.callback.on_train_batch_begin(5)
    plateaus.callback.on_train_batch_end(5)
    # The losses that the seventh look had seen are left out.
    assert looks == [3.0]


def test_direction_may_stand_before_the_name():
    plateaus = Plateaus(plateau="max:val_score")
    assert plateaus.see(0.5, 0.6, 0.7, 0.8) == [0.1] * 4
    plateaus = Plateaus(plateau="min:val_score")
    assert plateaus.see(0.5, 0.6, 0.7, 0.8) == [0.1, 0.1, 0.01, 0.01]


def margin(y, p):
    return keras.ops.mean(keras.ops.abs(p - 0.5))


@pytest.fixture(scope="module")
def judged_model():
    """Has metrics whose names do not tell which way is better."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, "sigmoid")])
    metrics = [
        keras.metrics.AUC(name="auc"),
        keras.metrics.MeanAbsoluteError(name="acceleration_error"),
        margin,
    ]
    model.compile("sgd", "binary_crossentropy", metrics=metrics)
    model.test_on_batch(np.zeros((4, 1)), np.array([0.0, 1.0, 1.0, 0.0]))
    return model


@pytest.mark.parametrize("name", ["val_auc", "val_acceleration_error", "val_loss"])
def test_metrics_of_keras_tell_what_is_better(name, judged_model):
    check_plateau(Config(plateau=name), [name], judged_model)


def test_metric_that_nobody_can_judge_is_refused_unless_it_is_said(judged_model):
    with pytest.raises(ConfigError) as error:
        check_plateau(Config(plateau="val_margin"), ["val_margin"], judged_model)
    assert str(error.value) == (
        "`--plateau` must say what is better, where Keras does not know it. Received: "
        "--plateau=val_margin without --plateau_mode. Write --plateau=min:val_margin "
        "or --plateau=max:val_margin."
    )
    check_plateau(Config(plateau="max:val_margin"), ["val_margin"], judged_model)
    config = Config(plateau="val_margin", plateau_mode="min")
    check_plateau(config, ["val_margin"], judged_model)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"plateau": "best:val_f1"}, "must be a name, with min: or max: before it"),
        ({"plateau": "max:"}, "Received: --plateau=max:. For example"),
        (
            {"plateau": "max:val_f1", "plateau_mode": "min"},
            "must agree on what is better. Received: --plateau=max:val_f1 "
            "--plateau_mode=min.",
        ),
    ],
)
def test_directions_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(ConfigError) as error:
        Config(**settings)
    assert message in str(error.value)


def test_multiplied_schedule_survives_serialization():
    multiplied = Multiplied(linear(0.1, 0.0, 100), 0.5, floor=0.01)
    config = keras.optimizers.schedules.serialize(multiplied)
    again = keras.optimizers.schedules.deserialize(config)
    assert float(again(50)) == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("settings", "reported", "message"),
    [
        (
            {"plateau": "vall_loss"},
            ["loss", "accuracy", "val_loss", "val_accuracy"],
            "`--plateau` must be one of loss, accuracy, val_loss, val_accuracy (did "
            "you mean val_loss?). Received: --plateau=vall_loss. For example "
            "--plateau=loss.",
        ),
        (
            {"plateau": "val_loss", "validation_split": 0.0},
            ["loss", "accuracy"],
            "`--plateau` must be one of loss, accuracy (did you mean loss?). Received: "
            "--plateau=val_loss. For example --plateau=loss.",
        ),
        (
            {"plateau": "val_loss", "plateau_every": Duration(100, "")},
            ["loss", "val_loss"],
            "`--plateau_every` must be whole epochs for what is measured at their "
            "ends. Received: --plateau_every=100 --plateau=val_loss. Use "
            "--plateau_every=1ep or --plateau=loss.",
        ),
    ],
)
def test_quantity_that_is_not_measured_is_refused(settings, reported, message):
    with pytest.raises(ConfigError) as error:
        check_plateau(Config(**settings), reported)
    assert str(error.value) == message
