import numpy as np
import pytest

from trainer.data.origin import Origin
from trainer.data.target import Target, encode_labels, find_target
from trainer.errors import ConfigError

ORIGIN = Origin("--dataset=data", "Correct it.")


def target_of(y, **settings):
    return find_target({"y_train": np.asarray(y)}, ORIGIN, **settings)


@pytest.mark.parametrize(
    ("y", "target"),
    [
        ([0, 1, 2, 1], Target("classes", 3)),
        ([[0], [2], [1]], Target("classes", 3)),
        ([0, 1, 1], Target("binary", 1)),
        ([True, False], Target("binary", 1)),
        ([0.0, 1.0, 1.0], Target("binary", 1)),
        ([[0, 1, 0], [1, 0, 0]], Target("one_hot", 3)),
        ([[0.0, 1.0], [1.0, 0.0]], Target("one_hot", 2)),
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
