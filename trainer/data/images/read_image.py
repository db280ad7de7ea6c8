"""Reads an image file with Pillow: upright, resized without aliasing, as bytes."""

import concurrent.futures
import functools
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

_Result = TypeVar("_Result")
# Height, width and channels.
Shape = tuple[int, int, int]

# Those of Pillow that hold pictures of pixels.
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "JPEG2000", "PPM")
FORMATS_TEXT = "PNG, JPEG, WebP, BMP, GIF, TIFF"
# What Pillow raises for files that are damaged in one way or another.
READ_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    struct.error,
    Image.DecompressionBombError,
)
_ORIENTATION = 0x0112
# JPEG can be decoded at a half, a quarter and an eighth of its size. Twice the wanted
# size keeps all that the resizing then needs.
_MARGIN = 2
_GREY_MODES = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "F")


def in_parallel(
    function: Callable[[str], _Result], paths: Iterable[str]
) -> Iterator[_Result]:
    """Calls `function` with each path on several threads; results are in order.

    Pillow lets other threads run while it decodes and resizes.
    """
    return _pool().map(function, paths)


def image_shape(path: str) -> Shape | None:
    """Looks at the beginning of a file: height, width and channels, 1 or 3.

    Returns:
        None where it is no image that can be read.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            width, height = image.size
            if _is_turned(image):
                width, height = height, width
            return height, width, 1 if image.mode in _GREY_MODES else 3
    except READ_ERRORS:
        return None


def is_readable(path: str) -> bool:
    """Decodes a file, as small as its format can, to see that it is not damaged."""
    try:
        read_image(path, (1, 1), 3)
    except READ_ERRORS:
        return False
    return True


def read_image(path: str, size: tuple[int, int], channels: int) -> np.ndarray:
    """Reads an image as uint8 `[*size, channels]`, upright, whatever its proportions.

    A side that becomes smaller is averaged over a triangle, which leaves no aliasing.
    Transparency is left out; of an animation the first picture is taken.

    Raises:
        READ_ERRORS: The file is damaged or no image.
    """
    height, width = size
    with Image.open(path, formats=_FORMATS) as image:
        wanted = (height, width) if _is_turned(image) else (width, height)
        image.draft(None, (_MARGIN * wanted[0], _MARGIN * wanted[1]))
        upright = ImageOps.exif_transpose(image)
        plain = _as_bytes(upright).convert("L" if channels == 1 else "RGB")
    resized = plain.resize(
        (width, height), Image.Resampling.BILINEAR, reducing_gap=_MARGIN
    )
    return np.asarray(resized).reshape(height, width, channels)


def _is_turned(image: Image.Image) -> bool:
    """Tells whether height and width change places when the image is put upright."""
    return image.getexif().get(_ORIENTATION) in (5, 6, 7, 8)


def _as_bytes(image: Image.Image) -> Image.Image:
    """Scales 16 bits to 8, which Pillow would cut off instead."""
    if image.mode == "P" and "transparency" in image.info:
        # Pillow warns of a palette with transparency that is converted to another mode.
        return image.convert("RGBA")
    if image.mode == "F":
        raise ValueError("an image of floating-point numbers")
    if not image.mode.startswith("I"):
        return image
    return Image.fromarray((np.asarray(image).astype(np.int64) // 257).astype(np.uint8))


@functools.cache
def _pool() -> concurrent.futures.ThreadPoolExecutor:
    return concurrent.futures.ThreadPoolExecutor(os.cpu_count())
