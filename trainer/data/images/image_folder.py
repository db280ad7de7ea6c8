"""Reads images in folders, one folder for each class."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from trainer.data.images.find_images import find_images, list_files
from trainer.data.images.read_image import FORMATS_TEXT
from trainer.data.origin import Origin
from trainer.errors import ConfigError


@dataclasses.dataclass(frozen=True)
class Folder:
    """The images of a folder, in the order of their names.

    Attributes:
        paths: Files by part: "train" and, if there are such folders, "val" and "test".
        labels: The number of each file's class, by part; int32.
        class_names: The classes, sorted.
        sizes: Height and width of every image, all parts together: `[n, 2]`.
        channels: 1 where all images are grey, else 3.
        corrupt: Files that are called images and are none that can be read.
        notes: What was left out, for the user to read.
    """

    paths: Mapping[str, list[str]]
    labels: Mapping[str, np.ndarray]
    class_names: tuple[str, ...]
    sizes: np.ndarray
    channels: int
    corrupt: tuple[str, ...]
    notes: tuple[str, ...]


def read_folder(path: str, origin: Origin) -> Folder:
    """Lists the images and their sizes.

    Raises:
        ConfigError: There are no images, or of one class only, or none can be read.
    """
    found = find_images(path, origin)
    every = [file for pairs in found.files.values() for _, file in pairs]
    shapes = [found.shapes[file] for file in every]
    corrupt = tuple(file for file in every if found.shapes[file] is None)
    if len(corrupt) == len(every):
        raise corrupt_error(list(corrupt), len(every), origin)
    files = {
        part: [pair for pair in pairs if found.shapes[pair[1]] is not None]
        for part, pairs in found.files.items()
    }
    dims = np.array([shape for shape in shapes if shape is not None])
    return Folder(
        paths={part: [file for _, file in pairs] for part, pairs in files.items()},
        labels={
            part: np.array(
                [found.class_names.index(name) for name, _ in pairs], np.int32
            )
            for part, pairs in files.items()
        },
        class_names=found.class_names,
        sizes=dims[:, :2],
        channels=1 if (dims[:, 2] == 1).all() else 3,
        corrupt=corrupt,
        notes=found.notes,
    )


def corrupt_error(corrupt: list[str], num_files: int, origin: Origin) -> ConfigError:
    """Builds the error that names files that cannot be read."""
    return origin.error(
        f"must hold images that can be read ({FORMATS_TEXT})",
        f"{len(corrupt)} of {num_files} that cannot: {list_files(corrupt)}",
        "Replace them, or add --skip_corrupt_images to leave them out.",
    )
