"""A search in any script: the user's model, tuned by keras-tuner, seen in the tab.

Example:

```python
import keras
import keras_tuner
from trainer.search import RecordedHyperModel, hp_optimizer

def build(hp):
    model = keras.Sequential(
        [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
    )
    optimizer = hp_optimizer(
        hp,
        steps_per_epoch=45,
        epochs=5,
        optimizer="adam,sgd",
        learning_rate="1e-4..1e-1",
        schedule="constant,cosine",
        warmup="0%..10%",
        momentum="0.8..0.99",
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"])
    return model

tuner = keras_tuner.RandomSearch(
    RecordedHyperModel(build, "logs/search"),
    objective="val_accuracy",
    max_trials=20,
    directory="logs/search",
    project_name="keras_tuner",
)
tuner.search(x, y, epochs=5, validation_split=0.2)
```
"""

import contextlib
import itertools
import math
import os
import pathlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import keras_tuner
from keras_tuner.engine.trial import Trial, TrialStatus
from keras_tuner.src.engine import tuner_utils

from lr_plugin.folders import is_remote, join_folder, resolve_written_folder
from lr_plugin.keras import LearningRateLogger
from lr_plugin.writer.remote_run import RemoteRun
from trainer.runs.hparams import HPARAMS, write_settings
from trainer.search.names import trial_name, trial_number
from trainer.search.oracle import worst_score
from trainer.search.record import record_score
from trainer.training.lost_files import LostFiles

# Worse than the score of any loss that was trained.
_FAR = 1e6


class RecordedHyperModel(keras_tuner.HyperModel):
    """A hypermodel around the user's, whose trainings are runs in the tab.

    Every iteration is recorded, with the trial's hyperparameters and score, also for
    TensorBoard's HParams tab. A trial that diverges counts as the worst result:
    keras-tuner alone would take it for failed, and give up after three in a row.
    """

    def __init__(
        self,
        build: Callable[[keras_tuner.HyperParameters], keras.Model]
        | keras_tuner.HyperModel,
        logdir: str | os.PathLike[str],
    ):
        """Writes nothing before a trial begins.

        Args:
            build: Takes hyperparameters and returns a compiled model; or a HyperModel.
            logdir: The folder of the runs, which are called such as
                `03-cosine-lr0.0021`. Also elsewhere, as s3://bucket/logs; keras-tuner's
                own `directory` must be of this machine.

        Raises:
            ImportError, ValueError: `logdir` is elsewhere, where nothing here reaches.
        """
        super().__init__()
        self._build_model: Any = build
        self._fit_model: Any = super().fit
        if isinstance(build, keras_tuner.HyperModel):
            self._build_model, self._fit_model = build.build, build.fit
        self._logdir = resolve_written_folder(logdir)

    def build(self, hp: keras_tuner.HyperParameters) -> keras.Model:
        return self._build_model(hp)

    def fit(
        self,
        hp: keras_tuner.HyperParameters,
        model: keras.Model,
        *args: Any,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        **kwargs: Any,
    ) -> Any:
        tuner, trial = _find_trial(callbacks)
        place = join_folder(self._logdir, trial_name(trial.trial_id, hp.values))
        with _new_folder(place) as folder:
            hparams = {name: _plain(value) for name, value in hp.values.items()}
            number = trial_number(trial.trial_id)
            with LostFiles().keep(HPARAMS):
                write_settings(folder, hparams)
            logger = LearningRateLogger(
                folder, run_info={"hparams": hparams, "trial": number}
            )
            results = self._fit_model(
                hp, model, *args, callbacks=[*callbacks, logger], **kwargs
            )
            objective = tuner.oracle.objective
            metrics = tuner_utils.convert_to_metrics_dict(results, objective)
            score = float(metrics[objective.name])
            text = f"Trial {number} ended: {objective.name} {score:.5g}."
            if _has_diverged(results, score):
                results = {**metrics, objective.name: _bad_score(tuner)}
                score = worst_score(objective)
                text = f"Trial {number} diverged."
            record_score(
                folder,
                score,
                objective=objective.name,
                direction=objective.direction,
                step=0 if logger.summary is None else logger.summary.last_step,
                text=text,
            )
        return results


def _find_trial(
    callbacks: Sequence[keras.callbacks.Callback],
) -> tuple[keras_tuner.Tuner, Trial]:
    for callback in callbacks:
        if isinstance(callback, tuner_utils.TunerCallback):
            return callback.tuner, callback.trial
    raise RuntimeError(
        "RecordedHyperModel.fit is called by a keras-tuner Tuner, which tells it the "
        "trial. Received: a call without its callbacks. Use tuner.search(...)."
    )


@contextlib.contextmanager
def _new_folder(place: str) -> Iterator[pathlib.Path]:
    """Makes a new folder of this machine, of which all is copied to one elsewhere.

    One trial may be trained several times: then it has several folders.
    """
    if is_remote(place):
        run = RemoteRun(place)
        try:
            yield pathlib.Path(run.path)
        finally:
            run.release()
        return
    folder = pathlib.Path(place)
    for number in itertools.count(1):
        candidate = (
            folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        )
        try:
            candidate.mkdir(parents=True)
            break
        except FileExistsError:
            continue
    yield candidate


def _has_diverged(results: Any, score: float) -> bool:
    if isinstance(results, keras.callbacks.History):
        losses = results.history.get("loss", [])
        return not math.isfinite(score) or any(not math.isfinite(x) for x in losses)
    return not math.isfinite(score)


def _bad_score(tuner: keras_tuner.Tuner) -> float:
    """Finds a bad score that is finite, because keras-tuner takes infinity for 0."""
    objective = tuner.oracle.objective
    others = [
        trial.score
        for trial in tuner.oracle.get_best_trials(1_000_000)
        if trial.status == TrialStatus.COMPLETED and math.isfinite(trial.score)
    ]
    if objective.direction == "max":
        return min([0.0, *others])
    return max(others, default=_FAR)


def _plain(value: Any) -> float | int | str | bool:
    return value if isinstance(value, bool | int | float | str) else str(value)
