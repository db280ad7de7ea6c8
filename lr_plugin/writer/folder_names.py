"""The folders that the trainings of one log directory write into, by their names."""

import itertools
from collections.abc import Callable, Iterator

from lr_plugin import folders, schema
from lr_plugin.writer.recorded_steps import RecordedSteps, find_recorded_steps


def name_folders(logdir: str) -> Iterator[str]:
    """Names the log directory, then `fit_2`, `fit_3`, ... in it."""
    yield logdir
    for number in itertools.count(2):
        yield folders.join_folder(logdir, f"fit_{number}")


def record_directory(path: str) -> str:
    """Names the directory of the event files of a run in `path`."""
    return folders.join_folder(path, schema.SUBDIRECTORY)


def find_continued_folder(
    logdir: str,
    goes_on: Callable[[RecordedSteps], bool],
    *,
    is_there: Callable[[str], bool],
) -> str | None:
    """Finds the latest run of a log directory that a training goes on with.

    Args:
        goes_on: Tells whether it goes on with a run of these steps.
        is_there: Tells whether a directory of event files is there at all.
    """
    paths = itertools.takewhile(
        lambda path: is_there(record_directory(path)), name_folders(logdir)
    )
    for path in reversed(list(paths)):
        steps = find_recorded_steps(record_directory(path))
        if steps is not None and goes_on(steps):
            return path
    return None
