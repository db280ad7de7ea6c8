"""Writes files that are whole or not there."""

import contextlib
import os
import pathlib
from collections.abc import Callable


def replace_file(path: pathlib.Path, write: Callable[[pathlib.Path], None]) -> None:
    """Writes a file under another name, and renames it when it is complete.

    Where that fails, the file that was there stays, and nothing half written.

    Args:
        write: Writes the file at the path that it is given, with the same suffix.

    Raises:
        OSError: It could not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    try:
        write(part)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
