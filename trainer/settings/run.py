"""What the program does, and the folder it does it in."""

import dataclasses
import pathlib

from lr_plugin.folders import resolve_written_folder
from trainer.errors import ConfigError
from trainer.settings.durations import ONE_EPOCH, Duration
from trainer.settings.flag import flag
from trainer.settings.flag_types import Length, OneOf, Place, Switch, Text, Whole

MODES = ("train", "range_test", "search", "preview")


@dataclasses.dataclass(frozen=True)
class ModeFlags:
    """What the program does."""

    mode: str = flag(
        "train",
        OneOf(MODES),
        "train: train a model. range_test: find the learning rate. search: try many "
        "settings; those that it varies, of schedule and optimizer, are given as "
        "ranges, 1e-4..1e-1, or choices, adam,sgd. preview: show the schedule without "
        "training.",
        searched="no",
        on_resume="about the run",
        is_shown=False,
    )


@dataclasses.dataclass(frozen=True)
class RunFlags:
    """Where a run is kept, and how it goes on."""

    logdir: str = flag(
        "logs",
        Place(),
        "Folder of all runs; TensorBoard's --logdir. Also elsewhere, as s3://bucket/"
        "logs.",
        searched="no",
        on_resume="about the run",
        is_shown=False,
    )
    run: str | None = flag(
        None,
        Text(),
        "Name of this run and of its folder in --logdir. Default: made of the "
        "settings.",
        searched="no",
        on_resume="about the run",
        is_shown=False,
        repeated="never",
    )
    resume: bool = flag(
        False,
        Switch(),
        "Go on with --run where its last checkpoint is, with the settings it began "
        "with.",
        searched="no",
        on_resume="about the run",
        is_shown=False,
        repeated="never",
    )
    resume_with_changes: bool = flag(
        False,
        Switch(),
        "Let --resume change the length of the run, its schedule or other settings "
        "that the checkpoint does not fix.",
        searched="no",
        on_resume="about the run",
        is_shown=False,
        repeated="never",
    )
    quiet: bool = flag(
        False,
        Switch(),
        "Print nothing but errors; the run's folder has all that would be printed.",
        searched="no",
        on_resume="about the run",
        is_shown=False,
        repeated="never",
    )
    landscape_samples: int = flag(
        0,
        Whole(at_least=0),
        "How often in a run to measure what other rates would have done, 40 for "
        "example. Each takes as long as 8 to 16 updates, with --steps_per_execution "
        "more: 40 are 2 % of a run of 16,000 to 32,000.",
        searched="no",
        on_resume="free",
    )
    checkpoint_every: Duration = flag(
        ONE_EPOCH,
        Length(),
        "A duration: how much of the run may have to be trained again after it was "
        "killed.",
        searched="no",
        on_resume="free",
    )


def check_run(flags: RunFlags) -> None:
    """Refuses names that no folder here can have, and --resume without a name.

    Raises:
        ConfigError: --logdir is of no known kind, or --run is missing or is more than a
            name.
    """
    try:
        resolve_written_folder(flags.logdir, name="--logdir")
    except (ImportError, ValueError) as error:
        raise ConfigError(str(error)) from error
    name = flags.run
    if (name is not None and pathlib.PurePath(name).parts != (name,)) or name == "..":
        raise ConfigError(
            "`--run` must be one folder's name, without slashes. Received: "
            f"--run={name}. Name the folder above it with --logdir."
        )
    if flags.resume and name is None:
        raise ConfigError(
            "`--resume` must be told which run. Received: --resume without --run. Add "
            "--run=NAME, the name of its folder in --logdir."
        )
