"""What people train, on this backend: each without a logger, and once more with one.

All values must be equal then, bit by bit, the rates those of a formula, and the losses
those of which Keras itself says the mean of an epoch.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from full_model import all_values, hooks_left
from small_fits import batches_of, falling, make_data
from training import BACKEND, falling_schedule

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger

layers, optimizers = keras.layers, keras.optimizers
BATCH_SIZE, NUM_EPOCHS = 8, 2
X, Y = make_data(40)
STEPS_PER_EPOCH = 5
CLASSES = np.arange(40) % 3


@dataclasses.dataclass
class Training:
    """What is trained, and what must come of it.

    Attributes:
        data: What `fit` is given besides.
        loss: Computes the loss of the first batch by hand, of what the model predicts
            and of its weights.
        rate: That of an array of steps.
        epochs: Of how many examples each epoch's batches are.
        first: What the first batch gives the model.
        tolerance: Of that loss.
    """

    model: keras.Model
    data: dict
    loss: Callable
    rate: Callable = falling
    epochs: tuple = ((BATCH_SIZE,) * STEPS_PER_EPOCH,) * NUM_EPOCHS
    first: Any = dataclasses.field(default_factory=lambda: X[:BATCH_SIZE])
    tolerance: float = 2e-6


def sgd(rate=None, **options):
    return optimizers.SGD(rate or falling_schedule(), **options)


def dense_model(*, outputs=1, **options):
    inputs = keras.Input((6,))
    hidden = layers.Dense(4, activation="tanh", **options)(inputs)
    return keras.Model(inputs, layers.Dense(outputs)(hidden))


def squares(predicted, y=Y):
    return (predicted - y[:BATCH_SIZE]) ** 2


def cross_entropies(logits, classes=CLASSES):
    chosen = logits[np.arange(len(logits)), classes[: len(logits)]]
    return np.log(np.exp(logits).sum(1)) - chosen


def two_inputs_and_two_outputs_by_name():
    a, b = keras.Input((6,), name="a"), keras.Input((2,), name="b")
    joined = layers.Concatenate()([layers.Dense(4, activation="tanh")(a), b])
    outputs = {"p": layers.Dense(1)(joined), "q": layers.Dense(3)(joined)}
    model = keras.Model({"a": a, "b": b}, outputs)
    of_classes = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(
        sgd(), {"p": "mse", "q": of_classes}, loss_weights={"p": 1.0, "q": 0.25}
    )
    return Training(
        model,
        {"x": {"a": X, "b": X[:, :2]}, "y": {"p": Y, "q": CLASSES}},
        lambda found, _: (
            squares(found["p"]).mean() + 0.25 * cross_entropies(found["q"]).mean()
        ),
        first={"a": X[:BATCH_SIZE], "b": X[:BATCH_SIZE, :2]},
    )


def weights_of_examples():
    model = dense_model()
    model.compile(sgd(), "mse", weighted_metrics=["mae"])
    weights = np.linspace(0, 3, len(X)).astype("float32")
    return Training(
        model,
        {"x": X, "y": Y, "sample_weight": weights},
        lambda found, _: (squares(found)[:, 0] * weights[:BATCH_SIZE]).mean(),
    )


def weights_of_classes():
    model = dense_model(outputs=3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(sgd(), loss, metrics=["accuracy"])
    of_classes = {0: 0.5, 1: 1.0, 2: 4.0}
    weights = np.array([of_classes[each] for each in CLASSES[:BATCH_SIZE]])
    return Training(
        model,
        {"x": X, "y": CLASSES, "class_weight": of_classes},
        lambda found, _: (cross_entropies(found) * weights).mean(),
    )


class HalfEachTime(optimizers.schedules.LearningRateSchedule):
    """A schedule of the program's own, which no configuration describes."""

    def __call__(self, step):
        return 0.1 * 0.5 ** keras.ops.cast(step, "float32")


def a_schedule_of_their_own():
    model = dense_model()
    model.compile(sgd(HalfEachTime()), "mse")
    return Training(
        model,
        {"x": X, "y": Y},
        lambda found, _: squares(found).mean(),
        lambda steps: 0.1 * 0.5**steps,
    )


def a_rate_that_a_callback_sets():
    model = dense_model()
    model.compile(optimizers.Adam(1.0), "mse")
    each_epoch = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    return Training(
        model,
        {"x": X, "y": Y, "callbacks": [each_epoch]},
        lambda found, _: squares(found).mean(),
        lambda steps: 0.1 / (1 + steps // STEPS_PER_EPOCH),
    )


def half_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = dense_model()
        model.compile(optimizers.Adam(falling_schedule()), "mse")
    finally:
        keras.config.set_dtype_policy("float32")
    assert isinstance(model.optimizer, optimizers.LossScaleOptimizer)
    # So small that no update is skipped: with its loss scale gradients stay finite.
    return Training(
        model,
        {"x": X / 10, "y": Y / 10},
        lambda found, _: squares(np.float32(found), Y / 10).mean(),
        first=X[:BATCH_SIZE] / 10,
        tolerance=2e-3,
    )


def a_part_for_validation_and_a_later_epoch():
    model = dense_model()
    model.compile(sgd(), "mse", metrics=["mae"])
    return Training(
        model,
        # The last fifth validates.
        {"x": X, "y": Y, "validation_split": 0.2, "initial_epoch": 1, "epochs": 3},
        lambda found, _: squares(found).mean(),
        epochs=((8,) * 4,) * 2,
    )


def a_generator_whose_last_batch_is_short():
    def batches():
        while True:
            yield from batches_of(X[:36], Y[:36], epochs=1)

    model = dense_model()
    model.compile(sgd(), "mse")
    return Training(
        model,
        {"x": batches(), "steps_per_epoch": 5, "batch_size": None},
        lambda found, _: squares(found).mean(),
        epochs=((8, 8, 8, 8, 4),) * 2,
    )


class Halves(keras.utils.PyDataset):
    def __len__(self):
        return 10

    def __getitem__(self, index):
        return X[4 * index : 4 * index + 4], Y[4 * index : 4 * index + 4]


def a_data_set_of_their_own():
    data = Halves()
    if BACKEND == "torch":
        import torch

        pairs = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
        data = torch.utils.data.DataLoader(pairs, batch_size=4)
    model = dense_model()
    model.compile(sgd(), "mse")
    return Training(
        model,
        {"x": data, "batch_size": None},
        lambda found, _: (squares(found)[:4]).mean(),
        epochs=((4,) * 10,) * 2,
    )


def a_frozen_model_below_a_head():
    base = keras.Sequential(
        [keras.Input((6,)), layers.Dense(4), layers.BatchNormalization()], name="base"
    )
    base.trainable = False
    model = keras.Sequential([keras.Input((6,)), base, layers.Dense(1)])
    model.compile(sgd(), "mse")
    return Training(model, {"x": X, "y": Y}, lambda found, _: squares(found).mean())


def decay_clipping_and_averages():
    model = dense_model()
    optimizer = optimizers.AdamW(
        falling_schedule(),
        weight_decay=0.1,
        clipnorm=0.1,
        use_ema=True,
        ema_momentum=0.5,
        ema_overwrite_frequency=3,
    )
    model.compile(optimizer, "mse")
    return Training(model, {"x": X, "y": Y}, lambda found, _: squares(found).mean())


def sequences_with_a_mask():
    inputs = keras.Input((4,), dtype="int32")
    embedded = layers.Embedding(9, 3, mask_zero=True)(inputs)
    read = layers.LSTM(3, return_sequences=True)(embedded)
    model = keras.Model(inputs, layers.Dense(1)(read))
    model.compile(sgd(), "mse")
    words = np.random.default_rng(0).integers(1, 9, [40, 4])
    # Words end with 0 after the first, the second, ...
    is_word = np.arange(4) <= np.arange(40)[:, None] % 4
    target = np.repeat(Y[:, None], 4, axis=1)
    first = is_word[:BATCH_SIZE]
    return Training(
        model,
        {"x": words * is_word, "y": target},
        # Keras divides by how many there are, those that are masked left out.
        lambda found, _: (squares(found, target)[..., 0] * first).sum() / first.sum(),
        first=(words * is_word)[:BATCH_SIZE],
    )


class AddsLoss(layers.Layer):
    def call(self, values):
        self.add_loss(0.3 * keras.ops.mean(keras.ops.abs(values)))
        return values


def losses_of_layers():
    inputs = keras.Input((6,))
    hidden = layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.1))(inputs)
    model = keras.Model(inputs, AddsLoss()(layers.Dense(1)(hidden)))
    model.compile(sgd(), "mse")
    return Training(
        model,
        {"x": X, "y": Y},
        lambda found, weights: (
            squares(found).mean()
            + 0.3 * np.abs(found).mean()
            + 0.1 * np.sum(weights[0] ** 2)
        ),
    )


def an_end_before_the_last_epoch():
    model = dense_model()
    model.compile(sgd(), "mse")
    # The loss falls, and never gets larger than after the first epoch.
    stop = keras.callbacks.EarlyStopping(
        "loss", mode="max", patience=2, restore_best_weights=True
    )
    return Training(
        model,
        {"x": X, "y": Y, "callbacks": [stop], "epochs": 9},
        lambda found, _: squares(found).mean(),
        epochs=((BATCH_SIZE,) * STEPS_PER_EPOCH,) * 3,
    )


def losses_that_are_no_numbers():
    model = dense_model()
    model.compile(sgd(1e25), "mse")
    return Training(
        model,
        {"x": X, "y": Y, "callbacks": [keras.callbacks.TerminateOnNaN()]},
        lambda found, _: squares(found).mean(),
        lambda steps: np.full(len(steps), 1e25),
        epochs=((8, 8),),
    )


@pytest.mark.parametrize(
    "make",
    [
        two_inputs_and_two_outputs_by_name,
        weights_of_examples,
        weights_of_classes,
        a_schedule_of_their_own,
        a_rate_that_a_callback_sets,
        half_precision,
        a_part_for_validation_and_a_later_epoch,
        a_generator_whose_last_batch_is_short,
        a_data_set_of_their_own,
        a_frozen_model_below_a_head,
        decay_clipping_and_averages,
        sequences_with_a_mask,
        losses_of_layers,
        an_end_before_the_last_epoch,
        losses_that_are_no_numbers,
    ],
)
def test_it_trains_as_without_and_its_rows_are_true(tmp_path, make):
    trained, histories = [], []
    for is_recorded in (False, True):
        keras.utils.set_random_seed(3)
        training = make()
        model, data = training.model, dict(training.data)
        callbacks = [*data.pop("callbacks", [])]
        if is_recorded:
            callbacks.append(LearningRateLogger(tmp_path))
        usual = {"batch_size": BATCH_SIZE, "epochs": NUM_EPOCHS, "shuffle": False}
        history = model.fit(**{**usual, **data}, verbose=0, callbacks=callbacks)
        trained.append(all_values(model))
        histories.append(history.history)

    np.testing.assert_equal(trained[0], trained[1])
    np.testing.assert_equal(histories[0], histories[1])
    assert hooks_left(model) == []
    run = read_run(tmp_path)
    sizes = [size for epoch in training.epochs for size in epoch]
    assert run.steps.tolist() == list(range(len(sizes)))
    np.testing.assert_allclose(
        run["learning_rate"], training.rate(run.steps), rtol=3e-7
    )
    epochs = np.repeat(range(len(training.epochs)), [len(e) for e in training.epochs])
    means = [
        np.average(run["loss"][epochs == epoch], weights=training.epochs[epoch])
        for epoch in range(len(training.epochs))
    ]
    np.testing.assert_allclose(means, histories[1]["loss"], rtol=2e-6)

    keras.utils.set_random_seed(3)
    training = make()
    predicted = training.model.predict_on_batch(training.first)
    expected = training.loss(predicted, training.model.get_weights())
    np.testing.assert_allclose(run["loss"][0], expected, rtol=training.tolerance)


def test_a_second_fit_with_another_optimizer_is_another_run(tmp_path):
    trained = []
    for is_recorded in (False, True):
        keras.utils.set_random_seed(3)
        model = dense_model()
        for optimizer in (sgd(), optimizers.Adam(HalfEachTime(), clipvalue=0.1)):
            # Compiled once more before it trains: the last time is what counts.
            model.compile("rmsprop", "mae")
            model.compile(optimizer, "mse")
            callbacks = [LearningRateLogger(tmp_path)] if is_recorded else []
            model.fit(X, Y, BATCH_SIZE, verbose=0, callbacks=callbacks)
        trained.append(all_values(model))

    np.testing.assert_equal(trained[0], trained[1])
    first, second = read_run(tmp_path), read_run(tmp_path / "fit_2")
    steps = np.arange(STEPS_PER_EPOCH)
    for run in (first, second):
        assert run.steps.tolist() == steps.tolist()
    np.testing.assert_allclose(first["learning_rate"], falling(steps), rtol=3e-7)
    np.testing.assert_allclose(second["learning_rate"], 0.1 * 0.5**steps, rtol=3e-7)
