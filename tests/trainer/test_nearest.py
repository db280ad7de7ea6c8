import pytest

from trainer.nearest import nearest

NAMES = ["mnist", "ResNet50", "learning_rate", "batch_size", "cosine"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("MNIST", "mnist"),
        ("resnet50", "ResNet50"),
        ("lr", "learning_rate"),
        ("BS", "batch_size"),
        ("cosin", "cosine"),
    ],
)
def test_name_that_was_meant_is_suggested(word, meant):
    assert nearest(word, NAMES) == f" (did you mean {meant}?)"


def test_nothing_is_suggested_where_nothing_is_near():
    assert nearest("xyz", NAMES) == ""
