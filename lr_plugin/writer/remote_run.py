"""A run in a remote folder: written on this machine, and mirrored there.

Which folder that is, of a log directory that may hold other runs, is found out on the
mirror's thread: a training does not wait for a network, which may be down.
"""

import tempfile
import uuid
from collections.abc import Callable

from lr_plugin import folders, schema
from lr_plugin.writer.folder_names import (
    find_continued_folder,
    name_folders,
    record_directory,
)
from lr_plugin.writer.mirror import Mirror
from lr_plugin.writer.recorded_steps import (
    RecordedSteps,
    holds_iterations,
    list_event_files,
)

# What claims are called, before what tells them apart.
CLAIM = "training.claim."

# Those that this process has begun, by their local folders.
_runs: dict[str, "RemoteRun"] = {}


class RemoteRun:
    """A run of this process in a remote log directory.

    Attributes:
        path: The local folder to write into.
    """

    def __init__(
        self,
        logdir: str,
        *,
        goes_on: Callable[[RecordedSteps], bool] | None = None,
        run_info: schema.RunInfo | None = None,
        is_chosen: bool = False,
    ):
        """Makes the local folder and begins to mirror it.

        Args:
            goes_on: Tells whether the run goes on with one of these steps; None where
                it begins anew.
            run_info: What is trained, see `find_continued_folder`.
            is_chosen: Whether the run is that of `logdir`, whatever is there.
        """
        self.path = tempfile.mkdtemp(prefix="lr_plugin-")
        self._logdir = logdir
        self._goes_on = goes_on
        self._run_info = run_info
        self._folder = logdir if is_chosen else None
        self._claim: str | None = None
        self._mirror = self._begin_mirror()
        _runs[self.path] = self

    def go_on(self) -> None:
        """Begins to mirror the local folder again, after `release`."""
        self._mirror = self._begin_mirror()

    def release(self) -> None:
        """Copies what is missing, or says where it is; may be called again."""
        self._mirror.close()

    def _begin_mirror(self) -> Mirror:
        return Mirror(
            self.path, self._choose, on_end=self._let_go, shown_name=self._logdir
        )

    def _choose(self) -> str:
        """Chooses the remote folder, once."""
        if self._folder is None:
            self._folder = self._find_continued() or self._claim_free()
        return self._folder

    def _find_continued(self) -> str | None:
        if self._goes_on is None:
            return None
        return find_continued_folder(
            self._logdir,
            self._goes_on,
            run_info=self._run_info,
            is_there=lambda directory: bool(list_event_files(directory)),
        )

    def _claim_free(self) -> str:
        """Claims the first folder without iterations."""
        for path in name_folders(self._logdir):
            directory = record_directory(path)
            if holds_iterations(directory):
                continue
            self._claim = claim_folder(directory)
            if self._claim is not None:
                return path
        raise AssertionError("There is always one more number.")

    def _let_go(self) -> None:
        claim, self._claim = self._claim, None
        if claim is not None:
            folders.remove_remote_file(claim)


def claim_folder(folder: str) -> str | None:
    """Claims a remote folder, so that two programs never share one.

    A store of objects has no locks: whoever sees that another one claims a folder, too,
    lets go of it.

    Returns:
        The file that stands for the claim, to be removed; None where another has it.
    """
    claim = folders.join_folder(folder, CLAIM + uuid.uuid4().hex)
    folders.write_remote_file(claim, b"")
    names = folders.list_remote_files(folder)
    if [name for name in names if CLAIM in name] == [claim]:
        return claim
    folders.remove_remote_file(claim)
    return None


def find_remote_run(path: str) -> RemoteRun | None:
    """Finds the run that this process has begun in a local folder."""
    return _runs.get(path)
