"""Locks a folder; the lock ends with the process that holds it, however that ends."""

import contextlib
import os
import sys
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_NAME = "training.lock"


class FolderLock:
    """A lock that keeps other trainings out of a folder, also those of this process."""

    def __init__(self, path: str, file: IO[str]):
        self._path = path
        self._file: IO[str] | None = file

    def release(self) -> None:
        """Unlocks the folder; may be called again."""
        file, self._file = self._file, None
        if file is None:
            return
        # Removed before it is unlocked: a process that then locks the removed file sees
        # that it is not in the folder any more.
        with contextlib.suppress(OSError):
            os.remove(self._path)
        file.close()


def lock_folder(directory: str) -> FolderLock | None:
    """Locks a folder, which is made if needed; None where another training holds it.

    Raises:
        OSError: The folder cannot be written to.
    """
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, _NAME)
    while True:
        file = open(path, "a", encoding="utf-8")  # noqa: SIM115
        try:
            _lock_file(file)
        except BlockingIOError:
            file.close()
            return None
        except OSError:
            # Some network file systems have no locks. The training goes on without.
            return FolderLock(path, file)
        if _is_still_at(path, file):
            return FolderLock(path, file)
        file.close()


def _lock_file(file: IO[str]) -> None:
    if sys.platform == "win32":
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_still_at(path: str, file: IO[str]) -> bool:
    """Tells whether the file is still in the folder, and not removed meanwhile."""
    try:
        return os.path.samestat(os.stat(path), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
