"""Which directory holds the event files of a run, and which files these are."""

import logging
import os
import re

from lr_plugin.folders import is_remote, join_folder, resolve_folder
from lr_plugin.reader.cache.brief_cache import BriefCache
from lr_plugin.reader.places.listing import RemoteTree, list_event_files

_URI = re.compile(r"[a-zA-Z][0-9a-zA-Z.]*://")

_logger = logging.getLogger(__name__)


class RunDirectories:
    """Finds runs below the directories that TensorBoard was started with."""

    def __init__(self, *, logdir: str | None = None, logdir_spec: str | None = None):
        """Takes the flags of the same names, of which TensorBoard allows one."""
        specs = _parse_logdir_spec(logdir_spec or "")
        if logdir:
            specs.append(("", logdir))
        # Local roots as they are, and remote ones with what lies below them.
        self._roots: list[tuple[str, str | RemoteTree]] = []
        for group, root in specs:
            self._add_root(group, root)
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

    def list_files(self, directory: str) -> dict[str, int]:
        """Lists the event files of a directory, in the order in which loaders read.

        Returns:
            Their sizes in bytes by their paths.

        Raises:
            OSError: It cannot be read.
        """
        if not is_remote(directory):
            return list_event_files(directory)
        trees = [root for _, root in self._roots if isinstance(root, RemoteTree)]
        found: dict[str, int] = {}
        for tree in trees:
            found |= tree.list_event_files(directory)
        return found

    def _add_root(self, group: str, root: str) -> None:
        try:
            root = resolve_folder(root, name="--logdir")
        except (ImportError, ValueError) as error:
            # TensorBoard may know how to read it, without this.
            _logger.warning("Single iterations are not read from there. %s", error)
            return
        self._roots.append((group, RemoteTree(root) if is_remote(root) else root))

    def _look_for(self, run: str) -> str | None:
        found = set()
        for group, root in self._roots:
            path = _strip_group(run, group)
            if path is None or os.path.isabs(path):
                continue
            if isinstance(root, RemoteTree):
                directory = _find_remote(root, path)
            else:
                directory = _find_local(root, path)
            if directory is not None:
                found.add(directory)
        return found.pop() if len(found) == 1 else None


def _find_local(root: str, path: str) -> str | None:
    root = os.path.realpath(root)
    directory = os.path.realpath(os.path.join(root, path))
    is_inside = (directory + os.sep).startswith(root.rstrip(os.sep) + os.sep)
    return directory if is_inside and os.path.isdir(directory) else None


def _find_remote(tree: RemoteTree, path: str) -> str | None:
    parts = [part for part in path.split(os.sep) if part != "."]
    if ".." in parts:
        return None
    directory = join_folder(tree.root, *parts)
    try:
        return directory if tree.list_event_files(directory) else None
    except OSError:
        return None


def _strip_group(run: str, group: str) -> str | None:
    """Gives the path of a run below a root whose runs bear a group's name."""
    if not group:
        return run
    if run == group:
        return "."
    prefix = group + os.sep
    return run[len(prefix) :] if run.startswith(prefix) else None


def _parse_logdir_spec(logdir_spec: str) -> list[tuple[str, str]]:
    """Parses `name:path,path` as TensorBoard does.

    A colon names a group unless the path is absolute or begins with a drive's letter.
    """
    roots = []
    for spec in filter(None, logdir_spec.split(",")):
        group, path = "", spec
        is_path = spec.startswith("/") or os.path.splitdrive(spec)[0]
        if ":" in spec and not is_path and not _URI.match(spec):
            group, _, path = spec.partition(":")
        roots.append((group, path))
    return roots
