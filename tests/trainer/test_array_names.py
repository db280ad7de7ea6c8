import pytest

from trainer.data.array_names import name_arrays
from trainer.data.origin import Origin
from trainer.errors import ConfigError

ORIGIN = Origin("--dataset=data.npz", "Write it again.")


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        (["x_train", "y_train", "x_test", "y_test"], None),
        (["x", "y"], ["x_train", "y_train"]),
        (["X_train", "Y_train"], ["x_train", "y_train"]),
        (["trainX", "trainY", "testX"], ["x_train", "y_train", "x_test"]),
        (["train_images", "val_labels"], ["x_train", "y_val"]),
        (["images", "labels", "sample_weight"], ["x_train", "y_train", "w_train"]),
        (["data", "target"], ["x_train", "y_train"]),
        (["arr_0", "arr_1"], ["x_train", "y_train"]),
        (
            ["arr_1", "arr_0", "arr_2", "arr_3"],
            ["y_train", "x_train", "x_test", "y_test"],
        ),
    ],
)
def test_arrays_are_known_by_the_names_that_people_give_them(names, meant):
    found, line = name_arrays(names, ORIGIN)
    assert found == dict(zip(meant or names, names, strict=True))
    assert bool(line) == (meant is not None)


def test_what_was_renamed_and_left_out_is_said():
    _, line = name_arrays(["X", "y_train", "class_names"], ORIGIN)
    assert line == (
        "Arrays are taken by their names: X as x_train. Left out: class_names."
    )


def test_two_arrays_of_one_meaning_are_refused():
    with pytest.raises(ConfigError) as error:
        name_arrays(["x", "x_train", "y"], ORIGIN)
    assert str(error.value) == (
        "`--dataset=data.npz` must hold one array that means x_train. Received: x and "
        "x_train. Call the right one x_train, and leave the other out."
    )
