"""The callback on this backend: what it writes, and what it samples of the layers."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import numpy_loop
import pytest
from small_fits import STEPS_PER_EPOCH, batches_of, falling, make_data
from training import BACKEND, assert_same, falling_schedule, fit, make_model

from lr_plugin import read_run
from lr_plugin.keras import LearningRateLogger, MultiplyOnPlateau, schedules

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_is_written_and_read_back(tmp_path):
    model = make_model()
    model.compile(keras.optimizers.SGD(falling_schedule()), "mse", metrics=["mae"])
    logger = LearningRateLogger(tmp_path / "run1")

    history = fit(model, callbacks=[logger], validation_data=make_data())

    run = read_run(tmp_path / "run1")
    expected, _ = numpy_loop.train(
        make_model().get_weights(), batches_of(*make_data()), falling
    )
    assert_same({"step": run.steps, **run.columns}, expected)
    info = run.run_info
    assert info.schedule["class_name"] == "InverseTimeDecay"
    assert info.versions[BACKEND] and "tensorflow" not in info.versions
    assert info.notes == ()
    ends = [event for event in run.events if event.kind == "epoch_end"]
    assert [event.step for event in ends] == [12, 25]
    assert ends[1].details["val_mae"] == history.history["val_mae"][1]
    assert logger.summary.num_iterations == 2 * STEPS_PER_EPOCH
    assert logger.summary.last_loss == pytest.approx(expected["loss"][-1], rel=2e-5)


def test_a_second_fit_goes_on_and_another_model_is_another_run(tmp_path):
    model = make_model()
    model.compile("sgd", "mse")
    fit(model, epochs=1, callbacks=[LearningRateLogger(tmp_path)])
    fit(model, epochs=1, callbacks=[LearningRateLogger(tmp_path)])
    other = make_model()
    other.compile("sgd", "mse")
    fit(other, epochs=1, callbacks=[LearningRateLogger(tmp_path)])

    assert len(read_run(tmp_path).steps) == 2 * STEPS_PER_EPOCH
    assert len(read_run(tmp_path / "fit_2").steps) == STEPS_PER_EPOCH


def expected_layers(num_samples_apart=2):
    """Weights before and after every other update, by the loop in NumPy."""
    optimizer = numpy_loop.Adam()
    weights = [np.asarray(w, np.float64) for w in make_model().get_weights()]
    samples = []
    for step, (x, y) in enumerate(batches_of(*make_data())):
        before = weights
        _, gradients = numpy_loop.loss_and_gradients(weights, x, y)
        weights = optimizer.update(weights, gradients, falling(step))
        if step % num_samples_apart == 0:
            rates = [
                falling(step) / (np.sqrt(v / (1 - 0.999 ** (step + 1))) + 1e-7)
                for v in optimizer.v
            ]
            norms = [
                np.linalg.norm(a - b) for a, b in zip(weights, before, strict=True)
            ]
            samples.append((step, norms, [np.linalg.norm(w) for w in before], rates))
    return samples


STEPS_PER_CALL = {"jax": [1, 4], "torch": [1]}[BACKEND]


@pytest.mark.parametrize("steps_per_execution", STEPS_PER_CALL)
def test_layers_are_those_of_the_hand_written_loop(tmp_path, steps_per_execution):
    model = make_model()
    model.compile(
        keras.optimizers.Adam(falling_schedule()),
        "mse",
        steps_per_execution=steps_per_execution,
    )

    fit(model, callbacks=[LearningRateLogger(tmp_path)])

    layers, expected = read_run(tmp_path).layers, expected_layers()
    assert list(layers.layers) == [v.path for v in model.trainable_variables]
    assert layers.steps.tolist() == [step for step, *_ in expected]
    for i, (_, update_norms, weight_norms, rates) in enumerate(expected):
        np.testing.assert_allclose(
            layers.values["update_norm"][i], update_norms, rtol=2e-3
        )
        np.testing.assert_allclose(
            layers.values["weight_norm"][i], weight_norms, rtol=1e-3, atol=1e-6
        )
        medians = [np.quantile(r, 0.5, method="nearest") for r in rates]
        np.testing.assert_allclose(
            layers.values["effective_rate:p50"][i], medians, rtol=0.35
        )


def test_a_landscape_is_left_out_with_a_note(tmp_path):
    model = make_model()
    model.compile("sgd", "mse")

    fit(model, epochs=1, callbacks=[LearningRateLogger(tmp_path, landscape_samples=4)])

    run = read_run(tmp_path)
    assert len(run.steps) == STEPS_PER_EPOCH
    assert len(run.landscape) == 0
    assert run.run_info.notes == (
        "The loss landscape was not measured: nothing here knows how on this backend "
        "of Keras. It is measured on TensorFlow.",
    )


def test_no_loss_is_said_in_the_words_of_this_backend(tmp_path):
    if BACKEND == "torch":

        class Unseen(keras.Model):
            def train_step(self, data):
                weights = list(self.trainable_weights)
                zeros = [keras.ops.zeros_like(v.value) for v in weights]
                self.optimizer.apply(zeros, weights)
                return {}

        said = "calls `backward` of none, and asks no `torch.autograd` for its gradient"
    else:

        class Unseen(keras.Model):
            def train_step(self, state, data):
                trainable, non_trainable, variables, metrics = state
                zeros = [keras.ops.zeros_like(value) for value in trainable]
                trainable, variables = self.optimizer.stateless_apply(
                    variables, zeros, trainable
                )
                return {}, (trainable, non_trainable, variables, metrics)

        said = (
            "asks neither `jax.value_and_grad` nor `jax.grad`, by these names, for the "
            "gradient of one, and does not call `self._update_metrics_variables` either"
        )
    model = make_model(Unseen)
    model.compile("sgd", "mse")

    with pytest.warns(UserWarning, match="The loss was not recorded"):
        fit(model, callbacks=[LearningRateLogger(tmp_path)])

    run = read_run(tmp_path)
    assert len(run.steps) == 2 * STEPS_PER_EPOCH
    assert run.run_info.notes[0] == (
        f"The loss was not recorded: this model's `train_step` {said}."
    )


def test_no_update_is_said_in_the_words_of_this_backend(tmp_path):
    if BACKEND == "torch":

        class Idle(keras.Model):
            def train_step(self, data):
                return {}

        said = "does not call `apply` or `apply_gradients` of an optimizer"
    else:

        class Idle(keras.Model):
            def train_step(self, state, data):
                return {}, state

        said = "does not call `stateless_apply` of an optimizer"
    model = make_model(Idle)
    model.compile("sgd", "mse")

    with pytest.warns(UserWarning, match=said):
        fit(model, callbacks=[LearningRateLogger(tmp_path)])


def test_plateau_cuts_the_rate_and_the_cut_is_recorded(tmp_path):
    model = make_model()
    model.compile(keras.optimizers.SGD(schedules.cosine(0.1, 0.0, 1000)), "mse")
    plateau = MultiplyOnPlateau(
        "loss", factor=0.5, patience=1, min_delta=1e9, delta_mode="absolute"
    )

    fit(model, epochs=4, callbacks=[plateau, LearningRateLogger(tmp_path)])

    rates = read_run(tmp_path).columns["learning_rate"]
    epochs = np.arange(4 * STEPS_PER_EPOCH) // STEPS_PER_EPOCH
    # The first look is the best so far; each later one cuts.
    cuts = 0.5 ** np.maximum(epochs - 1, 0)
    steps = np.arange(len(rates))
    cosine = 0.05 * (1 + np.cos(np.pi * steps / 1000))
    np.testing.assert_allclose(rates, cuts * cosine, rtol=1e-6)


def test_schedules_are_their_closed_forms():
    schedule = schedules.with_warmup(schedules.cosine(0.1, 0.0, 900), 100, factor=0.01)
    model = make_model()
    model.compile(keras.optimizers.SGD(schedule), "mse")

    rates = [float(schedule(step)) for step in (0, 50, 100, 550, 1000, 2000)]

    np.testing.assert_allclose(
        rates, [0.001, 0.001 + 0.099 / 2, 0.1, 0.05, 0.0, 0.0], rtol=3e-6, atol=1e-9
    )


def test_nothing_imports_tensorflow_where_it_is_not_wanted(tmp_path):
    code = (
        "import sys\n"
        "sys.modules['tensorflow'] = None  # ImportError\n"
        "from lr_plugin.keras import LearningRateLogger, range_test, schedules\n"
        "from lr_plugin.keras import MultiplyOnPlateau, RangeTest\n"
        "import keras, numpy as np\n"
        "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "x = np.ones([32, 4], 'float32')\n"
        "range_test(model, x, x[:, :1], batch_size=8, num_steps=10, repeats=1)\n"
        "logger = LearningRateLogger(sys.argv[1])\n"
        "model.fit(x, x[:, :1], verbose=0, callbacks=[logger])\n"
        "print(logger.summary.num_iterations)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, tmp_path / "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "1\n", done.stderr
