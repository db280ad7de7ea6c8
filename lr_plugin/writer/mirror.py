"""Copies a local folder to a remote one on a thread, while files are written into it.

Nothing can be appended to a file of an object store. So what is written goes to this
machine's disk, and whole files from there to the remote folder, now and then.
"""

import contextlib
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
# A warning names at most this many files.
_MAX_NAMES = 5

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
        content: str = "learning rate record",
        transient: str | None = None,
        is_copy: bool = False,
    ):
        """Starts the thread.

        Args:
            choose_remote: Gives the remote folder. Called on the thread, and again
                where it fails, before anything is copied.
            on_end: Called on the thread once all is copied and nothing more will be.
            shown_name: What a warning calls the remote folder.
            content: What a warning calls the files.
            transient: The name of folders whose files are copied after all others, and
                are removed there when they are removed here.
            is_copy: Whether what is in the local folder now was fetched from there.
        """
        self._local = local
        self._choose_remote = choose_remote
        self._on_end = on_end
        self._shown_name = shown_name
        self._content = content
        self._transient = transient
        self._copied: dict[str, _State] = {}
        if is_copy:
            self._copied = self._find_files()
        self._writes = GuardedWrites(shown_name, content)
        self._is_complete = True
        self._is_closing = threading.Event()
        # A daemon, so that a network that hangs does not keep the program from ending.
        self._thread = threading.Thread(
            target=self._run, name="lr_plugin mirror", daemon=True
        )
        self._thread.start()
        call_at_end(self.close)

    def close(self, *, timeout_secs: float | None = 25.0) -> bool:
        """Copies the rest and removes the local folder.

        Waits for `timeout_secs` at most, or as long as copying takes. What is not
        copied by then stays in the local folder, and a warning says what and where.

        Returns:
            Whether all is there.
        """
        if not self._is_closing.is_set():
            forget_call(self.close)
            self._is_closing.set()
            self._thread.join(timeout_secs)
            if missing := sorted(self._find_changed()):
                more = ", ..." if len(missing) > _MAX_NAMES else ""
                _logger.warning(
                    "Not all of the %s is in %s: %s%s could not be copied there. It is "
                    "in %s on this machine; copy it by hand.",
                    self._content,
                    self._shown_name,
                    ", ".join(missing[:_MAX_NAMES]),
                    more,
                    self._local,
                )
                self._is_complete = False
            else:
                shutil.rmtree(self._local, ignore_errors=True)
        return self._is_complete

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
        removed = [n for n in self._copied if self._is_transient(n)]
        removed = [n for n in removed if not os.path.exists(self._path(n))]
        if not changed and not removed:
            return
        remote = self._choose_remote()
        for name in sorted(changed, key=lambda name: (self._is_transient(name), name)):
            target = folders.join_folder(remote, *name.split(os.sep))
            # It may have been removed since.
            if os.path.exists(self._path(name)):
                folders.send_file(self._path(name), target)
                self._copied[name] = changed[name]
        for name in removed:
            target = folders.join_folder(remote, *name.split(os.sep))
            folders.remove_remote_file(target)
            del self._copied[name]

    def _path(self, name: str) -> str:
        return os.path.join(self._local, name)

    def _is_transient(self, name: str) -> bool:
        return self._transient in name.split(os.sep)[:-1]

    def _find_changed(self) -> dict[str, _State]:
        """Finds the files that are other than when they were copied, by name."""
        found = self._find_files().items()
        return {name: s for name, s in found if self._copied.get(name) != s}

    def _find_files(self) -> dict[str, _State]:
        found = {}
        for directory, _, names in os.walk(self._local):
            for name in names:
                path = os.path.join(directory, name)
                if name.startswith(_SKIPPED):
                    continue
                # It may be removed at this very moment.
                with contextlib.suppress(FileNotFoundError):
                    status = os.stat(path)
                    state = (status.st_size, status.st_mtime_ns)
                    found[os.path.relpath(path, self._local)] = state
        return found
