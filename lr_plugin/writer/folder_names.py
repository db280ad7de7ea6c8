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
    found: list[tuple[int, str]] = []
    for path in reversed(list(paths)):
        steps = find_recorded_steps(record_directory(path))
        if steps is not None and goes_on(steps):
            if run_info is None:
                return path
            found.append((steps.last, path))
    if run_info is not None and len(found) > 1:
        found = [one for one in found if _holds_such(one[1], run_info)]
    # One that ends where it goes on, rather than a longer one.
    found.sort(key=lambda one: one[0])
    return found[0][1] if found else None


def _holds_such(path: str, run_info: schema.RunInfo) -> bool:
    """Tells whether the run in a folder has this optimizer and schedule."""
    found = find_last_run_info(record_directory(path))
    return found is not None and _settings(found) == _settings(run_info)


def _settings(run_info: schema.RunInfo) -> str:
    settings = schema.RunInfo(optimizer=run_info.optimizer, schedule=run_info.schedule)
    return schema.to_json(settings)
