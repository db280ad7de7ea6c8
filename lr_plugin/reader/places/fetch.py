"""Fetches the record of a run from elsewhere, to be read as one of this machine."""

import contextlib
import os
import tempfile
from collections.abc import Iterator

from lr_plugin import folders, schema


@contextlib.contextmanager
def fetched_record(folder: str) -> Iterator[str]:
    """Gives a directory with the event files of a remote run's folder, for a while.

    Raises:
        FileNotFoundError: There are none.
        OSError: They cannot be fetched.
    """
    below = folders.join_folder(folder, schema.SUBDIRECTORY)
    paths = _list_event_files(below) or _list_event_files(folder)
    if not paths:
        raise FileNotFoundError(
            "`folder` must be that of a recorded run, with event files in its folder "
            f"`{schema.SUBDIRECTORY}`. Received: {folder}, where there are none. Check "
            "its name."
        )
    with tempfile.TemporaryDirectory() as directory:
        for path in paths:
            name = path.rpartition("/")[2]
            folders.fetch_remote_file(path, os.path.join(directory, name))
        yield directory


def _list_event_files(folder: str) -> list[str]:
    paths = folders.list_remote_files(folder)
    return [path for path in paths if "tfevents" in path.rpartition("/")[2]]
