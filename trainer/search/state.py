"""The state of a search on disk: never half written, and read as far as it is whole."""

import json
import pathlib
import sys
from typing import Any

import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus

from trainer.remote_logdir import shown_path
from trainer.search.names import trial_number
from trainer.training.lost_files import replace_text

_SET_ASIDE = "Its file could not be read."
_ENDED = (TrialStatus.COMPLETED, TrialStatus.INVALID, TrialStatus.FAILED)
# What reading JSON that is cut, or that holds something else, may raise.
UNREADABLE = (OSError, ValueError, TypeError, LookupError, AttributeError)


def save_state(stateful: Any, path: pathlib.Path) -> None:
    """Writes the state of an oracle or a trial as keras-tuner does, but whole or not.

    Raises:
        OSError: It could not be written; what was there stays.
    """
    replace_text(path, json.dumps(stateful.get_state()))


def load_trials(folder: pathlib.Path) -> dict[str, Trial]:
    """Reads every trial of a search by its id.

    One that cannot be read is set aside: it stays as a trial without values, because
    keras-tuner numbers trials by how many there are.
    """
    trials = {}
    for path in sorted(folder.glob("trial_*/trial.json")):
        trial_id = path.parent.name.removeprefix("trial_")
        try:
            trial = Trial.from_state(json.loads(path.read_text("utf-8")))
        except UNREADABLE:
            print(
                f"warning: Trial {trial_number(trial_id)} of the search cannot be "
                f"read. It is set aside in {shown_path(path.parent)}, and the search "
                "goes on without it.",
                file=sys.stderr,
            )
            path.replace(path.with_name("damaged-trial.json"))
            trial = _make_empty(trial_id)
            save_state(trial, path)
        trials[trial_id] = trial
    return trials


def is_set_aside(trial: Trial) -> bool:
    """Tells whether it only stands for a trial that could not be read."""
    return trial.message == _SET_ASIDE


def order_trials(trials: dict[str, Trial]) -> tuple[list[str], list[str], list[str]]:
    """Orders trials as they were begun, where nothing else is known of a search.

    Returns:
        The ids of those that were begun, of those that have ended, and of the others.
    """
    begun = [name for name in sorted(trials) if not is_set_aside(trials[name])]
    ended = [name for name in begun if trials[name].status in _ENDED]
    return begun, ended, [name for name in begun if name not in ended]


def _make_empty(trial_id: str) -> Trial:
    trial = Trial(keras_tuner.HyperParameters(), trial_id, TrialStatus.INVALID)
    trial.message = _SET_ASIDE
    return trial
