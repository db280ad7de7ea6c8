"""The size of images that come from a folder, and whether they are kept in memory."""

import math
from collections.abc import Mapping

import numpy as np

from trainer.data.examples import ArrayExamples
from trainer.data.images.find_images import list_files
from trainer.data.images.image_files import ImageFiles
from trainer.data.images.image_folder import Folder, corrupt_error
from trainer.data.images.read_image import in_parallel, is_readable
from trainer.data.networks import default_image_size
from trainer.data.origin import Origin

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
    return size, f"{line}."


def image_examples(
    folder: Folder,
    size: tuple[int, int],
    origin: Origin,
    *,
    is_cached: bool | None,
    skip_corrupt: bool,
) -> tuple[Mapping[str, ArrayExamples | ImageFiles], str]:
    """Makes examples of the images of each part; reads each, to know that it can be.

    Args:
        size: Height and width.
        is_cached: Whether they are kept in memory, or read whenever they are needed.
            None keeps them if they fit.
        skip_corrupt: Leave out what cannot be read, instead of refusing it.

    Returns:
        The examples, and a line about what was left out, for the user to read.

    Raises:
        ConfigError: Some cannot be read.
    """
    num_bytes = len(folder.sizes) * math.prod(size) * folder.channels
    if is_cached is None:
        is_cached = num_bytes <= _MAX_CACHED_BYTES
    parts: dict[str, ArrayExamples | ImageFiles] = {}
    corrupt = list(folder.corrupt)
    for part, paths in folder.paths.items():
        files = ImageFiles(
            paths, folder.labels[part], size=size, channels=folder.channels
        )
        if is_cached:
            parts[part], found = files.decoded()
        else:
            is_good = np.array(list(in_parallel(is_readable, paths)), bool)
            parts[part] = files.subset(np.flatnonzero(is_good))
            found = [paths[i] for i in np.flatnonzero(~is_good)]
        corrupt += found
    if corrupt and not skip_corrupt:
        num_files = len(folder.corrupt) + len(folder.sizes)
        raise corrupt_error(corrupt, num_files, origin)
    line = ""
    if corrupt:
        line = f"Left out: {len(corrupt)} that cannot be read: {list_files(corrupt)}."
    return parts, line


def _default_size(model: str, sizes: np.ndarray) -> tuple[int, int]:
    if (of_network := default_image_size(model)) is not None:
        return of_network
    height, width = sizes[0].tolist()
    if (sizes == sizes[0]).all() and max(height, width) <= _LARGEST_KEPT_SIZE:
        return height, width
    return _DEFAULT_SIZE, _DEFAULT_SIZE
