import numpy as np
import pytest

from trainer.data.validation_split import split_indices
from trainer.errors import ConfigError


def test_every_example_is_on_one_side():
    train, held_out = split_indices(np.arange(17) % 3, 0.3, stratify=True)
    # int(0.3 * 17) = 5.
    assert len(held_out) == 5
    assert sorted([*train, *held_out]) == list(range(17))


@pytest.mark.parametrize("seed", range(3))
def test_each_class_is_held_out_in_its_share(seed):
    y = np.random.default_rng(seed).choice(4, 1000, p=[0.7, 0.2, 0.07, 0.03])
    _, held_out = split_indices(y, 0.25, stratify=True)
    shares = np.bincount(y[held_out], minlength=4) - 0.25 * np.bincount(y)
    assert np.abs(shares).max() <= 1


def test_one_hot_rows_count_as_their_class():
    y = np.arange(40) % 4
    by_number = split_indices(y, 0.5, stratify=True)
    by_row = split_indices(np.eye(4)[y], 0.5, stratify=True)
    np.testing.assert_array_equal(by_number, by_row)


def test_numbers_are_split_at_random_and_the_same_each_time():
    first = split_indices(np.linspace(0, 1, 50), 0.2, stratify=False)
    second = split_indices(np.linspace(0, 1, 50), 0.2, stratify=False)
    np.testing.assert_array_equal(first[1], second[1])
    assert list(first[1]) != list(range(10))


@pytest.mark.parametrize(("count", "share"), [(3, 0.2), (1, 0.0001)])
def test_split_that_leaves_nothing_is_refused(count, share):
    with pytest.raises(ConfigError, match=r"leave examples on both sides\. Received"):
        split_indices(np.zeros(count), share, stratify=True)
