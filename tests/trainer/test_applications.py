"""Networks of keras.applications, with weights made here: none are downloaded."""

import inspect

import keras
import numpy as np
import pytest

from trainer.data.examples import ArrayExamples
from trainer.data.loading import Data
from trainer.data.networks import application_names
from trainer.data.target import Target
from trainer.errors import ConfigError
from trainer.models import applications
from trainer.models.applications import default_image_size
from trainer.models.building import build_model
from trainer.settings.config import Config
from trainer.settings.model import APPLICATIONS

pytestmark = pytest.mark.slow

SIZE = 32


def data_of(*shape):
    x = np.random.default_rng(0).integers(0, 256, (4, *shape), dtype=np.uint8)
    target = Target("classes", 3)
    return Data(ArrayExamples(x, np.zeros(4, np.int32)), None, None, target, shape)


@pytest.fixture(scope="module")
def network():
    """Builds the body of MobileNetV2 with random weights."""
    keras.utils.set_random_seed(1)
    return keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(SIZE, SIZE, 3), pooling="avg"
    )


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mobile.weights.h5"
    network.save_weights(path)
    return str(path)


def built(weights, shape=(SIZE, SIZE, 3), **settings):
    config = Config(model="MobileNetV2", weights=weights, **settings)
    return build_model(config, data_of(*shape))


def test_head_is_replaced_and_weights_are_the_files(network, weights):
    model = built(weights)
    assert model.output_shape == (None, 3)
    (body,) = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    for ours, theirs in zip(body.get_weights(), network.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_the_network_wants_to_be_fed_is_part_of_the_model(network, weights):
    data = data_of(SIZE, SIZE, 3)
    images = data.train.x
    model = built(weights)
    features = keras.Model(model.input, model.get_layer("scores").input)
    # MobileNetV2 was trained with -1 to 1.
    expected = network.predict(images * 2 - 1, verbose=0)
    np.testing.assert_allclose(
        features.predict(images, verbose=0), expected, rtol=1e-3, atol=1e-4
    )


def test_grey_and_small_images_are_made_what_the_network_takes(weights):
    model = built(weights, shape=(8, 8, 1), image_size=(SIZE, SIZE))
    assert model.input_shape == (None, 8, 8, 1)
    (body,) = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    assert body.input_shape == (None, SIZE, SIZE, 3)


@pytest.mark.parametrize(
    ("settings", "shape", "message"),
    [
        (
            {"weights": "none"},
            (8, 8, 3),
            "`--model=MobileNetV2` must take the images. Received: images of 8 x 8 x "
            "3: Input size must be at least 32x32",
        ),
        (
            {"weights": "none"},
            (5,),
            "`--model=MobileNetV2` needs images, grey or in colour. Received: "
            "--dataset=digits, examples of 5.",
        ),
    ],
)
def test_data_that_the_network_does_not_take_is_refused(settings, shape, message):
    with pytest.raises(ConfigError) as error:
        built(settings["weights"], shape)
    assert message in str(error.value)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "other.weights.h5"
    keras.Sequential([keras.Input([2]), keras.layers.Dense(1)]).save_weights(path)
    with pytest.raises(ConfigError) as error:
        built(str(path))
    assert str(error.value).startswith(
        "`--weights` must be a file with the weights of MobileNetV2 without its top. "
        f"Received: --weights={path}: "
    )
    assert str(error.value).endswith("Give another file, or --weights=none.")


def test_no_network_is_said_with_the_alternatives(monkeypatch):
    def unreachable(*args, **kwargs):
        raise Exception("URL fetch failure on https://storage.googleapis.com/...")

    module = inspect.getmodule(keras.applications.MobileNetV2)
    monkeypatch.setattr(module.file_utils, "get_file", unreachable)
    with pytest.raises(ConfigError) as error:
        built(None, shape=(96, 96, 3))
    assert str(error.value) == (
        "`--weights=imagenet` must be downloaded once by Keras. Received: URL fetch "
        "failure on https://storage.googleapis.com/. Give a file of weights, "
        "--weights=path.weights.h5, or a trained model, --weights=path.keras, or "
        "--weights=none to begin with random ones."
    )


def test_run_that_goes_on_needs_no_weights(monkeypatch):
    assert built("imagenet", resume=True, run="run1").output_shape == (None, 3)


def test_image_sizes_are_those_of_the_networks():
    names = {"MobileNetV2": 224, "InceptionV3": 299, "EfficientNetB3": 300}
    for name, size in names.items():
        assert default_image_size(name) == (size, size)
    assert default_image_size("cnn") is None


# One for each way in which pixels are prepared.
@pytest.mark.parametrize("name", ["MobileNetV2", "VGG16", "DenseNet121"])
def test_what_prepares_pixels_is_saved_with_the_model(name, tmp_path, monkeypatch):
    body = keras.Sequential(
        [keras.Input([SIZE, SIZE, 3]), keras.layers.GlobalAveragePooling2D()]
    )
    # The networks themselves take seconds to build, and change nothing here.
    monkeypatch.setattr(applications, "_build_network", lambda *_, **__: body)
    data = data_of(SIZE, SIZE, 3)
    model = build_model(Config(model=name, weights="none"), data)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    features = keras.Model(loaded.input, loaded.get_layer("scores").input)
    images = data.train.x
    module = inspect.getmodule(getattr(keras.applications, name))
    expected = module.preprocess_input(images * 255).mean(axis=(1, 2))
    np.testing.assert_allclose(
        features.predict(images, verbose=0), expected, rtol=1e-4, atol=1e-4
    )


def test_networks_that_are_suggested_are_those_of_keras():
    assert set(APPLICATIONS) == set(application_names())
