import keras
import numpy as np
import pytest

from trainer.data.examples import ArrayExamples
from trainer.data.loading import Data
from trainer.data.target import Target
from trainer.errors import ConfigError
from trainer.models.building import build_model, check_model
from trainer.settings.config import Config

CLASSES = Target("classes", 10)


def data_of(*shape, target=CLASSES, normalization=None):
    x, y = np.zeros((4, *shape), np.float32), np.zeros(4, np.int32)
    return Data(ArrayExamples(x, y), None, None, target, shape, normalization)


def test_mlp_takes_images_and_vectors():
    for shape in [(8, 8, 1), (5,)]:
        model = build_model(Config(), data_of(*shape))
        assert model.output_shape == (None, 10)


def test_cnn_is_the_articles():
    model = build_model(Config(model="cnn"), data_of(28, 28, 1))
    # 3*3*1*32+32, 3*3*32*64+64, (5*5*64)*256+256, 256*10+10.
    assert model.count_params() == 320 + 18_496 + 409_856 + 2_570


def test_cnn_takes_the_smallest_image_it_says_it_takes():
    assert build_model(Config(model="cnn"), data_of(10, 10, 3)).output_shape[1] == 10


@pytest.mark.parametrize("shape", [(9, 9, 1), (28,), (28, 9, 3)])
def test_cnn_refuses_what_is_too_small_or_no_image(shape):
    with pytest.raises(ConfigError) as error:
        build_model(Config(model="cnn"), data_of(*shape))
    size = " x ".join(map(str, shape))
    assert str(error.value) == (
        "`--model=cnn` needs images of at least 10 x 10 pixels. Received: "
        f"--dataset=digits, examples of {size}. Use --model=mlp or another dataset."
    )


@pytest.mark.parametrize(
    ("target", "activation", "size"),
    [
        (CLASSES, "softmax", 10),
        (Target("one_hot", 3), "softmax", 3),
        (Target("binary", 1), "sigmoid", 1),
    ],
)
def test_last_layer_follows_from_the_target(target, activation, size):
    model = build_model(Config(), data_of(5, target=target))
    assert model.output_shape == (None, size)
    assert model.layers[-1].activation is keras.activations.get(activation)


def test_numbers_are_predicted_in_their_units():
    target = Target("numbers", 2, mean=(100.0, -3.0), scale=(20.0, 0.5))
    model = build_model(Config(), data_of(5, target=target))
    # Of an example of zeros, biases being zero, the mean is predicted.
    np.testing.assert_allclose(model.predict(np.zeros((1, 5)), verbose=0), [[100, -3]])


def test_table_is_evened_out_inside_the_model():
    normalization = np.array([10.0, 1000.0]), np.array([4.0, 2500.0])
    data = data_of(2, normalization=normalization)
    evened, plain = build_model(Config(), data), build_model(Config(), data_of(2))
    plain.set_weights(evened.get_weights())
    table = np.array([[12.0, 950.0]])
    # (12 - 10) / 2 and (950 - 1000) / 50.
    np.testing.assert_allclose(
        evened.predict(table, verbose=0),
        plain.predict(np.array([[1.0, -1.0]]), verbose=0),
        rtol=1e-5,
    )


def test_unknown_network_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"\(did you mean MobileNetV2\?\)"):
        check_model("MobilNetV2")


def test_data_with_several_inputs_needs_a_model_of_its_own():
    data = Data(None, None, None, None, None)
    with pytest.raises(ConfigError, match="must be a model of your own where the data"):
        build_model(Config(), data)
