"""Reads images in folders, one folder for each class."""

import dataclasses
import mimetypes
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import tensorflow as tf

from trainer.data.examples import decode_image
from trainer.data.origin import Origin

# What tf.io.decode_image reads.
_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp")
_FORMATS = "PNG, JPEG, WebP, BMP, GIF"
# Only what Python knows, so that it is the same on every machine.
_MIME_TYPES = mimetypes.MimeTypes()
_PART_NAMES = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test",),
}
# The longest header of a BMP, and after it 256 colours of 4 bytes.
_BMP_HEAD_BYTES = 14 + 124 + 4 * 256
# A message lists at most this many files.
_NUM_NAMED = 5


@dataclasses.dataclass(frozen=True)
class Folder:
    """The images of a folder, in the order of their names.

    Attributes:
        paths: Files by part: "train" and, if there are such folders, "val" and "test".
        labels: The number of each file's class, by part; int32.
        class_names: The classes, sorted.
        sizes: Height and width of every image, all parts together: `[n, 2]`.
        channels: 1 where all images are grey, else 3.
        num_skipped: How many files could not be read and were left out.
    """

    paths: Mapping[str, list[str]]
    labels: Mapping[str, np.ndarray]
    class_names: tuple[str, ...]
    sizes: np.ndarray
    channels: int
    num_skipped: int


def read_folder(path: str, origin: Origin, *, skip_corrupt: bool) -> Folder:
    """Lists the images, and reads each once to know that it can be read.

    In `path` are the folders of the classes; or train/ and, if there are such parts,
    validation/ (or val/) and test/, with the folders of the classes in each.

    Args:
        skip_corrupt: Leave out what cannot be read, instead of refusing it.

    Raises:
        ConfigError: There are no images, or of one class only, or some cannot be read.
    """
    files = {
        part: list(_list_images(folder))
        for part, folder in _find_parts(pathlib.Path(path)).items()
    }
    class_names = sorted({name for name, _ in files["train"]})
    _check_classes(files, class_names, origin)
    every = [file for part in files.values() for _, file in part]
    shapes = _read_shapes(every)
    corrupt = [file for file in every if file not in shapes]
    if corrupt and not skip_corrupt:
        raise _corrupt_error(corrupt, len(every), origin)
    files = {
        part: [pair for pair in pairs if pair[1] in shapes]
        for part, pairs in files.items()
    }
    _check_classes(files, class_names, origin)
    dims = np.array(list(shapes.values()))
    return Folder(
        paths={part: [file for _, file in pairs] for part, pairs in files.items()},
        labels={
            part: np.array([class_names.index(name) for name, _ in pairs], np.int32)
            for part, pairs in files.items()
        },
        class_names=tuple(class_names),
        sizes=dims[:, :2],
        channels=1 if (dims[:, 2] == 1).all() else 3,
        num_skipped=len(corrupt),
    )


def _find_parts(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    children = {child.name.lower(): child for child in _folders(folder)}
    parts = {
        part: children[name]
        for part, names in _PART_NAMES.items()
        for name in names
        if name in children
    }
    # Beside other folders these are classes that happen to have such names.
    return (
        parts if "train" in parts and len(parts) == len(children) else {"train": folder}
    )


def _folders(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(
        child
        for child in folder.iterdir()
        if child.is_dir() and not child.name.startswith(".")
    )


def _list_images(folder: pathlib.Path) -> Iterator[tuple[str, str]]:
    """Yields (class, file) of every image, in the same order on every machine."""
    for child in _folders(folder):
        visited = set()
        for parent, folders, names in os.walk(child, followlinks=True):
            # A link may lead back to a folder around it.
            if (real := os.path.realpath(parent)) in visited:
                folders.clear()
                continue
            visited.add(real)
            folders.sort()
            for name in sorted(names):
                if _is_image(name):
                    yield child.name, os.path.join(parent, name)


def _is_image(name: str) -> bool:
    """Tells whether a file has the name of an image, also of a format not read here."""
    if name.startswith("."):
        return False
    kind, _ = _MIME_TYPES.guess_type(name)
    return name.lower().endswith(_SUFFIXES) or str(kind).startswith("image/")


def _check_classes(
    files: Mapping[str, Sequence[tuple[str, str]]],
    class_names: Sequence[str],
    origin: Origin,
) -> None:
    for part, pairs in files.items():
        if not pairs:
            where = (
                "" if part == "train" and len(files) == 1 else f" in its part {part}"
            )
            raise origin.error(
                f"must hold one folder of images ({_FORMATS}) for each class{where}",
                "no image",
            )
        unknown = {name for name, _ in pairs} - set(class_names)
        if unknown:
            raise origin.error(
                "must hold the same classes in all its parts",
                f"{sorted(unknown)[0]} in {part}, which train does not have",
            )
    with_images = {name for name, _ in files["train"]}
    if len(with_images) < 2:
        raise origin.error(
            "must hold images of two classes at least, one folder each",
            f"{len(files['train'])} images of {class_names[0]} alone",
        )


def _read_shapes(files: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Reads height, width and channels of the files that can be read, by file."""

    def look_at(i: tf.Tensor, path: tf.Tensor) -> tuple[tf.Tensor, ...]:
        contents = tf.io.read_file(path)
        shape = tf.shape(decode_image(contents, channels=0))
        return i, shape, tf.strings.substr(contents, 0, _BMP_HEAD_BYTES)

    found = (
        tf.data.Dataset.from_tensor_slices(list(files))
        .enumerate()
        .map(look_at, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .ignore_errors()
    )
    return {
        files[i]: tuple(shape.tolist())
        for i, shape, head in found.as_numpy_iterator()
        if not _has_palette(head)
    }


def _has_palette(head: bytes) -> bool:
    """Tells whether a file is a BMP whose pixels are places in a list of colours.

    TensorFlow would take the places for greys. That is right where the list is that of
    the greys 0 to 255, which most programs write for a grey image.

    Args:
        head: The first bytes of the file.
    """
    if head[:2] != b"BM" or int.from_bytes(head[28:30], "little") != 8:
        return False
    start = 14 + int.from_bytes(head[14:18], "little")
    num_colors = int.from_bytes(head[46:50], "little") or 256
    colors = np.frombuffer(head[start : start + 4 * num_colors], np.uint8)
    blue_green_red = colors.reshape(-1, 4)[:, :3]
    return bool((blue_green_red != np.arange(len(blue_green_red))[:, np.newaxis]).any())


def _corrupt_error(corrupt: list[str], num_files: int, origin: Origin) -> Exception:
    named = ", ".join(corrupt[:_NUM_NAMED])
    more = len(corrupt) - _NUM_NAMED
    of_bmp = (
        " (a BMP with a palette: save it as PNG)"
        if any(file.lower().endswith(".bmp") for file in corrupt)
        else ""
    )
    return origin.error(
        f"must hold images that can be read ({_FORMATS})",
        f"{len(corrupt)} of {num_files} that cannot: {named}"
        + (f" and {more} more" if more > 0 else ""),
        f"Replace them{of_bmp}, or add --skip_corrupt_images to leave them out.",
    )
