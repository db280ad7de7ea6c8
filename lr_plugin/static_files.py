"""The browser's code, as it is sent."""

import functools
import gzip
import os
from pathlib import Path

from tensorboard import errors

_STATIC = Path(__file__).parent / "static"
_CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


def read_static_file(name: str) -> tuple[bytes, str]:
    """Reads a file of the tab.

    Returns:
        What it holds, compressed by gzip, and its type.

    Raises:
        tensorboard.errors.NotFoundError: There is none, or it is none for a browser.
    """
    path = _STATIC / name
    # Listed rather than asked for: no name is too long to be looked for so.
    is_there = _STATIC.is_dir() and name in os.listdir(_STATIC)
    if path.suffix not in _CONTENT_TYPES or not is_there or not path.is_file():
        raise errors.NotFoundError(_explain_missing(name[:200]))
    return _compress(path, path.stat().st_mtime_ns), _CONTENT_TYPES[path.suffix]


@functools.lru_cache(maxsize=8)
def _compress(path: Path, changed_ns: int) -> bytes:
    """Compresses a file, once as long as it stays as it was written at `changed_ns`."""
    return gzip.compress(path.read_bytes(), mtime=0)


def _explain_missing(name: str) -> str:
    if (_STATIC / "index.js").is_file():
        return f"The tab has no file {name}."
    return (
        "The tab's browser code is missing: this is a checkout without its bundle. "
        "Install it with `pip install -e .`, which builds the bundle, or run "
        "`npm ci && node build.mjs` in lr_plugin/frontend."
    )
