"""Writes folders of small images, as the user would have them."""

import keras
import numpy as np


def write_images(folder, classes, count, size=(6, 5), seed=0):
    """Writes `count` PNG files for each class; later classes are brighter."""
    random = np.random.default_rng(seed)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            image = random.integers(0, 100, (*size, 3)) + 150 * number / len(classes)
            path = folder / name / f"{i}.png"
            keras.utils.save_img(path, image, scale=False)
    return folder


def write_corrupt(path):
    """Writes the beginning of a PNG file, as an interrupted download leaves it."""
    good = path.parent / "good.png"
    keras.utils.save_img(good, np.zeros((20, 20, 3)), scale=False)
    path.write_bytes(good.read_bytes()[:50])
    good.unlink()
