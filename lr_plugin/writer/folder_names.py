"""The folders that the trainings of one log directory write into, by their names."""

import itertools
from collections.abc import Callable, Iterator

from lr_plugin import folders, schema
from lr_plugin.writer.recorded_steps import (
    RecordedSteps,
    find_last_run_info,
    find_recorded_steps,
)


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
    run_info: schema.RunInfo | None,
    is_there: Callable[[str], bool],
) -> str | None:
    """Finds the latest run of a log directory that a training goes on with.

    Args:
        goes_on: Tells whether it goes on with a run of these steps.
        run_info: What is trained, if that is known. Of several runs of such steps, as
            a search leaves them, it goes on with one of the same optimizer and
            schedule, and with none if there is no such run.
        is_there: Tells whether a directory of event files is there at all.
    """
    paths = itertools.takewhile(
        lambda path: is_there(record_directory(path)), name_folders(logdir)
    )
    found = []
    for path in reversed(list(paths)):
        steps = find_recorded_steps(record_directory(path))
        if steps is not None and goes_on(steps):
            if run_info is None:
                return path
            found.append((steps.last, path))
    if run_info is not None and len(found) > 1:
        found = [
            (last, path)
            for last, path in found
            if _trains_alike(find_last_run_info(record_directory(path)), run_info)
        ]
    # One that ends where it goes on, rather than a longer one.
    return min(found, key=lambda one: one[0], default=(0, None))[1]


def _trains_alike(found: schema.RunInfo | None, run_info: schema.RunInfo) -> bool:
    """Tells whether two trainings have the same optimizer and schedule."""
    parts = [
        schema.to_json(schema.RunInfo(optimizer=info.optimizer, schedule=info.schedule))
        for info in (found, run_info)
        if info is not None
    ]
    return len(parts) == 2 and parts[0] == parts[1]
