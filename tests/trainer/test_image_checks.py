import numpy as np
import pytest
import tensorflow as tf

from trainer.data.examples import ArrayExamples
from trainer.data.image_checks import check_images
from trainer.data.loading import Data
from trainer.errors import ConfigError

LABELS = np.zeros(2, np.int32)


def data_of(x):
    return Data(ArrayExamples(x, LABELS), None, None, None, x.shape[1:])


def check(data, *, model="mlp", augment=None):
    check_images(data, dataset="digits", model=model, augment=augment)


def grey(highest, dtype=np.float32):
    return np.full((2, 4, 4, 1), highest, dtype)


@pytest.mark.parametrize(
    ("settings", "x", "message"),
    [
        (
            {"augment": ("flip",)},
            np.ones((2, 3), np.float32),
            "`--augment` needs images, as arrays or in a folder. Received: "
            "--dataset=digits, examples of 3. Leave --augment out.",
        ),
        (
            {"augment": ("flip",)},
            grey(255),
            "`--augment` needs images as bytes (uint8) or as numbers from 0 to 1. "
            "Received: --dataset=digits, numbers from 255 to 255. Scale them, or give "
            "them as bytes.",
        ),
        (
            {"augment": ("flip",)},
            grey(-1),
            "--dataset=digits, numbers from -1",
        ),
        ({"model": "VGG16"}, grey(255), "`--model` needs images as bytes (uint8) or"),
    ],
)
def test_images_of_unknown_scale_are_refused(settings, x, message):
    with pytest.raises(ConfigError) as error:
        check(data_of(x), **settings)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("settings", "x"),
    [
        ({"augment": ("flip",), "model": "VGG16"}, grey(255, np.uint8)),
        ({"augment": ("flip",), "model": "VGG16"}, grey(1)),
        ({}, grey(255)),
    ],
)
def test_others_are_left_alone(settings, x):
    check(data_of(x), **settings)


def test_batches_of_a_pipeline_are_not_augmented():
    batches = tf.data.Dataset.from_tensor_slices((grey(1), LABELS)).batch(2)
    data = Data(batches, None, None, None, (4, 4, 1))
    with pytest.raises(ConfigError, match="batches made elsewhere"):
        check(data, augment=("flip",))
