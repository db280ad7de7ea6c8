"""Models of the user: what a function returns, or a .keras file."""

import keras
import numpy as np
import pytest

from trainer.data.examples import ArrayExamples
from trainer.data.loading import Data
from trainer.data.target import Target
from trainer.errors import ConfigError
from trainer.models.compilation import compile_model
from trainer.models.user_models import build_user_model, choose_loss

MODULE = """
import keras

def net(input_shape, num_outputs):
    return keras.Sequential([
        keras.Input(input_shape),
        keras.layers.Flatten(),
        keras.layers.Dense(num_outputs),
    ])

def fixed(units=3, activation="softmax", size=4):
    return keras.Sequential([
        keras.Input([size]), keras.layers.Dense(units, activation=activation)
    ])

def one(): return fixed(1, "sigmoid")
def one_score(): return fixed(1, None)
def two(): return fixed(2)
def wider(): return fixed(size=5)
def layer(): return keras.layers.Dense(3)
def unbuilt(): return keras.Sequential([keras.layers.Dense(3, activation="softmax")])

def compiled():
    model = fixed(units=7)
    model.compile("sgd", "mean_absolute_error", metrics=["cosine_similarity"])
    return model

class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3)

    def call(self, x):
        return keras.ops.softmax(self.dense(x))

def subclassed(): return Subclassed()
"""

CLASSES = Target("classes", 3)


@pytest.fixture(autouse=True)
def module(user_module):
    user_module("my_models", MODULE)


def data_of(target=CLASSES):
    examples = ArrayExamples(np.ones((6, 4), np.float32), np.zeros(6, np.int32))
    return Data(examples, None, None, target, (4,))


def build(name, target=CLASSES):
    return build_user_model(
        data_of(target),
        model=name if ".keras" in name else f"my_models:{name}",
        dataset="digits",
        mixed_precision=False,
    )


def loss_of(model, target):
    return choose_loss(model, data_of(target), name="my_models:net", dataset="digits")


def test_function_is_told_the_shapes_of_the_data():
    model = build("net")
    assert (model.input_shape, model.output_shape) == ((None, 4), (None, 3))


def test_model_that_is_not_built_is_built_by_an_example():
    model = build("unbuilt")
    assert model.built
    assert model.count_params() == 4 * 3 + 3


@pytest.mark.parametrize(
    ("name", "target", "loss", "from_logits"),
    [
        ("fixed", CLASSES, keras.losses.SparseCategoricalCrossentropy, False),
        ("net", CLASSES, keras.losses.SparseCategoricalCrossentropy, True),
        ("subclassed", CLASSES, keras.losses.SparseCategoricalCrossentropy, False),
        ("fixed", Target("one_hot", 3), keras.losses.CategoricalCrossentropy, False),
        ("one", Target("binary", 1), keras.losses.BinaryCrossentropy, False),
        ("one_score", Target("binary", 1), keras.losses.BinaryCrossentropy, True),
        (
            "two",
            Target("binary", 1),
            keras.losses.SparseCategoricalCrossentropy,
            False,
        ),
    ],
)
def test_loss_follows_from_labels_and_outputs(name, target, loss, from_logits):
    model = build(name, target)
    chosen = loss_of(model, target)
    assert type(chosen["loss"]) is loss
    assert chosen["loss"].get_config()["from_logits"] is from_logits


def test_numbers_are_compared_by_their_squares():
    model = build("fixed", Target("numbers", 3))
    chosen = loss_of(model, Target("numbers", 3))
    assert chosen == {"loss": "mean_squared_error", "metrics": ["mean_absolute_error"]}


def test_scores_count_as_yes_above_zero():
    target = Target("binary", 1)
    model = build("one_score", target)
    # Between 0 and 1, as they may be by chance at the start.
    model.set_weights([np.full((4, 1), 0.05), np.zeros(1)])
    arguments = loss_of(model, target)
    compile_model(model, keras.optimizers.SGD(0.0), **arguments)
    # Scores of 0.2 and -0.2: the sum of four inputs times 0.05, and the negative.
    x = np.stack([np.ones(4), -np.ones(4)])
    scores = model.evaluate(x, np.array([1, 0]), verbose=0, return_dict=True)
    assert scores["accuracy"] == 1.0


def test_compiled_model_keeps_its_loss_and_metrics():
    model = build("compiled")
    optimizer = keras.optimizers.Adam(0.25)
    compile_model(model, optimizer, steps_per_execution=3)
    assert model.loss == "mean_absolute_error"
    assert (model.optimizer, model.steps_per_execution) == (optimizer, 3)
    logs = model.test_on_batch(np.ones((2, 4)), np.ones((2, 7)), return_dict=True)
    assert set(logs) == {"loss", "cosine_similarity"}


def test_file_is_loaded(tmp_path):
    path = tmp_path / "model.keras"
    model = build("fixed")
    model.save(path)
    loaded = build(str(path))
    np.testing.assert_array_equal(loaded.get_weights()[0], model.get_weights()[0])


def test_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.keras"
    path.write_text("no model")
    with pytest.raises(ConfigError) as error:
        build(str(path))
    assert str(error.value).startswith(
        f"`--model` must be a model that Keras can load. Received: --model={path}: "
    )


@pytest.mark.parametrize(
    ("name", "target", "message"),
    [
        (
            "layer",
            CLASSES,
            "`--model` must name a function that returns a keras.Model. Received: "
            "--model=my_models:layer, which returned a Dense. Correct what it returns.",
        ),
        (
            "wider",
            CLASSES,
            "`--model` must take the examples of --dataset. Received: "
            "--model=my_models:wider, which does not take examples of 4: ",
        ),
        (
            "two",
            CLASSES,
            "`--model` must give 3 numbers for an example: the data has 3 classes. "
            "Received: --model=my_models:two, which gives 2 numbers. Change its last "
            "layer, or return it compiled with a loss of its own.",
        ),
        (
            "fixed",
            Target("numbers", 1),
            "`--model` must give 1 numbers for an example: the data has a number to "
            "predict (regression). Received: --model=my_models:fixed, which gives 3",
        ),
    ],
)
def test_model_that_does_not_fit_is_refused(name, target, message):
    with pytest.raises(ConfigError) as error:
        build(name, target)
    assert message in str(error.value)


def test_several_targets_need_a_compiled_model():
    model = build("fixed", None)
    with pytest.raises(
        ConfigError, match="must be compiled where the data has several"
    ):
        loss_of(model, None)
