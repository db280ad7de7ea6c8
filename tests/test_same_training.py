"""A training with the logger is the training without it, bit by bit."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, load_texts
from training_cases import CASES, Counting, Trainer

from lr_plugin import schema
from lr_plugin.keras import LearningRateLogger
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers

pytestmark = pytest.mark.slow


def trained(train, folder, make_logger):
    """Trains and returns all that may differ, by name."""
    keras.utils.set_random_seed(0)
    Counting.num_calls = 0
    folder.mkdir()
    trainer = Trainer(folder, make_logger)
    with warnings.catch_warnings():
        # Keras has things to say about some of these trainings, and so may we.
        warnings.simplefilter("ignore")
        model = train(trainer)
    optimizers = find_optimizers(model)
    values = {f"variable {i}": v for i, v in enumerate(model.variables)}
    for name, optimizer in optimizers.items():
        for i, variable in enumerate(optimizer.variables):
            values[f"{name} {i}"] = variable
    result = {name: variable.numpy().tobytes() for name, variable in values.items()}
    result["history"] = repr(trainer.histories)
    result["calls of Python"] = Counting.num_calls
    result["seen"] = getattr(model, "seen", None)
    result["attributes"] = attributes(model)
    for name, optimizer in optimizers.items():
        result[f"attributes of {name}"] = attributes(optimizer)
    result["random numbers"] = np.random.random(), tf.random.uniform([]).numpy()
    result["tape"] = tf.GradientTape.gradient
    return result


def attributes(owner):
    """The attributes, and the values of those that are plain."""
    return {
        name: value
        if isinstance(value, bool | int | float | str)
        else type(value).__name__
        for name, value in vars(owner).items()
        # Names count the objects of this process.
        if name not in ("name", "_name", "_path")
    }


@pytest.mark.parametrize("name", CASES)
def test_training_is_the_same_with_the_logger(name, tmp_path):
    plain = trained(CASES[name], tmp_path / "plain", None)
    recorded = trained(CASES[name], tmp_path / "recorded", LearningRateLogger)

    if name.startswith("plain_"):
        # A step that was traced before without the logger is traced once more.
        num_calls = recorded["calls of Python"] - plain.pop("calls of Python")
        assert num_calls in (0, 1)
        del recorded["calls of Python"]
    assert set(plain) == set(recorded)
    different = {key for key in plain if plain[key] != recorded[key]}
    assert different == set(), {
        key: (plain[key], recorded[key])
        for key in different
        if not isinstance(plain[key], bytes)
    }
    assert failures(tmp_path / "recorded") == []


def failures(folder):
    """What the runs in a folder say that could not be recorded."""
    found = []
    for path in folder.rglob(schema.SUBDIRECTORY):
        for text in load_texts(path.parent, "run_info"):
            found += schema.from_json(schema.RunInfo, text).notes
        found += [event.text for event in load_events(path.parent, "note")]
    return [note for note in found if "could not be recorded" in note]
