import dataclasses

import numpy as np
import pytest

from trainer.data.loading import load_data
from trainer.errors import ConfigError
from trainer.settings.config import Config

X, Y = np.zeros((6, 2)), np.arange(6) % 2
WITH_NAN = np.where(np.arange(12).reshape(6, 2) == 5, np.nan, 0.0)


def write_npz(path, **arrays):
    np.savez(path, **arrays)
    return Config(dataset=str(path))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"x_train": X, "answers": Y},
            "must hold x_train and y_train. Received: x_train, answers. Write the file "
            "again with numpy.savez(path, x_train=..., y_train=...).",
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
            {"x_train": X, "y_train": np.full((6, 10), 2)},
            "must hold one whole number per example, or one-hot rows, in y_train. "
            "Received: int64 of shape [6, 10]. For numbers to predict add "
            "--task=regression.",
        ),
        (
            {"x_train": X, "y_train": np.array([5, 9, 90, 5, 9, 90])},
            "without large gaps. Received: 3 different labels, the highest 90.",
        ),
        (
            {
                "x_train": X,
                "y_train": np.array([3, 4] * 3),
                "x_val": X,
                "y_val": 3 + 2 * Y,
            },
            "must hold no label in y_val that y_train lacks. Received: 5.",
        ),
        (
            {"x_train": X, "y_train": np.arange(6)},
            "must hold several examples of a class. Received: 6 classes of 6 examples. "
            "Add --task=regression for numbers to predict, choose another "
            "--target_column of a table, or add --task=classification.",
        ),
        (
            {"x_train": X, "y_train": np.array([0, 1, 9, 0, 1, 0])},
            "must number the classes from 0 without large gaps. Received: 3 different "
            "labels, the highest 9. Number them anew, or add --task=regression if they "
            "are quantities.",
        ),
        (
            {"x_train": X, "y_train": np.zeros(6, int)},
            "must hold examples of two classes at least. Received: 0 for all.",
        ),
        (
            {"x_train": WITH_NAN, "y_train": Y},
            "must hold finite numbers in x_train. Received: NaN or infinity in 1 of 6 "
            "examples, first in example 2. Leave these examples out, or fill the gaps.",
        ),
        (
            {"x_train": X, "y_train": WITH_NAN[:, 1]},
            "must hold finite numbers in y_train. Received: nan for example 2.",
        ),
        (
            {
                "x_train": X,
                "y_train": Y,
                "x_test": X,
                "y_test": np.array([0, 1, 2] * 2),
            },
            "must hold no label in y_test that is above those trained with. Received: "
            "2, where the highest of these is 1.",
        ),
        (
            {"x_train": X, "y_train": np.eye(2)[Y], "x_val": X, "y_val": Y},
            "must hold the same kind of labels in all its parts: y_val differs. "
            "Received: shape [6, 2] in the first, [6].",
        ),
        (
            {"x_train": X + 1e39, "y_train": Y},
            "must hold finite numbers in x_train. Received: NaN or infinity in 6 of 6",
        ),
        (
            {"x_train": X, "y_train": Y * 1e39},
            "must hold finite numbers in y_train. Received: 1e+39 for example 1.",
        ),
        (
            {"x_train": X * 1j, "y_train": Y},
            "must hold numbers of shape [n, ...] in x_train, n > 0. Received: "
            "complex128 of shape [6, 2].",
        ),
        (
            {"x_train": X, "y_train": Y * 1j},
            "must hold one number, or one row of numbers, per example in y_train. "
            "Received: complex128 of shape [6].",
        ),
        (
            {"x_train": np.array(["a"] * 6), "y_train": Y},
            "must hold numbers of shape [n, ...] in x_train, n > 0. Received: <U1 of "
            "shape [6].",
        ),
        (
            {"x_train": X, "y_train": np.array(["a"] * 6)},
            "must hold examples of two classes at least. Received: a for all.",
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


def test_array_alone_is_no_npz(tmp_path):
    path = tmp_path / "data.npz"
    with path.open("wb") as file:
        np.save(file, X)
    with pytest.raises(ConfigError, match=r"must be an \.npz file as numpy\.savez"):
        load_data(Config(dataset=str(path)))


def test_suffix_may_be_in_capitals(tmp_path):
    path = tmp_path / "DATA.NPZ"
    with path.open("wb") as file:
        np.savez(file, x_train=X, y_train=Y)
    config = Config(dataset=str(path), validation_split=0.5)
    assert load_data(config).train.num_examples == 3


def test_pickled_objects_are_not_loaded(tmp_path):
    config = write_npz(
        tmp_path / "data.npz", x_train=np.array([{}, {}]), y_train=np.zeros(2, int)
    )
    with pytest.raises(ConfigError, match="without pickled objects"):
        load_data(config)


def test_channels_that_come_first_are_put_last(tmp_path):
    x = np.arange(6 * 3 * 5 * 6).reshape(6, 3, 5, 6)
    config = write_npz(tmp_path / "data.npz", x_train=x, y_train=Y)
    data = load_data(dataclasses.replace(config, validation_split=0.0))
    assert data.example_shape == (5, 6, 3)
    np.testing.assert_array_equal(data.train.x[2, 4, 1], x[2, :, 4, 1])
    assert data.lines[1] == (
        "The channels of the images came first and are put last: 5 x 6 x 3."
    )


def test_floats_that_number_classes_are_said(tmp_path):
    config = write_npz(
        tmp_path / "data.npz", x_train=np.zeros((15, 2)), y_train=np.arange(15) % 3.0
    )
    data = load_data(config)
    assert data.target.num_classes == 3
    assert data.lines[1] == (
        "Labels are whole floats that number classes; see --task=regression."
    )


@pytest.mark.parametrize("content", [b"", b"x,y\n1,2\n", b"\x93NUMPY"])
def test_file_that_savez_did_not_write_is_called_so(tmp_path, content):
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        load_data(Config(dataset=str(path)))
    assert str(error.value) == (
        "`--dataset` must be an .npz file as numpy.savez writes it, without pickled "
        f"objects. Received: --dataset={path}: not the zip archive that this makes. "
        "Write it again with numpy.savez."
    )


def test_only_numbers_of_classes_are_called_so(tmp_path):
    note = "Labels are whole floats that number classes; see --task=regression."
    x, y = np.zeros((20, 2)), np.arange(20) % 2
    numbers = load_data(write_npz(tmp_path / "a.npz", x_train=x, y_train=y * 1.0))
    one_hot = load_data(write_npz(tmp_path / "b.npz", x_train=x, y_train=np.eye(2)[y]))
    assert note in numbers.lines
    assert note not in one_hot.lines
