import numpy as np
import pytest
import tensorflow as tf

from trainer.data.augmentation import augment_images
from trainer.settings.data import AUGMENTATIONS

IMAGES = tf.random.stateless_uniform([64, 9, 8, 2], [0, 1])
SEED = tf.constant([3, 4])


def augmented(kinds, seed=SEED):
    return augment_images(IMAGES, kinds, seed).numpy()


@pytest.mark.parametrize("kind", AUGMENTATIONS)
def test_every_kind_changes_images_and_stays_within_range(kind):
    changed = augmented([kind])
    assert changed.shape == IMAGES.shape
    assert not np.allclose(changed, IMAGES, atol=1e-3)
    assert changed.min() >= 0 and changed.max() <= 1


@pytest.mark.parametrize(("kind", "axis"), [("flip", 2), ("flip_vertical", 1)])
def test_flip_mirrors_about_half_of_the_images_exactly(kind, axis):
    changed, images = augmented([kind]), IMAGES.numpy()
    same = np.isclose(changed, images, atol=1e-6).all(axis=(1, 2, 3))
    mirrored = np.isclose(changed, np.flip(images, axis), atol=1e-6)
    mirrored = mirrored.all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    # 64 throws of a coin give less than 16 or more than 48 heads once in 10,000 seeds.
    assert 16 <= mirrored.sum() <= 48


def test_shift_moves_by_a_tenth_at_most():
    images = np.zeros((50, 21, 21, 1), np.float32)
    images[:, 10, 10] = 1
    moved = augment_images(tf.constant(images), ["shift"], SEED).numpy()
    weights = moved[..., 0] / moved.sum(axis=(1, 2, 3))[:, None, None]
    rows = (weights.sum(axis=2) * np.arange(21)).sum(axis=1) - 10
    columns = (weights.sum(axis=1) * np.arange(21)).sum(axis=1) - 10
    for offsets in (rows, columns):
        assert np.abs(offsets).max() <= 2.1 + 1e-4
        assert offsets.std() > 0.8


def test_rotation_turns_about_the_middle():
    images = np.zeros((50, 21, 21, 1), np.float32)
    images[:, 10, 10] = 1
    turned = augment_images(tf.constant(images), ["rotate"], SEED).numpy()
    np.testing.assert_allclose(turned[:, 10, 10], 1, atol=1e-5)


def test_same_seed_same_images():
    np.testing.assert_array_equal(augmented(AUGMENTATIONS), augmented(AUGMENTATIONS))
    other = augmented(AUGMENTATIONS, tf.constant([3, 5]))
    assert not np.allclose(other, augmented(AUGMENTATIONS))


def test_each_image_changes_by_itself():
    images = tf.tile(IMAGES[:1], [8, 1, 1, 1])
    changed = augment_images(images, ["brightness"], SEED).numpy()
    assert len(np.unique(changed.mean(axis=(1, 2, 3)))) == 8
