"""The size of images that come from a folder, and whether they are kept in memory."""

import math
from collections.abc import Mapping

import numpy as np

from trainer.data.examples import ArrayExamples, ImageFiles
from trainer.data.images.image_folder import Folder
from trainer.data.networks import default_image_size

# Images of one size stay as they are up to this many pixels a side.
_LARGEST_KEPT_SIZE = 128
# Small enough to train on a laptop, large enough to tell cats from dogs.
_DEFAULT_SIZE = 64
# How much memory images may take unless --cache_images says otherwise.
_MAX_CACHED_BYTES = 1 << 30


def choose_image_size(
    folder: Folder, *, image_size: tuple[int, int] | None, model: str
) -> tuple[tuple[int, int], str]:
    """Chooses height and width for all images.

    Args:
        image_size: --image_size; None chooses what `model` was made for, or the size
            that all images have.

    Returns:
        The size, and a line that tells the user of it.
    """
    size = image_size or _default_size(model, folder.sizes)
    smallest, largest = folder.sizes.min(axis=0), folder.sizes.max(axis=0)
    sizes = f"{smallest[0]} x {smallest[1]}"
    if (smallest != largest).any():
        sizes += f" to {largest[0]} x {largest[1]}"
    line = f"Images of {sizes} pixels"
    if (smallest != largest).any() or tuple(smallest) != size:
        line += f", resized to {size[0]} x {size[1]}"
    if folder.num_skipped:
        line += f"; {folder.num_skipped} that cannot be read are left out"
    return size, f"{line}."


def image_examples(
    folder: Folder, size: tuple[int, int], *, is_cached: bool | None
) -> Mapping[str, ArrayExamples | ImageFiles]:
    """Makes examples of the images of each part.

    Args:
        size: Height and width.
        is_cached: Whether they are kept in memory, or read whenever they are needed.
            None keeps them if they fit.
    """
    parts = {
        part: ImageFiles(
            paths, folder.labels[part], size=size, channels=folder.channels
        )
        for part, paths in folder.paths.items()
    }
    num_bytes = len(folder.sizes) * math.prod(size) * folder.channels
    if is_cached is None:
        is_cached = num_bytes <= _MAX_CACHED_BYTES
    if not is_cached:
        return parts
    return {part: images.decoded() for part, images in parts.items()}


def _default_size(model: str, sizes: np.ndarray) -> tuple[int, int]:
    if (of_network := default_image_size(model)) is not None:
        return of_network
    height, width = sizes[0].tolist()
    if (sizes == sizes[0]).all() and max(height, width) <= _LARGEST_KEPT_SIZE:
        return height, width
    return _DEFAULT_SIZE, _DEFAULT_SIZE
