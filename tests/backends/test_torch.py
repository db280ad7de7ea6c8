"""What only Keras on PyTorch has: loops by hand, `backward`, compiled steps."""

import keras
import numpy as np
import numpy_loop
import pytest
import torch
from small_fits import STEPS_PER_EPOCH, Rows, batches_of, falling, make_data
from torch.utils._python_dispatch import TorchDispatchMode
from training import (
    assert_same,
    expected_rows,
    falling_schedule,
    fit,
    make_model,
    record_fit,
)

from lr_plugin.keras import Recorder
from lr_plugin.keras.capture.outside_rows import NOTE_OF_COMPILED
from lr_plugin.keras.capture.torch import row_block


class BackwardStep(keras.Model):
    """The step of the guide "Customizing what happens in fit() with PyTorch"."""

    def train_step(self, data):
        x, y = data[:2]
        self.zero_grad()
        loss = torch.mean((self(x, training=True) - torch.as_tensor(y)) ** 2)
        loss.backward()
        weights = list(self.trainable_weights)
        with torch.no_grad():
            self.optimizer.apply([v.value.grad for v in weights], weights)
        return {"my_loss": loss}


def test_custom_step_that_calls_backward():
    model = make_model(BackwardStep)
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    assert_same(record_fit(model), expected_rows())


@pytest.mark.parametrize("takes", ["backward", "grad"])
def test_loop_by_hand(takes):
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()))
    weights, rows = list(model.trainable_weights), Rows()

    with Recorder(model, on_rows=rows):
        for x, y in batches_of(*make_data()):
            loss = torch.mean((model(x, training=True) - torch.as_tensor(y)) ** 2)
            if takes == "grad":
                gradients = torch.autograd.grad(loss, [v.value for v in weights])
            else:
                model.zero_grad()
                loss.backward()
                gradients = [v.value.grad for v in weights]
            with torch.no_grad():
                model.optimizer.apply(list(gradients), weights)

    assert_same(rows.columns(), expected_rows())


def test_what_takes_gradients_is_what_it_was_afterwards():
    before = torch.autograd.backward, torch.autograd.grad
    model = make_model()
    model.compile("sgd", "mse")

    record_fit(model)

    assert (torch.autograd.backward, torch.autograd.grad) == before


def test_two_optimizers_have_a_rate_each():
    class Adversaries(keras.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.d_optimizer = keras.optimizers.SGD(0.5)

        def train_step(self, data):
            x, y = data[:2]
            weights = list(self.trainable_weights)
            for optimizer, some in (
                (self.optimizer, weights[:2]),
                (self.d_optimizer, weights[2:]),
            ):
                self.zero_grad()
                torch.mean((self(x) - torch.as_tensor(y)) ** 2).backward()
                with torch.no_grad():
                    optimizer.apply([v.value.grad for v in some], some)
            return {}

    model = make_model(Adversaries)
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse")

    rows = record_fit(model, epochs=1)

    steps = np.arange(STEPS_PER_EPOCH)
    np.testing.assert_allclose(rows["learning_rate"], falling(steps), rtol=3e-7)
    assert rows["learning_rate:d_optimizer"].tolist() == [0.5] * STEPS_PER_EPOCH
    assert rows["updates:d_optimizer"].tolist() == [1] * STEPS_PER_EPOCH


def test_the_mean_of_a_loss_that_is_not_one_number():
    class PerExample(BackwardStep):
        def train_step(self, data):
            x, y = data[:2]
            self.zero_grad()
            losses = (self(x, training=True) - torch.as_tensor(y)) ** 2
            losses.backward(torch.ones_like(losses))
            weights = list(self.trainable_weights)
            with torch.no_grad():
                self.optimizer.apply([v.value.grad for v in weights], weights)
            return {}

    model = make_model(PerExample)
    model.compile(keras.optimizers.SGD(0.0), "mse")
    rows = Rows()
    with Recorder(model, on_rows=rows) as recorder:
        fit(model)

    expected, _ = numpy_loop.train(
        make_model().get_weights(), batches_of(*make_data()), lambda step: 0.0
    )
    np.testing.assert_allclose(rows.columns()["loss"], expected["loss"], rtol=2e-5)
    assert "the recorded loss is its mean" in " ".join(recorder.notes)


def test_a_compiled_step_is_left_as_it_is_and_its_rates_are_recorded(monkeypatch):
    # To compile takes minutes. What is compiled must hold nothing of the recording.
    compiled = []

    def compile_nothing(function):
        def call(data):
            compiled.append(sorted(vars(model).keys() & {"train_step", "compute_loss"}))
            return function(data)

        return call

    monkeypatch.setattr(torch, "compile", compile_nothing)
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse", jit_compile=True)
    rows = Rows()

    with Recorder(model, on_rows=rows) as recorder:
        fit(model)

    assert compiled == [[]] * 2 * STEPS_PER_EPOCH
    assert recorder.notes == [NOTE_OF_COMPILED]
    columns = rows.columns()
    steps = np.arange(2 * STEPS_PER_EPOCH)
    assert columns["step"].tolist() == steps.tolist()
    np.testing.assert_allclose(columns["learning_rate"], falling(steps), rtol=3e-7)
    assert "loss" not in columns
    assert type(model.train_function) is type(compile_nothing)


class CountingOperations(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += 1
        return func(*args, **(kwargs or {}))


def test_a_step_takes_seven_operations_more():
    counts = {}
    for is_recorded in (False, True):
        for epochs in (1, 2):
            model = make_model()
            model.compile(keras.optimizers.Adam(falling_schedule()), "mse")
            with CountingOperations() as operations:
                if is_recorded:
                    recorder = Recorder(model, on_rows=Rows())
                    recorder.attach()
                fit(model, epochs)
            counts[is_recorded, epochs] = operations.count

    # Copies of the step, the rate and the detached loss, and the number of each; the
    # others are of a fetch.
    added = [counts[True, epochs] - counts[False, epochs] for epochs in (1, 2)]
    assert added[1] - added[0] == 7 * STEPS_PER_EPOCH


@pytest.mark.parametrize("is_numpy", [True, False])
@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_rows_of_several_blocks_are_those_of_one(monkeypatch, optimizer, is_numpy):
    found = []
    for num_rows in (256, 5):
        monkeypatch.setattr(row_block, "_NUM_ROWS", num_rows)
        if not is_numpy and num_rows == 5:
            # As on a device whose memory NumPy does not see.
            monkeypatch.setattr(row_block, "_room", lambda column: column)
        model = make_model()
        make_optimizer = getattr(keras.optimizers, optimizer)
        rate = falling_schedule()
        model.compile(make_optimizer(rate, gradient_accumulation_steps=4), "mse")
        found.append(record_fit(model))

    assert found[0]["applied"].tolist() == ([0, 0, 0, 1] * 7)[: 2 * STEPS_PER_EPOCH]
    for name, values in found[0].items():
        np.testing.assert_array_equal(found[1][name], values, err_msg=name)


_schedules = keras.optimizers.schedules


@pytest.mark.parametrize(
    "schedule",
    [
        _schedules.CosineDecay(0.1, 50),
        _schedules.CosineDecay(0.1, 50, warmup_target=0.2, warmup_steps=5),
        _schedules.CosineDecayRestarts(0.1, 5),
        _schedules.ExponentialDecay(0.1, 10, 0.9, staircase=True),
        _schedules.PolynomialDecay(0.1, 50, power=2.0, cycle=True),
        _schedules.PiecewiseConstantDecay([5, 20], [0.1, 0.05, 0.01]),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
@pytest.mark.parametrize("optimizer", ["SGD", "Adam", "Adafactor"])
def test_rates_of_micro_batches_are_those_of_the_schedule(schedule, optimizer):
    class ChangeSchedule(keras.callbacks.Callback):
        """Gives the schedule another first rate after seven steps."""

        def on_train_batch_end(self, batch, logs=None):
            if batch == 6 and hasattr(schedule, "initial_learning_rate"):
                schedule.initial_learning_rate *= 2

    def rates(steps):
        return [float(schedule(keras.ops.convert_to_tensor(step))) for step in steps]

    steps = list(range(STEPS_PER_EPOCH))
    before = rates(steps[:7])
    make_optimizer = getattr(keras.optimizers, optimizer)
    model, rows = make_model(), Rows()
    model.compile(make_optimizer(schedule, gradient_accumulation_steps=4), "mse")
    with Recorder(model, on_rows=rows):
        fit(model, epochs=1, callbacks=[ChangeSchedule()])
    expected = np.array(before + rates(steps[7:]))
    if optimizer == "Adafactor":
        expected = np.minimum(expected, 1 / np.sqrt(1 + np.array(steps) // 4))

    np.testing.assert_allclose(rows.columns()["learning_rate"], expected, rtol=2e-7)


def test_the_step_size_follows_a_beta_that_is_set_in_between():
    class SetBeta(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.optimizer.beta_1 = 0.8 if batch >= 5 else 0.9

    model, rows = make_model(), Rows()
    model.compile(keras.optimizers.Adam(0.01), "mse")
    with Recorder(model, on_rows=rows):
        fit(model, epochs=1, callbacks=[SetBeta()])

    t = 1 + np.arange(STEPS_PER_EPOCH)
    beta_1 = np.where(t <= 6, 0.9, 0.8)
    expected = 0.01 * np.sqrt(1 - 0.999**t) / (1 - beta_1**t)
    np.testing.assert_allclose(rows.columns()["step_size"], expected, rtol=5e-5)


def test_the_note_of_a_compiled_step_says_what_to_do():
    assert NOTE_OF_COMPILED == (
        "Only the rates were recorded, each evaluated before its step, and no loss: "
        "the training step is compiled by torch.compile, which lets nothing be noted "
        "inside. To record all, call `model.compile` with jit_compile=False, as is "
        "the default."
    )
