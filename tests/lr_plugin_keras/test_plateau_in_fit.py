"""The callback in whole trainings, of which every rate can be computed by hand."""

import functools
import json
import os
import pathlib
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, read_columns
from plateau_slope import Report, SumsOfRates, fit_slope, make_slope, sum_of_rates

from lr_plugin.keras import LearningRateLogger, MultiplyOnPlateau

pytestmark = pytest.mark.slow

ROOT = pathlib.Path(__file__).resolve().parents[2]

COSINE = keras.optimizers.schedules.CosineDecay
# Of four epochs: the second and the third are no improvement, the fourth is one.
VALUES = [1.0, 1.0, 1.0, 0.5]
MULTIPLIERS = [1.0, 1.0, 0.5, 0.25]


def plateau(**settings):
    return MultiplyOnPlateau(
        "score", **{"factor": 0.5, "patience": 1, "mode": "min", **settings}
    )


def cosine_at(step):
    return 0.1 * (1 + np.cos(np.pi * step / 40)) / 2


def expected_rates(rate_at, num_steps=10):
    return [
        MULTIPLIERS[step // num_steps] * rate_at(step) for step in range(4 * num_steps)
    ]


MODES = {
    "plain": {},
    "jit": {"jit_compile": True},
    "eager": {"run_eagerly": True},
    "several steps": {"steps_per_execution": 4},
    "several steps in xla": {"steps_per_execution": 4, "jit_compile": True},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kind", ["number", "cosine"])
def test_every_update_has_multiplier_times_schedule(mode, kind):
    rate, rate_at = (
        (0.1, lambda step: 0.1) if kind == "number" else (COSINE(0.1, 40), cosine_at)
    )
    model = make_slope(keras.optimizers.SGD(rate), **MODES[mode])
    sums = SumsOfRates()
    fit_slope(model, [1] * 10, Report(VALUES), plateau(), sums, epochs=4)
    expected = np.cumsum(expected_rates(rate_at))[9::10]
    np.testing.assert_allclose(sums.sums, expected, rtol=1e-5)


def test_loss_scaling_and_accumulation_are_multiplied():
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(COSINE(0.1, 40)), initial_scale=4.0
    )
    model = make_slope(optimizer)
    fit_slope(model, [1] * 10, Report(VALUES), plateau(), epochs=4)
    assert sum_of_rates(model) == pytest.approx(sum(expected_rates(cosine_at)))

    optimizer = keras.optimizers.SGD(COSINE(0.1, 40), gradient_accumulation_steps=2)
    model = make_slope(optimizer)
    fit_slope(model, [1] * 10, Report(VALUES), plateau(), epochs=4)
    # Every second batch is an update, with the rate of its position.
    expected = sum(expected_rates(cosine_at)[1::2])
    assert sum_of_rates(model) == pytest.approx(expected)


def test_step_that_was_traced_before_is_made_anew():
    model = make_slope(keras.optimizers.SGD(COSINE(0.1, 40)))
    fit_slope(model, [1] * 10, epochs=1)
    fit_slope(model, [1] * 10, Report([1, *VALUES[1:]]), plateau(), epochs=3)
    # One epoch alone; then two more, with the first cut at 30 steps.
    multipliers = [1, 1, 1, 0.5]
    expected = sum(multipliers[i // 10] * cosine_at(i) for i in range(40))
    assert sum_of_rates(model) == pytest.approx(expected)


def test_further_training_goes_on_at_the_reduced_rate_with_the_same_schedule():
    model = make_slope(keras.optimizers.SGD(COSINE(0.1, 40)))
    first = plateau()
    fit_slope(model, [1] * 10, Report(VALUES), first, epochs=2)
    multiplied, step = model.optimizer._learning_rate, model.train_function
    fit_slope(model, [1] * 10, epochs=1)
    second = plateau()
    fit_slope(model, [1] * 10, Report(VALUES), second, epochs=1)
    assert model.optimizer._learning_rate is multiplied
    assert model.train_function is step
    multipliers = [1, 1, 0.5, 0.5]
    expected = sum(multipliers[i // 10] * cosine_at(i) for i in range(40))
    assert sum_of_rates(model) == pytest.approx(expected)
    assert second.state["multiplier"] == 0.5


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("was_trained", [True, False])
def test_every_rate_and_every_cut_is_in_the_record(tmp_path, is_first, was_trained):
    logger = LearningRateLogger(tmp_path)
    model = make_slope(keras.optimizers.SGD(COSINE(0.1, 40)))
    if was_trained:
        fit_slope(model, [1], epochs=1)
        model.optimizer.iterations.assign(0)
    callback = plateau(on_cut=functools.partial(logger.add_event, "plateau"))
    pair = [callback, logger] if is_first else [logger, callback]
    fit_slope(model, [1] * 10, Report(VALUES), *pair, epochs=4)

    rows = read_columns(tmp_path)
    np.testing.assert_array_equal(rows["step"], np.arange(40))
    np.testing.assert_allclose(
        rows["learning_rate"], expected_rates(cosine_at), rtol=1e-5, atol=1e-8
    )
    events = load_events(tmp_path, "plateau")
    assert [event.step for event in events] == [19, 29]
    assert events[0].details["multiplier"] == 0.5


# Looks in batches.


def as_generator(losses):
    """Yields the same batches; Keras does not know how many there are."""

    def batches():
        for loss in losses:
            yield np.ones((1, 1), np.float32), np.array([[loss]], np.float32)

    signature = (tf.TensorSpec((1, 1)), tf.TensorSpec((1, 1)))
    return tf.data.Dataset.from_generator(batches, output_signature=signature)


# Looks after 4, 8, 12, ... batches of epochs of 6. The means are 1; (1+1+0+0)/4 = 0.5,
# across the epochs; 1; 1; 0.5, across them; 1: a cut after 12, 16, 20 and 24.
LOSSES = [1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1]


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("validated", [True, False])
def test_looks_in_batches_see_the_mean_since_the_last_also_across_epochs(
    known, validated
):
    cuts = []
    model = make_slope(keras.optimizers.SGD(0.1))
    callback = MultiplyOnPlateau(
        "loss",
        factor=0.5,
        patience=1,
        every_batches=4,
        on_cut=lambda text, value, **numbers: cuts.append(
            (int(model.optimizer.iterations), value)
        ),
    )
    batches = [[1, 1, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1]]
    ones = np.ones((3, 1), np.float32)
    arguments = {"verbose": 0, "shuffle": False, "callbacks": [callback]}
    if validated:
        arguments["validation_data"] = (ones, 100 * ones)
    for losses in batches:
        if known:
            y = np.array(losses, np.float32)[:, np.newaxis]
            model.fit(np.ones_like(y), y, batch_size=1, **arguments)
        else:
            iterations = model.optimizer.iterations
            before = int(iterations)
            model.fit(as_generator(losses), **arguments)
            # Keras counts the end of such data as one more.
            iterations.assign(before + len(losses))
    assert cuts == [(12, 1.0)]


@pytest.mark.parametrize("steps_per_execution", [1, 4])
def test_looks_in_batches_cut_inside_an_epoch(steps_per_execution):
    model = make_slope(
        keras.optimizers.SGD(COSINE(0.1, 40)), steps_per_execution=steps_per_execution
    )
    callback = MultiplyOnPlateau("loss", factor=0.5, patience=1, every_batches=8)
    fit_slope(model, [1] * 20, callback, epochs=2)
    # Looks after 8, 16, 24, 32 and 40: all but the first cut.
    expected = sum(0.5 ** max(0, i // 8 - 1) * cosine_at(i) for i in range(40))
    assert sum_of_rates(model) == pytest.approx(expected)


# Going on after an interruption.


class Stop(Exception):  # noqa: N818
    pass


@pytest.mark.parametrize("rate", [0.1, "cosine"])
@pytest.mark.parametrize("every_batches", [None, 7])
def test_training_that_was_interrupted_goes_on_as_if_it_had_not_been(
    tmp_path, monkeypatch, rate, every_batches
):
    monkeypatch.chdir(tmp_path)
    values = [1.0, 1.0, 0.9, 1.0, 1.0, 1.0, 1.0, 0.5]
    losses = np.random.default_rng(1).uniform(size=10)

    def train(*, until=None):
        optimizer = keras.optimizers.SGD(COSINE(0.1, 80) if rate == "cosine" else rate)
        model = make_slope(optimizer)
        settings = {"factor": 0.3, "patience": 2, "cooldown": 1}
        callback = (
            MultiplyOnPlateau("score", mode="min", **settings)
            if every_batches is None
            else MultiplyOnPlateau("loss", every_batches=every_batches, **settings)
        )
        # As the callback's docstring has it.
        path = pathlib.Path("plateau.json")
        if path.exists():
            callback.state = json.loads(path.read_text())
        keep = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda _, logs: path.write_text(json.dumps(callback.state)),
            on_train_end=lambda logs: path.unlink(missing_ok=True),
        )
        backup = keras.callbacks.BackupAndRestore("backup")
        sums = SumsOfRates()

        def stop(epoch, logs):
            if epoch == until:
                raise Stop

        stopper = keras.callbacks.LambdaCallback(on_epoch_begin=stop)
        every = [Report(values), callback, backup, keep, sums, stopper]
        try:
            fit_slope(model, losses, *every, epochs=8)
        except Stop:
            assert path.exists()
        else:
            assert not path.exists()
        return sums.sums, callback.state

    whole, state = train()
    assert state["num_waited"] + state["num_cooldown"] or state["best"] == 0.5
    # Each goes on where the one before was stopped.
    parts = []
    for until in (2, 4, 5, None):
        sums, end = train(until=until)
        parts += sums
    assert parts == whole
    assert end == state


# In other processes.


def run_program(program, **environment):
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'lr_plugin_keras'}",
        }
        | environment,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()[-1]


def test_on_jax_the_step_follows_the_multiplier():
    pytest.importorskip("jax")
    program = """
        import json, sys
        import keras
        from lr_plugin.keras.plateau.multiply_on_plateau import MultiplyOnPlateau
        from plateau_slope import Report, fit_slope, make_slope, sum_of_rates
        assert keras.backend.backend() == "jax"
        sums = []
        cosine = keras.optimizers.schedules.CosineDecay(0.1, 40)
        for rate, plateau in (
            (0.1, MultiplyOnPlateau("loss", factor=0.5, patience=1, every_batches=10)),
            (cosine, MultiplyOnPlateau("score", factor=0.5, patience=1, mode="min")),
        ):
            model = make_slope(keras.optimizers.SGD(rate))
            fit_slope(model, [1] * 10, Report([1, 1, 1, 0.5]), plateau, epochs=4)
            sums.append(-float(model.trainable_weights[0].value[0][0]))
        print(json.dumps(sums))
    """
    sums = json.loads(run_program(program, KERAS_BACKEND="jax"))
    expected = [sum(expected_rates(lambda step: 0.1)), sum(expected_rates(cosine_at))]
    np.testing.assert_allclose(sums, expected, rtol=1e-5)
