import keras
import numpy as np
import pytest

from trainer.errors import ConfigError
from trainer.models.weights_file import load_body_weights


def network(num_outputs, hidden=3):
    return keras.Sequential(
        [
            keras.Input([4]),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(num_outputs),
        ]
    )


def load(tmp_path, source, target):
    path = tmp_path / "source.keras"
    source.save(path)
    # In another program, the layers of the same model have other numbers.
    load_body_weights(target, str(path), name="my:net")


def test_all_but_the_head_is_taken_over(tmp_path):
    source, target = network(5), network(2)
    before = target.layers[-1].get_weights()
    load(tmp_path, source, target)
    for ours, theirs in zip(target.layers[:-1], source.layers[:-1], strict=True):
        for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(target.layers[-1].get_weights()[0], before[0])


def test_body_that_was_saved_alone_is_taken_over(tmp_path):
    whole, target = network(5), network(2)
    body = keras.Sequential([keras.Input([4]), *whole.layers[:-1]])
    load(tmp_path, body, target)
    np.testing.assert_array_equal(
        target.layers[0].get_weights()[0], whole.layers[0].get_weights()[0]
    )


def test_another_body_is_refused_by_its_first_difference(tmp_path):
    with pytest.raises(ConfigError) as error:
        load(tmp_path, network(5, hidden=6), network(2))
    message = str(error.value)
    assert message.startswith(
        "`--weights` must be a model that differs from --model in its last layer only. "
    )
    assert "kernel of (4, 6), where " in message
    assert "kernel of (4, 3) is wanted" in message


def test_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "source.keras"
    path.write_text("no model")
    with pytest.raises(ConfigError, match="must be a model that Keras can load"):
        load_body_weights(network(2), str(path), name="my:net")
