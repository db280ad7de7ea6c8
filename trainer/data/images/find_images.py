"""Finds the images of a folder: its parts, its classes, and what is left out of it."""

import collections
import dataclasses
import mimetypes
import os
import pathlib
import stat
from collections.abc import Iterator, Mapping, MutableMapping, Sequence

from trainer.data.images.read_image import FORMATS_TEXT, Shape, image_shape, in_parallel
from trainer.data.origin import Origin

# Only what Python knows, so that it is the same on every machine.
_MIME_TYPES = mimetypes.MimeTypes()
_IMAGE_SUFFIXES = (".bmp", ".gif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".webp")
_PART_NAMES = {
    "train": ("train", "training"),
    "val": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
# What other programs leave: notebooks and file managers hide it, macOS packs it.
_HIDDEN = ("__macosx",)
# A message lists at most this many files.
_NUM_NAMED = 5


@dataclasses.dataclass(frozen=True)
class FoundImages:
    """The files of a folder that are or should be images, in the order of their names.

    Attributes:
        files: `(class, file)` by part: "train" and, if there are such folders, "val"
            and "test".
        shapes: Height, width and channels by file, also of files that are none of
            these; None for one that cannot be read.
        class_names: The classes, sorted.
        notes: What was left out, for the user to read.
    """

    files: Mapping[str, Sequence[tuple[str, str]]]
    shapes: Mapping[str, Shape | None]
    class_names: tuple[str, ...]
    notes: tuple[str, ...]


def find_images(path: str, origin: Origin) -> FoundImages:
    """Finds the images of each class, and looks at the beginning of each file.

    The folders are those of the classes, or of train, validation and test; one around
    them that holds nothing else is passed through. A file is an image if it is called
    one; any other is one if its content is.

    Raises:
        ConfigError: There is no image, or there are images of one class only.
    """
    notes: list[str] = []
    folder = _pass_through(pathlib.Path(path), notes)
    files: dict[str, list[tuple[str, str]]] = {}
    shapes: dict[str, Shape | None] = {}
    for part, place in _find_parts(folder, notes).items():
        files[part] = list(_list_images(place, shapes, notes))
    if not files["train"]:
        where = " in its part train" if len(files) > 1 else ""
        loose = _list_loose(folder)
        raise origin.error(
            f"must hold one folder of images ({FORMATS_TEXT}) for each class{where}",
            f"{len(loose)} images in {folder.name} itself" if loose else "no image",
        )
    class_names = sorted({name for name, _ in files["train"]})
    if len(class_names) < 2:
        raise origin.error(
            "must hold images of two classes at least, one folder each",
            f"{len(files['train'])} images of {class_names[0]} alone",
        )
    for part in [name for name in files if name != "train"]:
        known = [pair for pair in files[part] if pair[0] in class_names]
        unknown = sorted({name for name, _ in files[part]} - set(class_names))
        if unknown:
            notes.append(
                f"Left out: {len(files[part]) - len(known)} images of "
                f"{', '.join(unknown)} in {part}, classes that train does not have."
            )
        if known:
            files[part] = known
        else:
            notes.append(f"Left out: {part}, without an image of a class of train.")
            del files[part]
    return FoundImages(files, shapes, tuple(class_names), tuple(notes))


def printable(path: str) -> str:
    """Writes a file's name so that it can be printed, whatever bytes it is made of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def list_files(paths: Sequence[str]) -> str:
    """Names the first few files of a list, and counts the others."""
    more = len(paths) - _NUM_NAMED
    named = ", ".join(map(printable, paths[:_NUM_NAMED]))
    return named + (f" and {more} more" if more > 0 else "")


def _pass_through(folder: pathlib.Path, notes: list[str]) -> pathlib.Path:
    """Goes on to the one folder in `folder`, if that holds several and nothing else."""
    start = folder
    while len(inner := _folders(folder)) == 1:
        folder = inner[0]
    if not inner:
        return start
    if folder != start:
        notes.append(f"The folders of classes are those in {printable(str(folder))}.")
    return folder


def _find_parts(folder: pathlib.Path, notes: list[str]) -> dict[str, pathlib.Path]:
    children = {child.name.lower(): child for child in _folders(folder)}
    parts = {
        part: children[name]
        for part, names in _PART_NAMES.items()
        for name in names
        if name in children
    }
    # Without classes in it, a folder called train is itself a class.
    if "train" not in parts or len(_folders(parts["train"])) < 2:
        return {"train": folder}
    others = [child.name for child in children.values() if child not in parts.values()]
    if others:
        known = ", ".join(part.name for part in parts.values())
        notes.append(f"Left out: {', '.join(others)}, beside {known}.")
    return parts


def _folders(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(
        child
        for child in folder.iterdir()
        if child.is_dir() and not _is_hidden(child.name)
    )


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name.lower() in _HIDDEN


def _list_images(
    folder: pathlib.Path, shapes: MutableMapping[str, Shape | None], notes: list[str]
) -> Iterator[tuple[str, str]]:
    """Yields (class, file) of every image, in the same order on every machine.

    Args:
        shapes: Is told the shape of every file.
    """
    empty = []
    others: collections.Counter[str] = collections.Counter()
    loose = _list_loose(folder)
    if loose:
        notes.append(
            f"Left out: {len(loose)} images in {folder.name} itself, beside the "
            "folders of the classes."
        )
    for child in _folders(folder):
        files = list(_walk(child))
        special = [file for file in files if not stat.S_ISREG(os.stat(file).st_mode)]
        if special:
            notes.append(f"Left out: {list_files(special)}, which are no files.")
            files = [file for file in files if file not in special]
        shapes.update(zip(files, in_parallel(image_shape, files), strict=True))
        images = [
            file for file in files if shapes[file] is not None or _is_called_image(file)
        ]
        others.update(
            pathlib.PurePath(file).suffix.lower() or "without a suffix"
            for file in files
            if shapes[file] is None and not _is_called_image(file)
        )
        if not images:
            empty.append(child.name)
        yield from ((child.name, file) for file in images)
    if empty:
        notes.append(f"No image in: {', '.join(empty)}.")
    if others:
        listed = ", ".join(f"{count} {suffix}" for suffix, count in others.items())
        notes.append(f"Left out: files that are no images: {listed}.")


def _list_loose(folder: pathlib.Path) -> list[str]:
    """Lists images that are in no folder of a class."""
    return [path.name for path in folder.iterdir() if _is_called_image(path.name)]


def _walk(folder: pathlib.Path) -> Iterator[str]:
    visited = set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        # A link may lead back to a folder around it.
        if (real := os.path.realpath(parent)) in visited:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in sorted(names):
            path = os.path.join(parent, name)
            if not _is_hidden(name) and os.path.exists(path):
                yield path


def _is_called_image(name: str) -> bool:
    """Tells whether a file has the name of an image, also of a format not read here."""
    kind, _ = _MIME_TYPES.guess_type(name)
    is_called = name.lower().endswith(_IMAGE_SUFFIXES) or str(kind).startswith("image/")
    return is_called and not _is_hidden(os.path.basename(name))
