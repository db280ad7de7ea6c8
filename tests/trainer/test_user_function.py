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
def generator():
    for i in range(0, 20, 5):
        yield X[i : i + 5], Y[i : i + 5]

def endless_generator():
    while True:
        yield X[:5], Y[:5]

def generators(): return {"train": generator(), "val": generator()}
def no_batches(): return iter(())
def broken_generator():
    yield X[:5], Y[:5]
    raise OSError("disk gone")

WEIGHTS = np.arange(20.0)
def weighted(): return X, Y, WEIGHTS
def weighted_parts(): return {"train": (X, Y, WEIGHTS), "val": (X[:6], Y[:6])}
def negative_weights(): return X, Y, WEIGHTS - 1
def few_weights(): return X, Y, WEIGHTS[:5]
def images_and_labels(): return {"images": X, "labels": Y}
def four(): return X, Y, X[:8], Y[:8]
def four_of_sklearn(): return X, X[:8], Y, Y[:8]
def targets(): return X, {"digit": Y, "even": Y % 2}
def inputs(): return {"train": ({"a": X, "b": Y}, Y), "test": ({"a": X, "b": Y}, Y)}
def uneven(): return {"a": X, "b": X[:5]}, Y
def wrong_names(): return {"photos": X, "answers": Y}
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
        ("images_and_labels", [16, 4, None]),
        ("four", [16, 4, 8]),
        ("four_of_sklearn", [16, 4, 8]),
        ("weighted", [16, 4, None]),
        ("weighted_parts", [20, 6, None]),
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "Received: None. Correct what my_data:nothing returns."),
        ("text", "Received: a str."),
        ("no_batches", "must return data with one batch at least. Received: an empty"),
        ("broken_generator", "must yield batches. Received: OSError: disk gone."),
        (
            "negative_weights",
            "finite weights of at least 0 in its part train.",
        ),
        (
            "few_weights",
            "of its part train. Received: float64 of shape [5] for",
        ),
        (
            "uneven",
            "must return arrays of one length in each of its parts. Received: 20 of "
            "x_train['a'], 5 of x_train['b'], 20 of y_train.",
        ),
        ("wrong_names", "Received: a dict of photos, answers."),
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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["generator", "generators"])
def test_generator_is_read_anew_in_each_epoch(name):
    data = load(name)
    assert data.target.num_classes == 4
    assert int(data.train.cardinality()) == 4
    for _ in range(2):
        x = np.concatenate([x for x, _ in data.train.as_numpy_iterator()])
        np.testing.assert_array_equal(x, np.arange(40.0).reshape(20, 2))
    assert (data.validation is not None) == (name == "generators")


def test_generator_without_an_end_needs_to_know_what_an_epoch_is():
    with pytest.raises(ConfigError) as error:
        load("endless_generator")
    assert str(error.value) == (
        "`--steps_per_epoch` must say what an epoch is, where a generator may have no "
        "end. Received: --dataset=my_data:endless_generator, of more than 10000 "
        "batches. For example --steps_per_epoch=100."
    )
    data = load("endless_generator", steps_per_epoch=3)
    assert int(data.train.cardinality()) == tf.data.INFINITE_CARDINALITY


def test_weights_go_with_their_examples():
    data = load("weighted")
    for part in (data.train, data.validation):
        x, _, weights = part.gather(tf.range(part.num_examples))
        # The first number of example i is 2 i, and its weight is i.
        np.testing.assert_array_equal(weights, x[:, 0] / 2)
    assert data.lines[1] == "Examples count in the loss by their weights."


def test_dicts_of_arrays_go_together():
    data = load("targets")
    assert (data.target, data.example_shape) == (None, None)
    assert counts(data) == [16, 4, None]
    x, y = data.train.gather(tf.range(16))
    np.testing.assert_array_equal(y["digit"], x[:, 0] // 2 % 4)
    np.testing.assert_array_equal(y["even"], y["digit"] % 2)
    x, _ = load("inputs").test.gather(tf.constant([3]))
    np.testing.assert_array_equal(x["a"], [[6, 7]])


def test_labels_of_data_without_end_are_not_waited_for():
    with pytest.raises(ConfigError, match="must say what an epoch is, where the data"):
        load("endless")
    assert load("endless", steps_per_epoch=4).target.num_classes == 4
