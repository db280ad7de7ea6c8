"""Writes what a run leaves when it has ended: models, scores and a picture."""

import json
import pathlib
from collections.abc import Sequence

import keras
import numpy as np

from lr_plugin.keras.training_summary import TrainingSummary
from lr_plugin.reader.read_run import RunRecord
from lr_plugin.whole_file import replace_file
from trainer.models.saved_model import save_model
from trainer.runs.history_plot import draw_history
from trainer.runs.names import add_names_to_model
from trainer.training.best_weights import BEST, BestWeights
from trainer.training.lost_files import LostFiles, replace_text
from trainer.training.training import Training, in_order

Scores = dict[str, dict[str, float]]


def write_results(
    training: Training,
    model: keras.Model,
    recorded: TrainingSummary | None,
    record: RunRecord | None,
    folder: pathlib.Path,
    best: BestWeights,
    lost: LostFiles,
) -> Scores:
    """Writes model.keras, best.keras, evaluation.json and history.png.

    Args:
        recorded: What was recorded; None if nothing was left to train.
        record: What of it is on disk.
        best: The weights of the best epoch, if there is validation data.
        lost: Told of what cannot be written.

    Returns:
        Scores by what was scored: "validation" and "test" with the last weights, "best
        validation" and "best test" with the best.
    """

    def write_last(part: pathlib.Path) -> None:
        save_model(model, part, recorded)
        add_names_to_model(training.data, part)

    def write_best(part: pathlib.Path) -> None:
        model.save(part)
        add_names_to_model(training.data, part)

    # Before anything is saved: for that the model is compiled anew, and with it what
    # evaluates.
    scores = _evaluate(training, model)
    last = [variable.value.numpy() for variable in model.weights]
    # The best that could be kept may not be the best that there was.
    kept = None if BEST in lost else best.read()
    if kept is not None:
        found = scores
        if not all(map(np.array_equal, kept, last)):
            _assign(model, kept)
            found = _evaluate(training, model)
            _assign(model, last)
        scores |= {f"best {name}": values for name, values in found.items()}
    with lost.keep("model.keras"):
        replace_file(folder / "model.keras", write_last)
    if kept is not None:
        _assign(model, kept)
        with lost.keep("best.keras"):
            replace_file(folder / "best.keras", write_best)
        _assign(model, last)
    text = json.dumps(scores, indent=2) + "\n"
    with lost.keep("evaluation.json"):
        replace_text(folder / "evaluation.json", text)
    with lost.keep("history.png"):
        steps_per_epoch = training.batches.steps_per_epoch
        draw_history(folder, record, steps_per_epoch=steps_per_epoch)
    # Of several workers only the chief records.
    if model.distribute_strategy.extended.should_save_summary:
        _check_record(record, recorded, lost)
    return scores


def _assign(model: keras.Model, values: Sequence[np.ndarray]) -> None:
    for variable, value in zip(model.weights, values, strict=True):
        variable.assign(value)


def _evaluate(training: Training, model: keras.Model) -> Scores:
    parts = {"validation": training.data.validation, "test": training.data.test}
    return {
        name: {
            metric: float(value)
            for metric, value in model.evaluate(
                in_order(part, training.config.batch_size), verbose=0, return_dict=True
            ).items()
        }
        for name, part in parts.items()
        if part is not None
    }


def _check_record(
    record: RunRecord | None, recorded: TrainingSummary | None, lost: LostFiles
) -> None:
    """Notes whether the record ends before the training did."""
    if recorded is None:
        return
    last_step = int(record.steps[-1]) if record is not None and len(record) else -1
    if last_step < recorded.last_step:
        missing = f"iterations from {last_step + 1} on"
        lost.note("learning_rate/", f"{missing} are not on disk")
