"""Writes what a run leaves when it has ended: models, scores and a picture."""

import json
import pathlib

import keras

from lr_plugin.keras.training_summary import TrainingSummary
from trainer.models.saved_model import save_model
from trainer.runs.history_plot import draw_history
from trainer.training.best_weights import BestWeights
from trainer.training.training import Training, in_order

Scores = dict[str, dict[str, float]]


def write_results(
    training: Training,
    model: keras.Model,
    recorded: TrainingSummary | None,
    folder: pathlib.Path,
    best: BestWeights,
) -> Scores:
    """Writes model.keras, best.keras, evaluation.json and history.png.

    Args:
        recorded: What was recorded; None if nothing was left to train.
        best: The weights of the best epoch, if there is validation data.

    Returns:
        Scores by what was scored: "validation" and "test" with the last weights, "best
        validation" and "best test" with the best.
    """
    save_model(model, folder / "model.keras", recorded)
    scores = _evaluate(training, model)
    last = [variable.value.numpy() for variable in model.weights]
    if best.load_into(model):
        model.save(folder / "best.keras")
        for name, values in _evaluate(training, model).items():
            scores[f"best {name}"] = values
        for variable, value in zip(model.weights, last, strict=True):
            variable.assign(value)
    (folder / "evaluation.json").write_text(json.dumps(scores, indent=2) + "\n")
    draw_history(folder, steps_per_epoch=training.batches.steps_per_epoch)
    return scores


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
