"""Schedules of a program's own that notice each call, and trainings with them."""

import keras
import numpy as np
from keras import ops
from small_fits import Rows, make_data

from lr_plugin.keras import Recorder

_Schedule = keras.optimizers.schedules.LearningRateSchedule


class InAttribute(_Schedule):
    """Gives 0.1, 0.05, 0.033..., whatever the step is."""

    def __init__(self):
        self.num_calls = 0

    def __call__(self, step):
        self.num_calls += 1
        return self._rate()

    def _rate(self):
        return ops.convert_to_tensor(0.1 / self.num_calls, "float32")


class InList(InAttribute):
    """Notes the calls in what it holds."""

    def __init__(self):
        self.calls = {"all": []}

    @property
    def num_calls(self):
        return len(self.calls["all"])

    def __call__(self, step):
        self.calls["all"].append(1)
        return self._rate()


class Around(_Schedule):
    """Asks another schedule."""

    def __init__(self):
        self.schedule = InAttribute()

    @property
    def num_calls(self):
        return self.schedule.num_calls

    def __call__(self, step):
        return self.schedule(step) / 2


SCHEDULES = {"attribute": InAttribute, "list": InList, "nested": Around}


def changed_schedules():
    """Schedules by name, each with what changes it."""
    schedules = keras.optimizers.schedules
    falling = schedules.ExponentialDecay(0.1, 10, 0.5)
    stepwise = schedules.PiecewiseConstantDecay([5, 20], [0.1, 0.05, 0.01])
    return {
        "a number": (falling, lambda: setattr(falling, "initial_learning_rate", 0.001)),
        "a list": (stepwise, lambda: setattr(stepwise, "values", [0.01, 0.005, 0.001])),
    }


OPTIMIZERS = {
    "plain": keras.optimizers.SGD,
    "accumulation": lambda rate: keras.optimizers.SGD(
        rate, gradient_accumulation_steps=4
    ),
    "loss scaling": lambda rate: keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(rate), initial_scale=2.0**10
    ),
}


def train(optimizer, *, on_rows=None, **arguments):
    """Trains for eight steps, recorded or not, and returns the weights."""
    model = _make_model()
    model.compile(optimizer, "mse", **arguments)
    recorder = Recorder(model, on_rows=on_rows or Rows())
    if on_rows is not None:
        recorder.attach()
    _fit(model, 32)
    recorder.detach()
    return model.get_weights()


def _make_model():
    keras.utils.set_random_seed(3)
    return keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])


def _fit(model, num_samples):
    x, y = (array[:num_samples] for array in make_data())
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)


def check_schedule(make_schedule, make_optimizer, **arguments):
    """Checks that a schedule is asked as often as without recording, and its rates."""
    alone, recorded, rows = make_schedule(), make_schedule(), Rows()
    expected = train(make_optimizer(alone), **arguments)
    weights = train(make_optimizer(recorded), on_rows=rows, **arguments)

    assert recorded.num_calls == alone.num_calls
    np.testing.assert_equal(weights, expected)
    columns = rows.columns()
    assert len(columns["step"]) == 8
    # Trained once more, with the rates that were recorded by their steps.
    rates = columns["learning_rate"].astype(np.float32)
    again = train(make_optimizer(_ByStep(rates)), **arguments)
    for found, wanted in zip(again, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def check_second_fit(make_schedule, make_optimizer, **arguments):
    """Checks the same where the step was made in a fit before, without recording."""
    trained, counts = [], []
    for is_recorded in (False, True):
        schedule, model = make_schedule(), _make_model()
        model.compile(make_optimizer(schedule), "mse", **arguments)
        _fit(model, 32)
        recorder = Recorder(model, on_rows=Rows())
        if is_recorded:
            recorder.attach()
        _fit(model, 32)
        # Batches of another size: the step is traced anew.
        _fit(model, 30)
        recorder.detach()
        trained.append(model.get_weights())
        counts.append(schedule.num_calls)

    assert counts[0] == counts[1]
    np.testing.assert_equal(trained[1], trained[0])


def check_changed_schedule(schedule, change, make_optimizer):
    """Checks what is recorded of a schedule that is not what the step was made with."""
    model = _make_model()
    model.compile(make_optimizer(schedule), "mse")
    _fit(model, 32)
    change()
    rows = Rows()
    with Recorder(model, on_rows=rows) as recorder:
        _fit(model, 32)

    assert recorder.notes == [
        "Neither rates nor losses were recorded, only how many iterations there were. "
        "The training step was made in an earlier fit without this callback, and "
        "something that it takes from Python has changed since, perhaps its schedule: "
        "so the earlier one went on, with the rates that it was made with. To record "
        "all, call `model.compile` before this fit, or give this callback to the first "
        "fit as well."
    ]
    columns = rows.columns()
    assert columns["step"].tolist() == list(range(8, 16))
    assert np.isnan(columns["learning_rate"]).all()


class _ByStep(_Schedule):
    def __init__(self, rates):
        self.rates = rates

    def __call__(self, step):
        return ops.take(ops.convert_to_tensor(self.rates), step)


def check_function(make_optimizer, **arguments):
    """Checks that a function that gives the rate is asked as often as without."""
    counts, trained, rows = [], [], Rows()
    for on_rows in (None, rows):
        calls = []

        def rate(calls=calls):
            calls.append(1)
            return ops.convert_to_tensor(0.1 / len(calls), "float32")

        trained.append(train(make_optimizer(rate), on_rows=on_rows, **arguments))
        counts.append(len(calls))

    assert counts[0] == counts[1]
    np.testing.assert_equal(trained[1], trained[0])
    assert sum(len(part["step"]) for part in rows.parts) == 8
