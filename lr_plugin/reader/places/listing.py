"""Lists event files, of this machine or elsewhere."""

import os

from lr_plugin import folders
from lr_plugin.reader.cache.brief_cache import BriefCache

# A page asks hundreds of questions at once, and for each the tree is needed.
_MAX_AGE_SECS = 2.0


def list_event_files(directory: str) -> dict[str, int]:
    """Lists a directory's event files in the order in which loaders read them.

    Returns:
        Their sizes in bytes by their paths.
    """
    with os.scandir(directory) as entries:
        found = {
            entry.path: entry.stat(follow_symlinks=False).st_size
            for entry in entries
            if "tfevents" in entry.name and entry.is_file(follow_symlinks=False)
        }
    return {path: found[path] for path in sorted(found)}


class RemoteTree:
    """The event files below a remote folder, all of them from one listing.

    Of hundreds of runs, each alone would cost a request. What is listed is about two
    seconds old at most.
    """

    def __init__(self, root: str):
        """Lists nothing yet."""
        self.root = root
        self._listings: BriefCache[dict[str, dict[str, int]]] = BriefCache(
            _MAX_AGE_SECS
        )

    def list_event_files(self, directory: str) -> dict[str, int]:
        """Lists a directory's event files as the function of this name does.

        Raises:
            OSError: The folder cannot be reached.
        """
        return self._listings.get(self.root, self._list).get(directory, {})

    def _list(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for path, num_bytes in folders.find_remote_files(self.root).items():
            directory, _, name = path.rpartition("/")
            if "tfevents" in name:
                found.setdefault(directory, {})[path] = num_bytes
        return found
