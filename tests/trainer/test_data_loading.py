"""What each kind of dataset becomes; each loader has tests of its own."""

import dataclasses
import gzip
import struct

import keras
import numpy as np
import pytest

from trainer.data.loading import load_data
from trainer.data.target import Target
from trainer.errors import ConfigError
from trainer.settings.config import Config


def write_npz(path, **arrays):
    np.savez(path, **arrays)
    return Config(dataset=str(path))


def test_digits_need_no_network():
    data = load_data(Config())
    # 1797 digits; a fifth of them, 359, is held out.
    assert data.train.x.shape == (1438, 8, 8, 1)
    assert data.validation.x.shape == (359, 8, 8, 1)
    assert data.train.x.dtype == np.float32
    assert (data.train.x.min(), data.train.x.max()) == (0, 1)
    assert data.target == Target("classes", 10)
    assert data.test is None
    assert data.lines == (
        "Data: 1438 training, 359 validation examples of 8 x 8 x 1; 10 classes.",
    )


def test_split_is_the_same_for_every_seed():
    first, second = load_data(Config(seed=1)), load_data(Config(seed=2))
    np.testing.assert_array_equal(first.validation.x, second.validation.x)


def test_no_split_keeps_everything():
    data = load_data(Config(validation_split=0.0))
    assert data.train.num_examples == 1797
    assert data.validation is None


def test_npz_with_bytes_is_scaled(tmp_path):
    config = write_npz(
        tmp_path / "data.npz",
        x_train=np.full((10, 4, 4), 255, np.uint8),
        y_train=np.arange(10).reshape(10, 1) % 3,
        x_test=np.zeros((2, 4, 4), np.uint8),
        y_test=np.array([0, 2]),
    )
    data = load_data(config)
    assert data.example_shape == (4, 4, 1)
    assert data.train.x.max() == 1.0
    assert data.train.y.shape == (8,)
    assert data.target.num_classes == 3
    assert data.test.num_examples == 2
    assert len(data.lines) == 1


@pytest.mark.parametrize(
    ("pixels", "remark"),
    [
        (
            np.arange(160, dtype=np.int64),
            "Pixels from 0 to 159 are taken as they are; of bytes (uint8) they would "
            "be 0 to 1.",
        ),
        (np.linspace(0, 1, 160), None),
        (np.linspace(-2, 2, 160), None),
    ],
)
def test_pixels_that_are_not_bytes_stay_as_they_are(tmp_path, pixels, remark):
    config = write_npz(
        tmp_path / "data.npz",
        x_train=pixels.reshape(10, 4, 4),
        y_train=np.arange(10) % 2,
    )
    data = load_data(dataclasses.replace(config, validation_split=0.0))
    np.testing.assert_array_equal(data.train.x.ravel(), pixels.astype(np.float32))
    assert data.lines[1:] == (() if remark is None else (remark,))


def test_npz_with_vectors_of_floats_is_left_as_it_is(tmp_path):
    x = np.linspace(-3, 500, 60).reshape(20, 3)
    config = write_npz(tmp_path / "data.npz", x_train=x, y_train=np.arange(20) % 2)
    data = load_data(config)
    assert data.example_shape == (3,)
    assert min(data.train.x.min(), data.validation.x.min()) == -3
    assert data.normalization is None


def test_validation_of_its_own_is_kept_and_nothing_is_split(tmp_path):
    config = write_npz(
        tmp_path / "data.npz",
        x_train=np.zeros((10, 2)),
        y_train=np.arange(10) % 2,
        x_val=np.ones((4, 2)),
        y_val=np.arange(4) % 2,
    )
    data = load_data(config)
    assert data.train.num_examples == 10
    np.testing.assert_array_equal(data.validation.x, np.ones((4, 2)))


def test_csv_carries_what_evens_its_columns_out(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{100 * i},{i % 2}\n" for i in range(10)))
    data = load_data(Config(dataset=str(path), validation_split=0.0))
    mean, variance = data.normalization
    # Of 0..9 the mean is 4.5 and the variance (100 - 1) / 12.
    np.testing.assert_allclose(mean, [4.5, 450])
    np.testing.assert_allclose(variance, [8.25, 82500])
    assert data.target == Target("binary", 1)


@pytest.mark.slow
def test_mnist_file_is_what_it_is_known_to_be(mnist_npz):
    data = load_data(Config(dataset=str(mnist_npz)))
    parts = (data.train, data.validation, data.test)
    assert [part.num_examples for part in parts] == [48_000, 12_000, 10_000]
    assert data.example_shape == (28, 28, 1)


def write_idx(path, array):
    """Writes the format of http://yann.lecun.com/exdb/mnist and of Fashion-MNIST."""
    header = struct.pack(">HBB", 0, 8, array.ndim)
    header += struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


@pytest.fixture
def keras_home(tmp_path, monkeypatch):
    """Gives a folder in which Keras keeps what it has downloaded."""
    monkeypatch.setattr(
        "keras.src.utils.file_utils.config.keras_home", lambda: str(tmp_path)
    )
    return tmp_path


def test_fashion_mnist_comes_through_keras_own_loader(keras_home):
    folder = keras_home / "datasets" / "fashion-mnist"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name, count in (("train", 60), ("t10k", 20)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)
    data = load_data(Config(dataset="fashion_mnist"))
    parts = (data.train, data.validation, data.test)
    assert [part.num_examples for part in parts] == [48, 12, 20]
    assert data.example_shape == (28, 28, 1)
    np.testing.assert_allclose(data.test.x[..., 0], images / 255, rtol=1e-6)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_no_network_is_said_with_the_alternatives(name, monkeypatch):
    def unreachable():
        raise Exception("URL fetch failure on https://...")

    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", unreachable)
    with pytest.raises(ConfigError) as error:
        load_data(Config(dataset=name))
    assert str(error.value) == (
        f"`--dataset={name}` must be downloaded once by Keras. Received: URL fetch "
        "failure on https://. Without a network use --dataset=digits, or give data of "
        "this machine: --dataset=path/data.npz, a folder of class folders of images, a "
        ".csv file, or module:function."
    )
