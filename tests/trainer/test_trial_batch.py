"""What a model does not take is said before training, in one sentence."""

import pytest

from trainer.errors import ConfigError
from trainer.settings.config import Config
from trainer.training.training import build_training, compiled_model

MODULE = """
import keras
import numpy as np
import tensorflow as tf

X, Y = np.ones((12, 4), np.float32), np.arange(12) % 3

def arrays(): return X, Y
def batches(x=X, y=Y): return tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
def words(): return batches(np.array(["a"] * 12))
def narrow(): return {"train": batches(), "val": batches(X[:, :2])}
def unknown_label(): return {"train": batches(), "test": batches(y=Y + 5)}
def no_label(): return {"train": batches(), "val": batches().map(lambda x, y: x)}
def empty(): return {"train": batches(), "val": batches().take(0)}
def two_targets(): return batches(y={"a": Y, "b": Y})

def net(loss, units=3):
    model = keras.Sequential([keras.Input([4]), keras.layers.Dense(units)])
    model.compile("sgd", loss)
    return model

def few_outputs():
    return net(keras.losses.SparseCategoricalCrossentropy(from_logits=True), 2)

def one_hot_loss(): return net("categorical_crossentropy")
def no_loss(): return net(None)

def broken_loss():
    def loss(y_true, y_pred):
        raise RuntimeError("no such loss")
    return net(loss)

def uncompiled(): return keras.Sequential([keras.Input([4]), keras.layers.Dense(3)])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dataset", "model", "message"),
    [
        ("words", "mlp", "must take the training data. Received: --model=mlp --data"),
        ("narrow", "mlp", "must take the validation data. Received: --model=mlp --d"),
        ("unknown_label", "mlp", "must take the test data. Received: --model=mlp --"),
        ("no_label", "mlp", "must yield batches (x, y) or (x, y, sample_weight). Rec"),
        ("empty", "mlp", "must return data with one batch at least. Received: an em"),
        ("two_targets", "mlp", "must be a model of your own where the data has sever"),
        ("two_targets", "mine:uncompiled", "must be compiled where the data has seve"),
        ("arrays", "mine:few_outputs", "indices[1] = 2 is not in [0, 2). Change the"),
        ("arrays", "mine:one_hot_loss", "must have the same rank"),
        ("batches", "mine:one_hot_loss", "must have the same rank"),
        ("arrays", "mine:no_loss", "No loss to compute."),
        ("arrays", "mine:broken_loss", "mine:arrays: no such loss. Change the data,"),
    ],
)
def test_what_does_not_fit_is_one_sentence(dataset, model, message, user_module):
    user_module("mine", MODULE)
    with pytest.raises(ConfigError) as error:
        compiled_model(build_training(Config(dataset=f"mine:{dataset}", model=model)))
    assert message in str(error.value)
    assert "\n" not in str(error.value)
