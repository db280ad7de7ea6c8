import json
import zipfile

import keras
import numpy as np
import pytest

from trainer.data.examples import ArrayExamples
from trainer.data.loading import Data
from trainer.data.target import Target
from trainer.runs.names import add_names_to_model, write_names


def data_of(target, inputs=()):
    examples = ArrayExamples(np.zeros((2, 3)), np.zeros(2))
    return Data(examples, None, None, target, (3,), input_names=inputs)


def test_names_are_in_the_order_of_outputs_and_inputs(tmp_path):
    target = Target("classes", 3, ("cat", "größe", "fox"))
    write_names(data_of(target, ("area", "side=north")), tmp_path)
    classes = (tmp_path / "classes.txt").read_text("utf-8")
    assert classes.splitlines() == ["cat", "größe", "fox"]
    inputs = (tmp_path / "inputs.txt").read_text("utf-8")
    assert inputs.splitlines() == ["area", "side=north"]


@pytest.mark.parametrize("target", [None, Target("numbers", 1), Target("classes", 3)])
def test_nothing_is_written_where_no_name_is_known(target, tmp_path):
    write_names(data_of(target), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_model_with_names_is_loaded_as_before(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    path = tmp_path / "model.keras"
    model.save(path)
    add_names_to_model(data_of(Target("binary", 1, ("cat", "dog"))), path)
    loaded = keras.saving.load_model(path)
    x = np.ones((4, 3))
    np.testing.assert_array_equal(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0)
    )
    with zipfile.ZipFile(path) as file:
        assert json.loads(file.read("class_names.json")) == ["cat", "dog"]


@pytest.mark.parametrize(
    ("target", "lines"),
    [
        (Target("classes", 3), ()),
        (Target("classes", 3, ("a", "b", "c")), ("Classes: 0 = a, 1 = b, 2 = c.",)),
        (
            Target("binary", 1, ("cat", "dog")),
            ("Classes: 0 = cat, 1 = dog; the model gives the probability of dog.",),
        ),
    ],
)
def test_what_each_output_is_can_be_read_on_the_screen(target, lines):
    assert target.lines == lines


def test_many_classes_are_counted():
    names = tuple(f"c{i}" for i in range(12))
    (line,) = Target("classes", 12, names).lines
    assert line.endswith("9 = c9, ... 12 in all, see classes.txt.")
