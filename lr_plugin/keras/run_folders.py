"""Chooses the folder of a Keras training, and remembers what trained into which."""

import os
import weakref
from collections.abc import Callable
from typing import Any

from lr_plugin.writer.recorded_steps import RecordedSteps
from lr_plugin.writer.run_folder import (
    RunFolder,
    claim_run_folder,
    continue_run_folder,
    trains_on,
)

# By optimizer, and by the log directory that a logger was given.
_paths: "weakref.WeakKeyDictionary[Any, dict[str, str]]" = weakref.WeakKeyDictionary()


def claim_training_folder(
    logdir: str,
    optimizer: Any,
    first_step: int,
    *,
    first_epoch: int,
    resume: bool | None,
) -> RunFolder:
    """Claims the folder of a training that begins now.

    An optimizer that was recorded before goes on with its run, whichever logger
    recorded it. So does a training that is resumed: from where another process, or a
    saved model, had come. All else begins a run of its own.

    Args:
        optimizer: What counts the steps.
        first_step: The first iteration of the training.
        first_epoch: The epoch, counted from 0, in which it begins. Another than the
            first says that the training is resumed.
        resume: What the user says of it, if anything.
    """
    paths = _paths.setdefault(optimizer, {})
    key = os.path.abspath(logdir)
    folder = None
    if key in paths and first_step > 0 and resume is not False:
        folder = continue_run_folder(paths[key])
    if folder is None:
        goes_on = _rule(first_step, first_epoch=first_epoch, resume=resume)
        folder = claim_run_folder(logdir, goes_on=goes_on)
    paths[key] = folder.path
    return folder


def _rule(
    first_step: int, *, first_epoch: int, resume: bool | None
) -> Callable[[RecordedSteps], bool] | None:
    if resume:
        return lambda steps: steps.first <= first_step <= steps.last + 1
    if resume is False or first_step == 0:
        return None
    return lambda steps: trains_on(steps, first_step, is_resumed=first_epoch > 0)
