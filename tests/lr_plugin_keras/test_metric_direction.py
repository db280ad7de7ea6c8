"""Which way a metric is to go, as Keras knows it."""

import keras
import numpy as np
import pytest

from lr_plugin.keras.metric_direction import MetricDirections, ask_keras


@pytest.fixture(scope="module")
def trained():
    """A model after its first batch, when Keras knows all metrics."""

    def closeness(y_true, y_pred):
        return -keras.ops.abs(y_true - y_pred)

    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(3, "softmax")])
    metrics = ["mae", "auc", keras.metrics.F1Score(name="f1"), closeness]
    model.compile("sgd", "categorical_crossentropy", metrics=metrics)
    y = np.eye(3, dtype="float32")
    model.fit(np.ones((3, 2), "float32"), y, verbose=0)
    return model


@pytest.mark.slow
@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("loss", False),
        ("val_loss", False),
        ("mae", False),
        ("val_auc", True),
        ("val_f1", True),
        # A function of the user's own says nothing.
        ("closeness", None),
        ("learning_rate", None),
    ],
)
def test_keras_says_which_way_a_metric_goes(trained, metric, expected):
    assert ask_keras(trained, metric) is expected


def test_elements_go_the_way_of_the_whole(trained):
    found = MetricDirections().find(trained, {"f1[0]": 0.1, "f1[1,2]": 1, "x": 2})

    assert found == {"f1[0]": True, "f1[1,2]": True}


def test_asking_changes_no_rate(trained):
    before = float(trained.optimizer.learning_rate)

    ask_keras(trained, "loss")

    assert float(trained.optimizer.learning_rate) == before
