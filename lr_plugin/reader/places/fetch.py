"""Fetches records of runs from elsewhere, to be read as those of this machine."""

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


@contextlib.contextmanager
def fetched_logdir(logdir: str) -> Iterator[str]:
    """Gives a directory with all event files of a remote log directory, for a while.

    It has the name of the log directory.

    Raises:
        OSError: They cannot be fetched.
    """
    with tempfile.TemporaryDirectory() as directory:
        root = os.path.join(directory, logdir.rpartition("/")[2])
        os.mkdir(root)
        for path in folders.find_remote_files(logdir):
            if _is_event_file(path):
                folders.fetch_remote_file_below(path, logdir, root)
        yield root


def _list_event_files(folder: str) -> list[str]:
    return [path for path in folders.list_remote_files(folder) if _is_event_file(path)]


def _is_event_file(path: str) -> bool:
    return "tfevents" in path.rpartition("/")[2]
