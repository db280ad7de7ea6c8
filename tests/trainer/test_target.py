import numpy as np
import pytest

from trainer.data.find_target import find_target
from trainer.data.origin import Origin
from trainer.data.target import Target, encode_labels
from trainer.errors import ConfigError

ORIGIN = Origin("--dataset=data", "Correct it.")


def target_of(y, **settings):
    return find_target({"y_train": np.asarray(y)}, ORIGIN, **settings)


@pytest.mark.parametrize(
    ("y", "target"),
    [
        ([0, 1, 2, 1], Target("classes", 3)),
        ([[0], [2], [1], [0]], Target("classes", 3)),
        ([0, 1, 1], Target("binary", 1)),
        ([True, False], Target("binary", 1)),
        ([0.0, 1.0, 1.0], Target("binary", 1)),
        ([[0, 1, 0], [1, 0, 0]], Target("one_hot", 3)),
        ([[0.0, 1.0], [1.0, 0.0]], Target("one_hot", 2)),
        ([[0, 1, 1], [0, 0, 0]], Target("labels", 3)),
        ([0.0, 1.0, 2.0] * 5, Target("classes", 3)),
        ([0.5, 1.5], Target("numbers", 1, mean=(1.0,), scale=(0.5,))),
        (
            [[0.0, 3.0], [2.0, 3.0]],
            Target("numbers", 2, mean=(1.0, 3.0), scale=(1.0, 1.0)),
        ),
    ],
)
def test_labels_tell_what_is_to_be_predicted(y, target):
    assert target_of(y) == target


def test_whole_numbers_can_be_quantities():
    target = target_of([10, 30], task="regression")
    assert target == Target("numbers", 1, mean=(20.0,), scale=(10.0,))


def test_floats_can_be_classes():
    assert target_of([0.0, 2.0, 1.0], task="classification") == Target("classes", 3)


def test_floats_that_are_not_whole_are_no_classes():
    with pytest.raises(ConfigError, match="must hold one whole number per example"):
        target_of([0.0, 0.5], task="classification")


@pytest.mark.parametrize(
    ("y", "values"),
    [
        ([1, 5, 2, 3, 4, 1, 5], (1, 2, 3, 4, 5)),
        ([-1, 1, 1], (-1, 1)),
        ([2, 4, 2], (2, 4)),
        (["dog", "cat", "fox", "cat"], ("cat", "dog", "fox")),
    ],
)
def test_labels_that_do_not_begin_at_0_are_numbered_in_their_order(y, values):
    target = target_of(y)
    assert (target.num_classes, target.values) == (len(values), values)
    assert target.class_names == tuple(map(str, values))
    encoded = encode_labels(np.array(y), target)
    assert [values[number] for number in encoded] == y


def test_numbers_that_a_model_expects_are_kept():
    target = target_of([1, 5, 2, 3, 4, 1], keep_numbers=True)
    assert (target.num_classes, target.values) == (6, ())
    with pytest.raises(ConfigError, match=r"labels from 0 in y_train. Received: -1"):
        target_of([-1, 1, 1], keep_numbers=True)


@pytest.mark.parametrize(
    "y",
    [
        # Counts leave gaps, or have too few examples of each.
        [0.0, 1.0, 3.0] * 5,
        [0.0, 1.0, 2.0] * 4,
        [10.0, 11.0] * 9,
    ],
)
def test_whole_floats_that_number_no_classes_are_quantities(y):
    assert target_of(y).kind == "numbers"


@pytest.mark.parametrize(("num_classes", "count"), [(3, 3), (11, 20)])
def test_as_many_classes_as_examples_are_refused_unless_asked_for(num_classes, count):
    y = np.arange(count) % num_classes
    with pytest.raises(ConfigError) as error:
        target_of(y)
    assert f"Received: {num_classes} classes of {count} examples." in str(error.value)
    assert target_of(y, task="classification") == Target("classes", num_classes)


def test_rows_of_several_labels_have_a_loss_for_each():
    target = target_of([[0, 1, 1], [1, 0, 0], [0, 0, 0]])
    assert (target.activation, target.loss) == ("sigmoid", "binary_crossentropy")
    assert target.metrics == ("binary_accuracy",)
    assert str(target) == "3 labels, each yes or no"


def test_names_tell_the_number_of_classes():
    target = target_of([0, 2, 0], class_names=["a", "b", "c", "d"])
    assert (target.num_classes, target.class_names) == (4, ("a", "b", "c", "d"))


def test_one_named_class_is_refused_by_its_name():
    with pytest.raises(ConfigError, match=r"two classes at least\. Received: cats for"):
        target_of([0, 0], class_names=["cats"])


@pytest.mark.parametrize(
    ("kind", "y", "encoded"),
    [
        ("classes", [[3.0], [1.0]], np.array([3, 1], np.int32)),
        ("binary", [True, False], np.array([1, 0], np.int32)),
        ("one_hot", [[0, 1]], np.array([[0, 1]], np.float32)),
        ("numbers", [[3], [1]], np.array([3, 1], np.float32)),
    ],
)
def test_labels_are_what_the_loss_takes(kind, y, encoded):
    found = encode_labels(np.array(y), Target(kind, 2))
    np.testing.assert_array_equal(found, encoded)
    assert found.dtype == encoded.dtype


def test_names_of_classes_are_no_quantities():
    with pytest.raises(ConfigError) as error:
        find_target(
            {"y_train": np.array([0, 1])},
            ORIGIN,
            task="regression",
            class_names=("cats", "dogs"),
        )
    assert "Received: classes with names, such as cats. Leave --task out." in str(
        error.value
    )
