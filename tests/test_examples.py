import keras
import numpy as np
import pytest
import tensorflow as tf
from image_folders import write_images

from trainer.data.examples import ArrayExamples
from trainer.data.images.image_files import ImageFiles


def test_bytes_are_scaled_when_gathered():
    x = np.arange(12, dtype=np.uint8).reshape(4, 3)
    examples = ArrayExamples(x, np.arange(4))
    gathered, labels = examples.gather(tf.constant([2, 0]))
    np.testing.assert_array_equal(gathered, x[[2, 0]].astype(np.float32) / 255)
    np.testing.assert_array_equal(labels, [2, 0])
    np.testing.assert_array_equal(examples.x, x.astype(np.float32) / 255)


def test_subset_is_numbered_anew():
    examples = ArrayExamples(np.arange(8.0, dtype=np.float32)[:, None], np.arange(8))
    subset = examples.subset(np.array([1, 5, 6]))
    assert subset.num_examples == 3
    np.testing.assert_array_equal(subset.gather(tf.constant([2]))[1], [6])


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif"])
def test_every_format_without_loss_gives_the_same_pixels(tmp_path, suffix):
    image = np.random.default_rng(0).integers(0, 2, (8, 8, 3)) * 255
    path = tmp_path / f"image.{suffix}"
    keras.utils.save_img(path, image, scale=False)
    files = ImageFiles([str(path)], np.zeros(1), size=(8, 8), channels=3)
    np.testing.assert_array_equal(files.gather(tf.constant([0]))[0][0] * 255, image)


def test_jpeg_is_read(tmp_path):
    path = tmp_path / "image.jpg"
    keras.utils.save_img(path, np.full((16, 16, 3), 200.0), scale=False)
    files = ImageFiles([str(path)], np.zeros(1), size=(4, 4), channels=3)
    np.testing.assert_allclose(files.decoded()[0].x, 200 / 255, atol=0.02)


def test_resizing_averages(tmp_path):
    # Halves of 10 and 30. A triangle four pixels wide on each side of pixel 2 gives the
    # left half 3 of 3.5: (3 * 10 + 0.5 * 30) / 3.5 = 12.9, and the right 27.1.
    image = np.full((8, 8, 1), 10)
    image[:, 4:] = 30
    path = tmp_path / "image.png"
    keras.utils.save_img(path, image, scale=False)
    files = ImageFiles([str(path)], np.zeros(1), size=(1, 2), channels=1)
    np.testing.assert_allclose(files.decoded()[0].x.ravel() * 255, [13, 27])


def test_subset_of_files_is_those_files(tmp_path):
    write_images(tmp_path, ["a"], 3)
    paths = sorted(map(str, tmp_path.rglob("*.png")))
    files = ImageFiles(paths, np.arange(3), size=(6, 5), channels=3)
    subset = files.subset(np.array([2, 0]))
    np.testing.assert_array_equal(subset.decoded()[0].x, files.decoded()[0].x[[2, 0]])
