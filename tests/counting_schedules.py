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
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse", **arguments)
    x, y = (array[:32] for array in make_data())
    recorder = Recorder(model, on_rows=on_rows or Rows())
    if on_rows is not None:
        recorder.attach()
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    recorder.detach()
    return model.get_weights()


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
