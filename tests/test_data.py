import numpy as np
import pytest

from trainer.config import Config, ConfigError
from trainer.data import load_data


def write_npz(path, **arrays):
    np.savez(path, **arrays)
    return Config(dataset=str(path))


def test_digits_need_no_network():
    data = load_data(Config())
    # 1797 digits; a fifth of them, 359, is held out.
    assert data.x_train.shape == (1438, 8, 8, 1)
    assert data.x_val.shape == (359, 8, 8, 1)
    assert data.x_train.dtype == np.float32
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    assert data.num_classes == 10
    assert data.x_test is None


def test_split_is_the_same_for_every_seed():
    first, second = load_data(Config(seed=1)), load_data(Config(seed=2))
    np.testing.assert_array_equal(first.x_val, second.x_val)


def test_no_split_keeps_everything():
    data = load_data(Config(validation_split=0.0))
    assert len(data.x_train) == 1797
    assert data.x_val is None


def test_npz_with_bytes_is_scaled(tmp_path):
    config = write_npz(
        tmp_path / "data.npz",
        x_train=np.full((10, 4, 4), 255, np.uint8),
        y_train=np.arange(10).reshape(10, 1) % 3,
        x_test=np.zeros((2, 4, 4), np.uint8),
        y_test=np.array([0, 4]),
    )
    data = load_data(config)
    assert data.example_shape == (4, 4, 1)
    assert data.x_train.max() == 1.0
    assert data.y_train.shape == (8,)
    # Class 4 is in the test set only.
    assert data.num_classes == 5


def test_npz_with_vectors_of_floats_is_left_as_it_is(tmp_path):
    x = np.linspace(-3, 500, 60).reshape(20, 3)
    config = write_npz(tmp_path / "data.npz", x_train=x, y_train=np.zeros(20, int))
    data = load_data(config)
    assert data.example_shape == (3,)
    assert data.x_train.min() == -3
    assert data.x_test is None


def test_mnist_file_is_what_it_is_known_to_be(mnist_npz):
    data = load_data(Config(dataset=str(mnist_npz)))
    assert (len(data.x_train), len(data.x_val), len(data.x_test)) == (
        48_000,
        12_000,
        10_000,
    )
    assert data.example_shape == (28, 28, 1)


X, Y = np.zeros((6, 2)), np.zeros(6, int)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x_train": X, "labels": Y},
            "must hold x_train and y_train. Received: x_train, labels.",
        ),
        (
            {"x_train": X, "y_train": Y[:5]},
            "must hold as many labels as examples: x_train and y_train differ. "
            "Received: 6 examples, 5 labels.",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": X},
            "must hold x_test and y_test together. Received: x_train, y_train, x_test.",
        ),
        (
            {"x_train": X, "y_train": np.zeros((6, 10))},
            "must hold one whole number per example in y_train. Received: float64 of "
            "shape [6, 10].",
        ),
        (
            {"x_train": X, "y_train": Y - 1},
            "must hold labels from 0 in y_train. Received: -1.",
        ),
        (
            {"x_train": np.array(["a"] * 6), "y_train": Y},
            "must hold numbers of shape [n, ...] in x_train, n > 0. Received: <U1 of "
            "shape [6].",
        ),
        (
            {"x_train": X, "y_train": Y, "x_test": np.zeros((6, 3)), "y_test": Y},
            "must hold training and test examples of one shape. Received: (2,) and "
            "(3,).",
        ),
    ],
)
def test_npz_that_is_no_dataset_is_refused(tmp_path, arrays, message):
    config = write_npz(tmp_path / "data.npz", **arrays)
    with pytest.raises(ConfigError) as error:
        load_data(config)
    assert message in str(error.value)
    assert "`--dataset=data.npz`" in str(error.value)


def test_file_that_is_no_npz_is_refused(tmp_path):
    path = tmp_path / "data.npz"
    path.write_text("not a zip")
    with pytest.raises(ConfigError, match=r"must be an \.npz file as numpy\.savez"):
        load_data(Config(dataset=str(path)))


def test_pickled_objects_are_not_loaded(tmp_path):
    config = write_npz(
        tmp_path / "data.npz", x_train=np.array([{}, {}]), y_train=np.zeros(2, int)
    )
    with pytest.raises(ConfigError, match="without pickled objects"):
        load_data(config)


def test_split_that_leaves_nothing_is_refused(tmp_path):
    config = write_npz(tmp_path / "data.npz", x_train=X[:3], y_train=Y[:3])
    with pytest.raises(ConfigError, match=r"leave examples on both sides\. Received"):
        load_data(config)


def test_mnist_without_network_names_the_alternatives(monkeypatch):
    import keras

    def unreachable():
        raise Exception("URL fetch failure on https://...")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", unreachable)
    with pytest.raises(ConfigError) as error:
        load_data(Config(dataset="mnist"))
    assert str(error.value) == (
        "`--dataset=mnist` must be downloaded once by Keras. Received: URL fetch "
        "failure on https://. Give a copy of the file instead: "
        "--dataset=path/mnist.npz, or use --dataset=digits, which needs no network."
    )
