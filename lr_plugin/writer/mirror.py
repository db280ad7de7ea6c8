"""Copies a local folder to a remote one on a thread, while files are written into it.

Nothing can be appended to a file of an object store. So what is written goes to this
machine's disk, and whole files from there to the remote folder, now and then.
"""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable

from lr_plugin import folders
from lr_plugin.writer.guarded_writes import GuardedWrites
from lr_plugin.writer.program_end import call_at_end, forget_call

# A run appears soon. After that a file that grows to 20 MB is copied again and again:
# a link may be busy with it for a twentieth of the time.
_FIRST_SECS = 1.0
_EVERY_SECS = 10.0
_TIMES_AS_LONG = 20
_SKIPPED = (".", "training.lock")

_logger = logging.getLogger(__name__)

# What a file was when it was copied: its size, and when it was changed.
_State = tuple[int, int]


class Mirror:
    """Keeps a remote folder up to date until `close`.

    Where copying fails, there is one warning, and it is tried again. Whoever writes the
    files never waits.
    """

    def __init__(
        self,
        local: str,
        choose_remote: Callable[[], str],
        *,
        on_end: Callable[[], None] = lambda: None,
        shown_name: str,
    ):
        """Starts the thread.

        Args:
            choose_remote: Gives the remote folder. Called on the thread, and again
                where it fails, before anything is copied.
            on_end: Called on the thread once all is copied and nothing more will be.
            shown_name: What a warning calls the remote folder.
        """
        self._local = local
        self._choose_remote = choose_remote
        self._on_end = on_end
        self._shown_name = shown_name
        self._copied: dict[str, _State] = {}
        self._writes = GuardedWrites(shown_name)
        self._is_closing = threading.Event()
        # A daemon, so that a network that hangs does not keep the program from ending.
        self._thread = threading.Thread(
            target=self._run, name="lr_plugin mirror", daemon=True
        )
        self._thread.start()
        call_at_end(self.close)

    def close(self, *, timeout_secs: float = 25.0) -> None:
        """Copies the rest and removes the local folder.

        Waits for `timeout_secs` at most. What is not copied by then stays in the local
        folder, and a warning says what and where.
        """
        if self._is_closing.is_set():
            return
        forget_call(self.close)
        self._is_closing.set()
        self._thread.join(timeout_secs)
        if missing := sorted(self._find_changed()):
            _logger.warning(
                "Not all of the learning rate record is in %s: %s could not be copied "
                "there. It is in %s on this machine; copy it by hand.",
                self._shown_name,
                ", ".join(missing),
                self._local,
            )
        else:
            shutil.rmtree(self._local, ignore_errors=True)

    def _run(self) -> None:
        pause_secs = _FIRST_SECS
        while not self._is_closing.wait(pause_secs):
            began = time.monotonic()
            self._writes.run(self._copy)
            pause_secs = max(_EVERY_SECS, _TIMES_AS_LONG * (time.monotonic() - began))
        self._writes.run(self._copy)
        if not self._writes.has_failed:
            self._writes.run(self._on_end)

    def _copy(self) -> None:
        changed = self._find_changed()
        if not changed:
            return
        remote = self._choose_remote()
        for name, state in sorted(changed.items()):
            target = folders.join_folder(remote, *name.split(os.sep))
            files, path = folders.open_remote(target)
            files.put_file(os.path.join(self._local, name), path)
            self._copied[name] = state

    def _find_changed(self) -> dict[str, _State]:
        """Finds the files that are other than when they were copied, by name."""
        found = {}
        for directory, _, names in os.walk(self._local):
            for name in names:
                path = os.path.join(directory, name)
                if not name.startswith(_SKIPPED):
                    status = os.stat(path)
                    state = (status.st_size, status.st_mtime_ns)
                    found[os.path.relpath(path, self._local)] = state
        return {n: s for n, s in found.items() if self._copied.get(n) != s}
