"""Tells a full disk from whatever else a file system raises."""

import errno

# Of a disk, of a quota, and of what one file may hold.
_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full_disk(error: BaseException) -> bool:
    """Tells whether there was no room: later there may be some."""
    return isinstance(error, OSError) and error.errno in _ERRNOS
