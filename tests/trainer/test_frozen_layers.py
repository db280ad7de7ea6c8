import keras
import numpy as np
import pytest

from trainer.errors import ConfigError
from trainer.models.frozen_layers import (
    find_head,
    freeze_body,
    frozen_layers,
    require_trainable,
    unfreeze_body,
)


@pytest.fixture
def model():
    """Builds a head on a body that is a model itself, with batch normalization."""
    body = keras.Sequential(
        [
            keras.Input([4]),
            keras.layers.Dense(3, name="hidden"),
            keras.layers.BatchNormalization(name="statistics"),
        ]
    )
    inputs = keras.Input([4])
    scores = keras.layers.Dense(2, name="scores")(body(inputs))
    return keras.Model(inputs, keras.layers.Activation("softmax")(scores))


def test_head_is_the_last_layer_with_weights(model):
    assert find_head(model).name == "scores"


def test_frozen_body_leaves_the_head_to_train(model):
    freeze_body(model)
    names = {variable.path for variable in model.trainable_variables}
    assert names == {"scores/kernel", "scores/bias"}


def test_unfrozen_body_keeps_its_statistics(model):
    freeze_body(model)
    unfreeze_body(model, frozenset())
    names = {variable.path.split("/")[-2] for variable in model.trainable_variables}
    assert names == {"hidden", "scores"}
    x = np.random.default_rng(0).normal(3, 2, (8, 4)).astype(np.float32)
    np.testing.assert_allclose(model(x, training=True), model(x, training=False))


def test_what_its_owner_has_frozen_stays_frozen():
    layers = [keras.layers.Dense(2, name=name) for name in "abc"]
    model = keras.Sequential([keras.Input([2]), *layers])
    layers[0].trainable = False
    kept = frozen_layers(model)
    freeze_body(model)
    unfreeze_body(model, kept)
    assert [layer.trainable for layer in layers] == [False, True, True]


def test_model_without_a_body_is_refused():
    model = keras.Sequential([keras.Input([2]), keras.layers.Dense(1)])
    with pytest.raises(ConfigError, match="needs a model of two layers with weights"):
        freeze_body(model)


def test_model_without_weights_to_train_is_refused(model):
    require_trainable(model)
    model.trainable = False
    with pytest.raises(ConfigError, match="whose weights are all frozen"):
        require_trainable(model)
    empty = keras.Sequential([keras.Input([4]), keras.layers.Flatten()])
    with pytest.raises(ConfigError, match="which has none"):
        require_trainable(empty)
