"""Chooses the folder of a Keras training, and remembers what trained into which."""

import functools
import os
import weakref
from typing import Any

from lr_plugin import schema
from lr_plugin.folders import is_remote
from lr_plugin.writer.run_folder import (
    RunFolder,
    claim_run_folder,
    continue_run_folder,
    open_run_folder,
    trains_on,
)

# By optimizer, and by the log directory that a logger was given.
_paths: "weakref.WeakKeyDictionary[Any, dict[str, str]]" = weakref.WeakKeyDictionary()


def claim_training_folder(
    logdir: str,
    optimizer: Any,
    run_info: schema.RunInfo,
    *,
    resume: bool | None,
) -> RunFolder:
    """Claims the folder of a training that begins now.

    An optimizer that was recorded before goes on with its run, whichever logger
    recorded it. So does a training that is resumed: from where another process, or a
    saved model, had come. All else begins a run of its own. Of several runs that had
    come so far, as the trials of a search, it goes on with one of the same optimizer
    and schedule only.

    Args:
        optimizer: What counts the steps.
        run_info: What is trained, and where that begins. Another epoch than the first
            says that the training is resumed.
        resume: What the user says of it, if anything.
    """
    if resume:
        # Said by who knows: wherever the run in there has come to.
        return continue_run_folder(logdir) or open_run_folder(logdir)
    first_step, is_resumed = run_info.first_step, run_info.first_epoch > 0
    paths = _paths.setdefault(optimizer, {})
    key = logdir if is_remote(logdir) else os.path.abspath(logdir)
    folder = None
    if key in paths and first_step > 0 and resume is None:
        folder = continue_run_folder(paths[key])
    if folder is None:
        goes_on = None
        if first_step > 0 and resume is None:
            goes_on = functools.partial(
                trains_on, first_step=first_step, is_resumed=is_resumed
            )
        folder = claim_run_folder(logdir, goes_on=goes_on, run_info=run_info)
    paths[key] = folder.path
    return folder
