"""What records, tests rates and cuts them does so on two replicas as on one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import hand_written_loop
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, load_texts
from recorded_fits import assert_same, make_model
from small_fits import batches_of, falling, make_data

from lr_plugin import schema

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("two_replicas.py")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("replicas")


@pytest.fixture(scope="module")
def found(folder):
    """Runs the trainings in another process; gives what each gave, by its name."""
    program = subprocess.run(
        [sys.executable, PROGRAM, folder],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert program.returncode == 0, program.stderr
    return json.loads(program.stdout.splitlines()[-1])


def test_training_is_the_same_with_the_logger(found, folder):
    assert found["with_and_without_the_logger"] == {
        "own loss": [True, 14],
        "momentum": [True, 14],
        "loss scaling": [True, 14],
    }
    for run in folder.glob("*/run"):
        (text,) = load_texts(run, "run_info")
        info = schema.from_json(schema.RunInfo, text)
        notes = [*info.notes, *(event.text for event in load_events(run, "note"))]
        assert not [note for note in notes if "could not be recorded" in note]


def mean_of_replica_means(y, prediction):
    """Two replicas share a batch; where it is odd the first has one more."""
    half = (len(y) + 1) // 2
    error = hand_written_loop.squared_error
    return (error(y[:half], prediction[:half]) + error(y[half:], prediction[half:])) / 2


# Keras itself fails with steps_per_execution above 1 under this strategy.
@pytest.mark.parametrize("where", ["out_of_scope", "in_scope"])
def test_the_global_batch_is_recorded(where, found):
    columns = found["recorded_rows"][where]
    rows = {name: np.array(values) for name, values in columns.items()}

    expected = hand_written_loop.train(
        make_model(), batches_of(*make_data()), falling, loss=mean_of_replica_means
    )
    assert_same(rows, expected)
    model, (x, y) = make_model(), next(batches_of(*make_data()))
    with tf.GradientTape() as tape:
        loss = mean_of_replica_means(y, model(x))
    gradients = tape.gradient(loss, [v.value for v in model.trainable_variables])
    norm = np.sqrt(sum(np.sum(np.square(g)) for g in gradients))
    assert rows["gradient_norm"][0] == pytest.approx(norm, rel=1e-5)


def test_replicas_share_the_range_test(found):
    of_test = found["tested_range"]

    # Each update lowers the weight, and so the next loss, by its rate.
    expected = [0.01 * 10 ** (i / 6) for i in range(12)]
    for losses in of_test["losses"]:
        np.testing.assert_allclose(-np.diff(losses), expected, rtol=1e-4)
    assert all(of_test["is untouched"])
    assert not of_test["optimizer was built"]
    assert of_test["iterations of a fit"] == 10


def test_replicas_share_the_multiplier_of_a_plateau(found):
    multipliers = np.repeat([1.0, 1.0, 0.5, 0.25], 10)
    cosine = 0.1 * (1 + np.cos(np.pi * np.arange(40) / 40)) / 2

    np.testing.assert_allclose(
        found["sums_with_plateaus"],
        [np.sum(0.1 * multipliers), np.sum(cosine * multipliers)],
        rtol=1e-5,
    )
