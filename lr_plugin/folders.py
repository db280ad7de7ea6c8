"""What a folder is: one of this machine, or one elsewhere such as `s3://bucket/logs`.

Folders elsewhere are reached through fsspec, which has a package for each kind of them.
It is imported only where there is such a folder.
"""

import contextlib
import importlib
import os
import re
import urllib.request
from collections.abc import Iterator
from typing import IO, Any

_SEPARATOR = "://"
# By scheme, what fsspec imports only when it connects.
_IMPORTED_LATE = {"hdfs": "pyarrow", "arrow_hdfs": "pyarrow"}
# Two letters at least: C:/ is a drive of Windows.
_LOST_SLASH = re.compile(r"[a-zA-Z][0-9a-zA-Z+.-]+:/(?!/)")


def is_remote(folder: str) -> bool:
    """Tells whether a folder or a file is elsewhere."""
    return _SEPARATOR in folder


def resolve_folder(folder: str | os.PathLike[str], *, name: str = "logdir") -> str:
    """Gives a folder by the name under which it is used, with `~` expanded.

    Args:
        name: What the user calls the folder, for an error.

    Raises:
        ValueError: It has a scheme that nobody knows, or a slash was lost behind it.
        ImportError: The package for folders of its scheme is missing.
    """
    folder = os.fspath(folder)
    if not is_remote(folder):
        if _LOST_SLASH.match(folder):
            raise ValueError(
                f"`{name}` must have two slashes behind its scheme. Received: "
                f"{folder}. Give it as text: pathlib joins the slashes to one."
            )
        return os.path.expanduser(folder)
    scheme, _, rest = folder.partition(_SEPARATOR)
    if scheme == "file":
        return _path_of_url(rest, folder, name)
    _check_scheme(scheme, folder, name)
    if not rest.strip("/"):
        raise ValueError(
            f"`{name}` must name a folder behind {scheme}{_SEPARATOR}. Received: "
            f"{folder}. Add it, as in s3://bucket/logs."
        )
    return folder.rstrip("/")


def resolve_written_folder(
    folder: str | os.PathLike[str], *, name: str = "logdir"
) -> str:
    """Gives a folder as `resolve_folder` does, to write into it.

    Raises:
        ValueError: Also where it is of a kind that takes no files.
        ImportError: The package for folders of its scheme is missing.
    """
    resolved = resolve_folder(folder, name=name)
    if resolved.startswith(("http://", "https://")):
        raise ValueError(
            f"`{name}` must be a folder that takes files. Received: {resolved}, and a "
            "web server takes none. Name a folder of this machine, or a bucket such as "
            "s3://bucket/logs."
        )
    return resolved


def join_folder(folder: str, *names: str) -> str:
    """Joins names to a folder, as its own kind does."""
    if is_remote(folder):
        return "/".join([folder.rstrip("/"), *names])
    return os.path.join(folder, *names)


def open_remote(folder: str) -> tuple[Any, str]:
    """Opens the file system of a remote folder.

    Returns:
        An `fsspec.AbstractFileSystem`, and what the folder is called in it.
    """
    return importlib.import_module("fsspec").core.url_to_fs(folder)


def list_remote_files(folder: str) -> dict[str, int]:
    """Lists the files directly in a remote folder with their sizes in bytes, sorted.

    Returns:
        By their whole names, as `open_file` takes them; none if no such folder.

    Raises:
        OSError: It cannot be reached.
    """
    with _as_os_error(folder):
        files, path = open_remote(folder)
        # What was listed before may be kept, while another machine writes.
        files.invalidate_cache(path)
        try:
            found = files.ls(path, detail=True)
        except (FileNotFoundError, NotADirectoryError):
            return {}
    names = {
        entry["name"].rstrip("/").rpartition("/")[2]: entry["size"]
        for entry in found
        if entry["type"] == "file"
    }
    return {join_folder(folder, name): names[name] or 0 for name in sorted(names)}


def open_file(path: str, *, ahead_bytes: int = 0) -> IO[bytes]:
    """Opens a file for reading, wherever it is.

    Args:
        ahead_bytes: How much of a remote file is fetched beyond what is read, because
            that is read next; 0 fetches just what is read.

    Raises:
        OSError: There is none, or it cannot be read.
    """
    if not is_remote(path):
        return open(path, "rb")
    files, name = open_remote(path)
    files.invalidate_cache(name)
    if not ahead_bytes:
        return files.open(name, "rb", cache_type="none")
    return files.open(name, "rb", cache_type="readahead", block_size=ahead_bytes)


def read_file(path: str) -> bytes:
    """Reads all of a file, wherever it is.

    Raises:
        OSError: It cannot be read.
    """
    if not is_remote(path):
        with open(path, "rb") as file:
            return file.read()
    with _as_os_error(path):
        files, name = open_remote(path)
        files.invalidate_cache(name)
        return files.cat_file(name)


def find_remote_files(folder: str) -> dict[str, int]:
    """Lists all files below a remote folder with their sizes in bytes, sorted.

    An object store allows any name. Those that would lead out of the folder, if it were
    one of this machine, are left out.

    Raises:
        OSError: It cannot be reached.
    """
    with _as_os_error(folder):
        files, path = open_remote(folder)
        files.invalidate_cache()
        found = files.find(path, detail=True)
        # Names begin with what the folder is called in its file system.
        cut = len(path.rstrip("/")) + 1
        return {
            join_folder(folder, name[cut:]): found[name]["size"] or 0
            for name in sorted(found)
            if not {"", ".", ".."} & set(name[cut:].split("/"))
        }


def read_remote(path: str, start: int, stop: int) -> bytes:
    """Reads a range of a remote file with one request; less at its end.

    Raises:
        OSError: It cannot be read.
    """
    with _as_os_error(path):
        files, name = open_remote(path)
        return files.cat_file(name, start=start, end=stop)


def fetch_remote_file(path: str, target: str) -> None:
    """Copies a remote file to a file of this machine.

    Raises:
        OSError: It cannot be read.
    """
    with _as_os_error(path):
        files, name = open_remote(path)
        files.get_file(name, target)


def fetch_remote_file_below(path: str, folder: str, directory: str) -> None:
    """Copies a file below a remote folder to the same place below one of this machine.

    Raises:
        OSError: It cannot be read.
    """
    target = os.path.join(directory, *path[len(folder) + 1 :].split("/"))
    os.makedirs(os.path.dirname(target), exist_ok=True)
    fetch_remote_file(path, target)


def measure_remote(path: str) -> int:
    """Measures a remote file in bytes.

    Raises:
        OSError: It cannot be reached.
    """
    with _as_os_error(path):
        files, name = open_remote(path)
        files.invalidate_cache()
        return files.size(name)


def write_remote_file(path: str, data: bytes) -> None:
    """Writes a remote file, of which nothing is seen before it is whole."""
    files, name = open_remote(path)
    files.makedirs(name.rpartition("/")[0], exist_ok=True)
    files.pipe_file(name, data)


def send_file(path: str, target: str) -> None:
    """Copies a file of this machine to a remote one."""
    files, name = open_remote(target)
    files.put_file(path, name)


def remove_remote_file(path: str) -> None:
    """Removes a remote file."""
    files, name = open_remote(path)
    files.rm_file(name)


@contextlib.contextmanager
def _as_os_error(path: str) -> Iterator[None]:
    """Raises what a cloud's client raises as what a disk would."""
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(f"{path} cannot be reached: {error}") from error


def _path_of_url(rest: str, folder: str, name: str) -> str:
    """Gives the path of a file:// URL, in which a space may be %20."""
    path = urllib.request.url2pathname(rest.removeprefix("localhost"))
    if not os.path.isabs(path):
        raise ValueError(
            f"`{name}` must have its whole path behind file://. Received: {folder}. "
            "Write file:///home/ann/logs, or the path alone."
        )
    return path


def _check_scheme(scheme: str, folder: str, name: str) -> None:
    """Refuses a scheme without its package, before anything is written."""
    try:
        fsspec = importlib.import_module("fsspec")
    except ImportError as error:
        raise ImportError(
            f"`{name}` elsewhere needs fsspec, which cannot be imported here. "
            f"Received: {folder}. Install it with `pip install "
            "'tensorboard-plugin-lr[remote]'`."
        ) from error
    try:
        fsspec.get_filesystem_class(scheme)
        if scheme in _IMPORTED_LATE:
            importlib.import_module(_IMPORTED_LATE[scheme])
    except ImportError as error:
        raise ImportError(
            f"`{name}` needs the package for {scheme}{_SEPARATOR}, which cannot be "
            f"imported here ({error}). Received: {folder}. Install it with `pip "
            f"install {_package_of(scheme)}`."
        ) from error
    except ValueError as error:
        raise ValueError(
            f"`{name}` must be on this machine, or where fsspec knows the way, such as "
            f"s3://bucket/logs. Received: {folder}. Correct what is before "
            f"{_SEPARATOR}."
        ) from error


def _package_of(scheme: str) -> str:
    """Names what to install: the package with the class for a scheme, or an extra."""
    registry = importlib.import_module("fsspec.registry")
    package = registry.known_implementations[scheme]["class"].partition(".")[0]
    return f"'fsspec[{scheme}]'" if package == "fsspec" else package
