"""A training with a logger on this backend is the training without it, bit by bit."""

import keras
import numpy as np
import pytest
from full_model import OPTIMIZERS, Stop, all_values, hooks_left, make_full_model
from small_fits import STEPS_PER_EPOCH, Rows, batches_of, make_data
from training import BACKEND, fit, make_model

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger, Recorder

JITTED = {"jit_compile": True}
FEW = {"adam": OPTIMIZERS["adam"]}
EAGER = [({"run_eagerly": True}, name) for name in FEW]
MODES = {
    "jax": [
        *[(JITTED, name) for name in OPTIMIZERS],
        ({"steps_per_execution": 4}, "adam"),
        *EAGER,
    ],
    "torch": [({}, name) for name in OPTIMIZERS],
}[BACKEND]


@pytest.mark.parametrize(("arguments", "optimizer"), MODES)
def test_all_values_are_equal_bit_by_bit(tmp_path, arguments, optimizer):
    # Batches of one size, and few operation by operation: to compile takes longest.
    num_steps = 3 if "run_eagerly" in arguments else 24
    x, y = (array[: min(96, 8 * num_steps)] for array in make_data())
    is_validated = optimizer == "adam" and arguments in ({}, JITTED)
    trained, histories = [], []
    for callbacks in ([], [LearningRateLogger(tmp_path, gradient_norm=True)]):
        model = make_full_model(optimizer=OPTIMIZERS[optimizer](), **arguments)
        history = model.fit(
            x,
            y,
            batch_size=8,
            epochs=-(-num_steps // 12),
            verbose=0,
            callbacks=callbacks,
            validation_data=(x, y) if is_validated else None,
        )
        trained.append(all_values(model))
        histories.append(history.history)

    np.testing.assert_equal(trained[0], trained[1])
    assert histories[0] == histories[1]
    assert len(read_run(tmp_path).steps) == num_steps


@pytest.mark.parametrize("error", [RuntimeError("stopped"), KeyboardInterrupt()])
def test_a_training_that_a_callback_ends_leaves_nothing_and_keeps_its_rows(error):
    model = make_model()
    model.compile("sgd", "mse")
    rows = Rows()
    recorder = Recorder(model, on_rows=rows)

    class Attach(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            recorder.attach()

    with pytest.raises(type(error)):
        fit(model, callbacks=[Attach(), Stop(error)])
    recorder.drain()

    assert not recorder.is_attached or recorder.lifetime.is_over()
    recorder.detach()
    assert hooks_left(model) == []
    assert rows.columns()["step"].tolist() == list(range(6))


def test_a_logger_whose_training_fails_lets_go_of_the_model(tmp_path):
    model = make_model()
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError):
        fit(model, callbacks=[LearningRateLogger(tmp_path), Stop(RuntimeError())])

    fit(model, epochs=1)  # the next training finds what is over

    assert hooks_left(model) == []


def test_an_exception_in_the_step_ends_the_recording():
    class Failing(keras.Model):
        def compute_loss(self, *args, **kwargs):
            if self.fails:
                raise RuntimeError("in the step")
            return super().compute_loss(*args, **kwargs)

    Failing.fails = False
    model = make_model(Failing)
    model.compile("sgd", "mse", run_eagerly=True)
    rows, seen = Rows(), []
    with pytest.raises(RuntimeError), Recorder(model, on_rows=rows) as recorder:
        for x, y in batches_of(*make_data()):
            model.train_on_batch(x, y)
            Failing.fails = len(seen) == 3
            seen.append(x)

    assert not recorder.is_attached
    assert hooks_left(model) == []
    assert rows.columns()["step"].tolist() == [0, 1, 2, 3]


def test_a_failing_recorder_does_not_stop_the_training(tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("broken on purpose")

    from lr_plugin.keras.capture.host import update_reading

    monkeypatch.setattr(update_reading.HostUpdateReading, "end", fail)
    trained = []
    for callbacks in ([], [LearningRateLogger(tmp_path)]):
        model = make_model()
        model.compile("sgd", "mse")
        if callbacks:
            with pytest.warns(UserWarning, match="An update could not be recorded"):
                fit(model, callbacks=callbacks)
        else:
            fit(model)
        trained.append(all_values(model))

    np.testing.assert_equal(trained[0], trained[1])


def test_a_copy_of_a_model_that_is_recorded_is_not_recorded():
    model = make_model()
    model.compile("sgd", "mse")
    rows = Rows()
    with Recorder(model, on_rows=rows):
        fit(model, epochs=1)
        copied = keras.models.clone_model(model)
        copied.compile("sgd", "mse")
        fit(copied, epochs=1)

    assert len(rows.columns()["step"]) == STEPS_PER_EPOCH
