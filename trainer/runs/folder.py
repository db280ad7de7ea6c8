"""The folder of a run: its name, and the rule that it holds one run only."""

import itertools
import os
import pathlib
import shutil
import sys
from collections.abc import Iterable, Iterator

from trainer.errors import ConfigError
from trainer.remote_logdir import claim_run, local_logdir, shown_path
from trainer.runs.resume import FLAGS_FILE
from trainer.settings.command_line import format_flags
from trainer.settings.config import Config
from trainer.settings.run import RunFlags
from trainer.training.checkpoint import Checkpoint, read_checkpoint
from trainer.training.lost_files import replace_text


def check_run_folder(flags: RunFlags) -> None:
    """Refuses a run folder that could not be made; makes none.

    Raises:
        ConfigError: The run exists already, or the logdir cannot be written.
    """
    if flags.resume:
        return
    if flags.run is not None and run_folder(flags).exists():
        raise _exists_error(flags)
    parent = local_logdir(flags.logdir).absolute()
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise _not_writable_error(flags.logdir, str(parent))


def begin_run(config: Config) -> pathlib.Path:
    """Makes the run folder, or finds that of a resumed run; writes flags.txt into it.

    Raises:
        ConfigError: The run exists already, or the logdir cannot be written.
    """
    folder = run_folder(config) if config.resume else create_run_folder(config)
    try:
        replace_text(folder / FLAGS_FILE, format_flags(config))
    except OSError as error:
        if not config.resume:
            shutil.rmtree(folder, ignore_errors=True)
        cause = error.strerror or str(error)
        raise _not_writable_error(config.logdir, cause) from error
    return folder


def create_run_folder(config: Config) -> pathlib.Path:
    """Makes the folder of a new run, named by `--run` or made of the settings.

    Raises:
        ConfigError: The run exists already, or the logdir cannot be written.
    """
    names: Iterable[str] = [config.run] if config.run else _default_names(config)
    for name in names:
        folder = local_logdir(config.logdir) / name
        try:
            # Making the folder claims it: two programs never share one.
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            cause = error.strerror or str(error)
            raise _not_writable_error(config.logdir, cause) from error
        if claim_run(config.logdir, name):
            return folder
    raise _exists_error(config)


def checkpoint_of(flags: RunFlags, *, epochs: int) -> Checkpoint:
    """Reads the checkpoint from which the run goes on.

    Args:
        epochs: How many epochs the run is to have.

    Raises:
        ConfigError: The run has no checkpoint, or is over.
    """
    folder = run_folder(flags)
    damaged: list[str] = []
    checkpoint = read_checkpoint(
        folder / "checkpoints", on_damage=lambda path: damaged.append(path.name)
    )
    if checkpoint is None:
        which = f"none that is whole ({', '.join(damaged)})" if damaged else "none"
        raise ConfigError(
            "`--resume` must find a checkpoint. Received: --run="
            f"{flags.run}, which has {which} in "
            f"{shown_path(folder / 'checkpoints')}. Begin again with another --run."
        )
    for name in damaged:
        print(
            f"warning: The checkpoint {name} is damaged. The training goes on from the "
            "one before.",
            file=sys.stderr,
        )
    if checkpoint.epoch >= epochs and (folder / "model.keras").exists():
        raise ConfigError(
            "`--resume` must find a run that is not over. Received: --run="
            f"{flags.run}, which has trained its {checkpoint.epoch} epochs. Add "
            "--resume_with_changes and a higher --epochs to train on."
        )
    return checkpoint


def run_folder(flags: RunFlags) -> pathlib.Path:
    """Gives the folder of a run that has its name, on this machine."""
    return local_logdir(flags.logdir) / str(flags.run)


def _default_names(config: Config) -> Iterator[str]:
    """Yields digits-mlp-adam-cosine-0.003, then the same with -2, -3, ..."""
    name = default_run_name(config)
    yield name
    for number in itertools.count(2):
        yield f"{name}-{number}"


def default_run_name(config: Config) -> str:
    """Makes a run name of the settings: dataset, model, optimizer, schedule, rate."""
    parts = [short_name(config.dataset), short_name(config.model)]
    if config.mode == "search":
        return "-".join([*parts, "search"])
    parts += [config.optimizer or "own", short_name(config.schedule_name)]
    if config.learning_rate is not None:
        parts.append(str(config.learning_rate))
    return "-".join(parts)


def short_name(text: str) -> str:
    """Shortens the value of a flag to a part of a folder's name.

    Of a path the name without its suffix is left, of `module:function` a name without
    the colon, which not every file system allows.
    """
    path = pathlib.Path(text)
    name = path.resolve().name if path.is_dir() else path.name
    stem = pathlib.PurePath(name).stem if path.is_file() else name
    return stem.replace(":", ".")


def _exists_error(flags: RunFlags) -> ConfigError:
    return ConfigError(
        "`--run` must name a new run: two runs never share a folder. Received: "
        f"--run={flags.run}, which exists in {flags.logdir}. Choose another --run, "
        "or add --resume to go on with it."
    )


def _not_writable_error(logdir: str, cause: str) -> ConfigError:
    return ConfigError(
        "`--logdir` must be a folder that can be written. Received: "
        f"--logdir={logdir} ({cause}). Choose another --logdir."
    )
