"""A --logdir elsewhere: worked on in a folder of this machine, and mirrored there.

So every file is written as for a local --logdir, and the training waits for no network.
"""

import contextlib
import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator

from lr_plugin import folders
from lr_plugin.writer.mirror import Mirror
from lr_plugin.writer.remote_run import CLAIM, claim_folder
from trainer.errors import ConfigError, first_line

# Copied after what they rely on, and removed there when they are removed here.
_CHECKPOINTS = "checkpoints"

# The local folders, by the remote ones.
_local: dict[str, pathlib.Path] = {}
_claims: list[str] = []


class LostCopyError(Exception):
    """Not all that a program has written came to where it belongs."""

    def __init__(self, logdir: str, path: str):
        super().__init__(
            f"All files must be copied to --logdir={logdir}. Received: some that could "
            f"not be, as said above. All are in {path} on this machine: copy them from "
            "there."
        )


@contextlib.contextmanager
def mirrored_logdir(logdir: str, *, resumed_run: str | None) -> Iterator[None]:
    """Mirrors what is written for a remote `logdir`, until all of it is there.

    Args:
        resumed_run: The run to go on with, which is fetched first.

    Raises:
        ConfigError: `logdir` cannot be reached.
        LostCopyError: In the end something could not be copied there.
    """
    if not folders.is_remote(logdir):
        yield
        return
    remote = _resolve(logdir)
    path = tempfile.mkdtemp(prefix="lr_plugin-")
    try:
        _fetch(remote, path, resumed_run)
    except OSError as error:
        shutil.rmtree(path)
        raise unreachable_error(logdir, error) from error
    _local[remote] = pathlib.Path(path)
    mirror = Mirror(
        path,
        lambda: remote,
        on_end=_let_go,
        shown_name=remote,
        content="record of the runs",
        transient=_CHECKPOINTS,
        is_copy=True,
    )
    try:
        yield
    finally:
        is_complete = mirror.close(timeout_secs=None)
        del _local[remote]
    if not is_complete:
        raise LostCopyError(remote, path)


def local_logdir(logdir: str) -> pathlib.Path:
    """Gives the folder of this machine for `--logdir`, or for a folder below it.

    Raises:
        ConfigError: It is remote, and is not mirrored.
    """
    if not folders.is_remote(logdir):
        return pathlib.Path(logdir)
    wanted = _resolve(logdir)
    for remote, local in _local.items():
        if f"{wanted}/".startswith(f"{remote}/"):
            return local / wanted[len(remote) + 1 :]
    raise ConfigError(
        "`logdir` must be a folder of this machine where the program is not "
        f"started by its command. Received: {logdir}. Start python -m trainer."
    )


def shown_path(path: pathlib.Path) -> str:
    """Says where a file or a folder is, or will be."""
    for remote, local in _local.items():
        if path.is_relative_to(local):
            names = path.relative_to(local).parts
            return folders.join_folder(remote, *names)
    return str(path)


def claim_run(logdir: str, name: str) -> bool:
    """Claims the name of a run where `logdir` is remote; False if another has it.

    What is below the folder of a run, as the trials of a search, is claimed with it.

    Raises:
        ConfigError: It cannot be written there.
    """
    remote = _resolve(logdir)
    if remote not in _local:
        return True
    try:
        if folders.find_remote_files(folders.join_folder(remote, name)):
            return False
        claim = claim_folder(folders.join_folder(remote, name))
    # The errors of a cloud's client are of any kind.
    except Exception as error:
        raise unreachable_error(logdir, error) from error
    if claim is not None:
        _claims.append(claim)
    return claim is not None


def unreachable_error(logdir: str, error: Exception) -> ConfigError:
    """Builds the error for a remote folder that does not answer as it should."""
    return ConfigError(
        "`--logdir` must be a folder that can be reached and written. Received: "
        f"--logdir={logdir} ({first_line(error)}). Correct its name, or what gives "
        "access to it."
    )


def _resolve(logdir: str) -> str:
    try:
        return folders.resolve_written_folder(logdir, name="--logdir")
    except (ImportError, ValueError) as error:
        raise ConfigError(str(error)) from error


def _fetch(remote: str, path: str, resumed_run: str | None) -> None:
    """Fetches a run, and of the others the names, which are taken."""
    files = folders.find_remote_files(remote)
    for file in files:
        name, *rest = file[len(remote) + 1 :].split("/")
        if rest:
            os.makedirs(os.path.join(path, name), exist_ok=True)
        if rest and name == resumed_run and CLAIM in rest[-1]:
            # Of the program that began the run, and was killed.
            _claims.append(file)
        elif rest and name == resumed_run:
            folders.fetch_remote_file_below(file, remote, path)


def _let_go() -> None:
    while _claims:
        folders.remove_remote_file(_claims.pop())
