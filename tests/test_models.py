import numpy as np
import pytest

from trainer.config import Config, ConfigError
from trainer.data import Data
from trainer.models import build_model


def data_of(*shape):
    x, y = np.zeros((4, *shape), np.float32), np.zeros(4, np.int32)
    return Data(x, y, None, None, None, None, num_classes=10)


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
