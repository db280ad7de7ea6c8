"""A training with the logger is the training without it, bit by bit."""

import functools
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from event_files import load_events, load_texts
from training_cases import CASES, Counting, Trainer

from lr_plugin import read_run, schema
from lr_plugin.keras import LearningRateLogger
from lr_plugin.keras.capture.optimizers.find_optimizers import find_optimizers

pytestmark = pytest.mark.slow

# Trained with graphs that TensorFlow optimizes, as users have them; the others as they
# are traced, like those of other tests.
WITH_LANDSCAPE = (
    "data_of_unknown_length_several_steps_a_call",
    "fixed_loss_scale",
    "generator",
    "lora",
    "loss_that_becomes_nan",
    "mixed_bfloat16_with_xla_and_dropout",
    "moving_average",
    "own_train_step",
    "plain_fit_then_one_with_the_logger",
    "random_layers",
    "several_steps_a_call_with_accumulation",
    "xla_several_steps_a_call",
)


def trained(name, folder, make_logger):
    """Trains a case and returns all that may differ, by name."""
    set_options = tf.config.optimizer.set_experimental_options
    set_options({"disable_meta_optimizer": name not in WITH_LANDSCAPE})
    keras.utils.set_random_seed(0)
    Counting.num_calls = 0
    folder.mkdir()
    trainer = Trainer(folder, make_logger)
    with warnings.catch_warnings():
        # Keras has things to say about some of these trainings, and so may we.
        warnings.simplefilter("ignore")
        model = CASES[name](trainer)
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


@pytest.fixture(scope="module")
def trained_plainly(tmp_path_factory):
    """Trains a case without a logger, once for all tests of it."""

    @functools.cache
    def train(name):
        return trained(name, tmp_path_factory.mktemp("plain") / name, None)

    return lambda name: dict(train(name))


@pytest.mark.parametrize("name", CASES)
def test_training_is_the_same_with_the_logger(name, trained_plainly, tmp_path):
    plain = trained_plainly(name)
    recorded = trained(name, tmp_path / "recorded", LearningRateLogger)

    if name.startswith("plain_"):
        # A step that was traced before without the logger is traced once more.
        num_calls = recorded.pop("calls of Python") - plain.pop("calls of Python")
        assert num_calls in (0, 1)
    assert set(plain) == set(recorded)
    different = {key for key in plain if plain[key] != recorded[key]}
    assert different == set(), {
        key: (plain[key], recorded[key])
        for key in different
        if not isinstance(plain[key], bytes)
    }
    assert failures(tmp_path / "recorded") == []


@pytest.mark.parametrize("name", WITH_LANDSCAPE)
def test_training_is_the_same_where_the_landscape_is_measured(
    name, trained_plainly, tmp_path
):
    plain = trained_plainly(name)
    recorded = trained(name, tmp_path / "recorded", LoggerOfLandscape)

    if name.startswith("plain_"):
        num_calls = recorded.pop("calls of Python") - plain.pop("calls of Python")
        assert num_calls in (0, 1)
    assert {key for key in plain if plain[key] != recorded[key]} == set()
    assert failures(tmp_path / "recorded") == []
    folders = [path.parent for path in tmp_path.rglob(schema.SUBDIRECTORY)]
    assert all(len(read_run(folder).landscape) >= 1 for folder in folders)


class LoggerOfLandscape(LearningRateLogger):
    def __init__(self, *args, **settings):
        super().__init__(*args, landscape_samples=1000, **settings)


def failures(folder):
    """What the runs in a folder say that could not be recorded."""
    found = []
    for path in folder.rglob(schema.SUBDIRECTORY):
        for text in load_texts(path.parent, "run_info"):
            found += schema.from_json(schema.RunInfo, text).notes
        found += [event.text for event in load_events(path.parent, "note")]
    return [note for note in found if "could not be recorded" in note]
