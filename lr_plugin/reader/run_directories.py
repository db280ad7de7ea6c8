"""Which directory on disk holds the event files of a run."""

import os
import re

from lr_plugin.reader.cache.brief_cache import BriefCache

_URI = re.compile(r"[a-zA-Z][0-9a-zA-Z.]*://")


class RunDirectories:
    """Finds runs below the directories that TensorBoard was started with."""

    def __init__(self, *, logdir: str | None = None, logdir_spec: str | None = None):
        """Takes the flags of the same names, of which TensorBoard allows one."""
        self._roots = _parse_logdir_spec(logdir_spec or "")
        if logdir and not _URI.match(logdir):
            self._roots.append(("", os.path.expanduser(logdir)))
        # One summary of a run asks ten times.
        self._found: BriefCache[str | None] = BriefCache()

    def find(self, run: str) -> str | None:
        """Finds the directory of a run, named as TensorBoard does, as of a second ago.

        Returns:
            None if there is none, if there are several, or if it lies outside of the
            log directory once links are followed: nothing is read there that the
            user who started TensorBoard did not name.
        """
        return self._found.get(run, lambda: self._look_for(run))

    def _look_for(self, run: str) -> str | None:
        found = set()
        for group, root in self._roots:
            path = _strip_group(run, group)
            if path is None or os.path.isabs(path):
                continue
            root = os.path.realpath(root)
            directory = os.path.realpath(os.path.join(root, path))
            is_inside = (directory + os.sep).startswith(root.rstrip(os.sep) + os.sep)
            if is_inside and os.path.isdir(directory):
                found.add(directory)
        return found.pop() if len(found) == 1 else None


def _strip_group(run: str, group: str) -> str | None:
    """Gives the path of a run below a root whose runs bear a group's name."""
    if not group:
        return run
    if run == group:
        return "."
    prefix = group + os.sep
    return run[len(prefix) :] if run.startswith(prefix) else None


def _parse_logdir_spec(logdir_spec: str) -> list[tuple[str, str]]:
    """Parses `name:path,path` as TensorBoard does; paths elsewhere are left out.

    A colon names a group unless the path is absolute or begins with a drive's letter.
    """
    roots = []
    for spec in filter(None, logdir_spec.split(",")):
        group, path = "", spec
        is_path = spec.startswith("/") or os.path.splitdrive(spec)[0]
        if ":" in spec and not is_path and not _URI.match(spec):
            group, _, path = spec.partition(":")
        if not _URI.match(path):
            roots.append((group, os.path.expanduser(path)))
    return roots
