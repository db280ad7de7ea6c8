import keras
import numpy as np
import pytest
import tensorflow as tf

from trainer.data.loading import load_data
from trainer.errors import ConfigError
from trainer.settings.config import Config

MODULE = """
import keras
import numpy as np
import tensorflow as tf

X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 4

def pair(): return X, Y
def like_keras(): return (X, Y), (X[:8], Y[:8])
def three(): return (X, Y), (X[:6], Y[:6]), (X[:8], Y[:8])
def named(): return {"x_train": X, "y_train": Y, "x_val": X[:6], "y_val": Y[:6]}
def parts(): return {"train": (X, Y), "validation": (X[:6], Y[:6])}
def dataset(): return tf.data.Dataset.from_tensor_slices((X, Y)).batch(5)
def two_datasets(): return dataset(), dataset().take(1)
def mixed(): return {"train": dataset(), "test": (X[:8], Y[:8])}

class Batches(keras.utils.PyDataset):
    def __len__(self): return 4
    def __getitem__(self, i): return X[5 * i : 5 * i + 5], Y[5 * i : 5 * i + 5]

def py_dataset(): return Batches()

class Lengthless(keras.utils.PyDataset):
    def __getitem__(self, i): return X[:5], Y[:5]

def lengthless(): return Lengthless()

def endless_test(): return {"train": dataset(), "test": dataset().repeat()}
def endless(): return dataset().repeat()
def single(): return tf.data.Dataset.from_tensor_slices((X, Y))
def many(): return [(x, y) for x, y in zip(X, Y)]

def breaks():
    def generate():
        yield X[:5], Y[:5]
        raise OSError("disk gone")
    specs = tf.TensorSpec((None, 2), tf.float64), tf.TensorSpec((None,), tf.int64)
    return tf.data.Dataset.from_generator(generate, output_signature=specs)

def nothing(): return None
def text(): return "data.npz"
def generator(): return (batch for batch in dataset())
def wrong_names(): return {"images": X, "labels": Y}
def only_test(): return {"test": (X, Y)}
def no_labels(): return tf.data.Dataset.from_tensor_slices(X).batch(5)
def empty(): return dataset().take(0)
def with_nan(): return X * np.nan, Y
def nan_batches(): return tf.data.Dataset.from_tensor_slices((X * np.nan, Y)).batch(5)
"""


@pytest.fixture(autouse=True)
def module(user_module):
    user_module("my_data", MODULE)


def load(name, **settings):
    return load_data(Config(dataset=f"my_data:{name}", **settings))


def counts(data):
    return [
        part and part.num_examples for part in (data.train, data.validation, data.test)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pair", [16, 4, None]),
        ("like_keras", [16, 4, 8]),
        ("three", [20, 6, 8]),
        ("named", [20, 6, None]),
        ("parts", [20, 6, None]),
    ],
)
def test_arrays_come_in_every_usual_form(name, expected):
    data = load(name)
    assert counts(data) == expected
    assert data.target.num_classes == 4
    assert data.example_shape == (2,)


@pytest.mark.parametrize("name", ["dataset", "py_dataset", "two_datasets", "mixed"])
def test_pipelines_stay_what_they_are(name):
    data = load(name)
    assert isinstance(data.train, tf.data.Dataset | keras.utils.PyDataset)
    assert data.target.num_classes == 4
    assert data.example_shape == (2,)
    assert (data.validation is not None) == (name == "two_datasets")
    if name == "mixed":
        ((x, y),) = data.test
        assert (x.shape, y.shape) == ((8, 2), (8,))


def test_any_dataset_of_keras_can_be_named(monkeypatch):
    arrays = (np.zeros((10, 13)), np.linspace(5, 50, 10))
    monkeypatch.setattr(
        keras.datasets.california_housing, "load_data", lambda: (arrays, arrays)
    )
    data = load_data(Config(dataset="keras.datasets.california_housing:load_data"))
    assert data.target.kind == "numbers"
    assert counts(data) == [8, 2, 10]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "Received: None. Correct what my_data:nothing returns."),
        ("text", "Received: a str."),
        ("generator", "Received: a generator."),
        ("wrong_names", "Received: a dict of images, labels."),
        ("only_test", "Received: a dict of test."),
        (
            "no_labels",
            "must yield batches (x, y) or (x, y, sample_weight). Received: a ndarray.",
        ),
        ("empty", "must return data with one batch at least. Received: an empty one."),
        (
            "endless_test",
            "must return test data that ends, because all of it is evaluated. "
            "Received: test data without an end. Use dataset.take(n), for example.",
        ),
        (
            "single",
            "must yield batches (x, y). Received: single examples. Use "
            "dataset.batch(32), for example.",
        ),
        ("many", "a list of (tuple, tuple, tuple, tuple, tuple, ... 20 in all)."),
        ("breaks", "must yield batches. Received: UnknownError: OSError: disk gone."),
        ("lengthless", "must say in `__len__` how many batches it has. Received: "),
        ("with_nan", "finite numbers in x_train. Received: NaN or infinity in 20 of"),
        ("nan_batches", "must yield finite numbers. Received: NaN or infinity in the"),
    ],
)
def test_function_that_returns_the_wrong_thing_is_refused(name, message):
    with pytest.raises(ConfigError) as error:
        load(name)
    assert str(error.value).startswith(f"`--dataset=my_data:{name}` must ")
    assert message in str(error.value)


def test_labels_of_data_without_end_are_not_waited_for():
    with pytest.raises(ConfigError, match="must say what an epoch is, where the data"):
        load("endless")
    assert load("endless", steps_per_epoch=4).target.num_classes == 4
