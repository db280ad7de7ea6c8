"""Chooses the folder that a training writes into, so that no training hides another.

A training that begins anew where another was recorded gets a new folder below that
one's: `fit_2`, then `fit_3`. Only a training that goes on with a run writes into that
run's folder. A folder is locked while a training writes there, so that two processes
that begin at once do not share one.

A training in a remote folder writes into one of this machine, which is mirrored there;
`remote_run.py` keeps the same rules.
"""

import os
from collections.abc import Callable

from lr_plugin import folders, schema
from lr_plugin.writer.folder_lock import FolderLock, lock_folder
from lr_plugin.writer.folder_names import (
    find_continued_folder,
    name_folders,
    record_directory,
)
from lr_plugin.writer.recorded_steps import (
    RecordedSteps,
    holds_iterations,
)
from lr_plugin.writer.remote_run import RemoteRun, find_remote_run


class RunFolder:
    """A folder that one training writes into, until `release`.

    Attributes:
        path: The run's folder on this machine; its record is in
            `<path>/learning_rate/`.
        is_continued: Whether the training is known to go on with a run that was there.
    """

    def __init__(
        self,
        path: str,
        held: FolderLock | RemoteRun | None = None,
        *,
        is_continued: bool = False,
    ):
        self.path = path
        self.is_continued = is_continued
        self._held = held

    def release(self) -> None:
        """Unlocks the folder, or mirrors what is missing; may be called again."""
        if self._held is not None:
            self._held.release()


def open_run_folder(path: str) -> RunFolder:
    """Opens a folder to write into it whatever it holds, without a lock."""
    if folders.is_remote(path):
        return _mirrored(RemoteRun(path, is_chosen=True), is_continued=True)
    return RunFolder(path, is_continued=True)


def claim_run_folder(
    logdir: str,
    *,
    goes_on: Callable[[RecordedSteps], bool] | None,
    run_info: schema.RunInfo | None = None,
) -> RunFolder:
    """Claims the folder of a training that begins now.

    The training continues the latest run in `logdir` for which `goes_on` is true; if
    there is none, it begins a new run.

    Args:
        goes_on: Tells whether the training goes on with a run of these steps; None
            where it begins anew.
        run_info: What is trained, if that is known; of several such runs it continues
            one of the same optimizer and schedule only.
    """
    if folders.is_remote(logdir):
        return _mirrored(RemoteRun(logdir, goes_on=goes_on, run_info=run_info))
    try:
        continued = None
        if goes_on is not None:
            continued = _find_continued(logdir, goes_on, run_info)
        return continued or _find_free(logdir)
    except OSError:
        # The disk is full, or may not be written. The writer will log a warning.
        return RunFolder(logdir)


def continue_run_folder(path: str) -> RunFolder | None:
    """Claims the folder of a run to go on with it; None where another one trains it."""
    if folders.is_remote(path):
        return open_run_folder(path)
    if (run := find_remote_run(path)) is not None:
        run.go_on()
        return _mirrored(run, is_continued=True)
    try:
        lock = lock_folder(record_directory(path))
    except OSError:
        return RunFolder(path, is_continued=True)
    return RunFolder(path, lock, is_continued=True) if lock else None


def trains_on(steps: RecordedSteps, first_step: int, *, is_resumed: bool) -> bool:
    """Tells whether a training that begins at `first_step` goes on with a run.

    It does if it begins right after the run's last step. If it begins at a step that
    the run has, it would replace rows, so it must also be known that it is resumed.
    """
    if is_resumed:
        return steps.first < first_step <= steps.last + 1
    return first_step == steps.last + 1


def _find_continued(
    logdir: str,
    goes_on: Callable[[RecordedSteps], bool],
    run_info: schema.RunInfo | None,
) -> RunFolder | None:
    path = find_continued_folder(
        logdir, goes_on, run_info=run_info, is_there=os.path.isdir
    )
    return None if path is None else continue_run_folder(path)


def _find_free(logdir: str) -> RunFolder:
    for path in name_folders(logdir):
        lock = lock_folder(record_directory(path))
        if lock is None:
            continue
        # Asked only now: before the lock was taken, another training may have written.
        if not holds_iterations(record_directory(path)):
            return RunFolder(path, lock)
        lock.release()
    raise AssertionError("There is always one more number.")


def _mirrored(run: RemoteRun, *, is_continued: bool = False) -> RunFolder:
    return RunFolder(run.path, run, is_continued=is_continued)
