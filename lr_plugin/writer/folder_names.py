"""The folders that the trainings of one log directory write into, by their names."""

import itertools
from collections.abc import Iterator

from lr_plugin import folders, schema


def name_folders(logdir: str) -> Iterator[str]:
    """Names the log directory, then `fit_2`, `fit_3`, ... in it."""
    yield logdir
    for number in itertools.count(2):
        yield folders.join_folder(logdir, f"fit_{number}")


def record_directory(path: str) -> str:
    """Names the directory of the event files of a run in `path`."""
    return folders.join_folder(path, schema.SUBDIRECTORY)
