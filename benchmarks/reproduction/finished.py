"""Reads the run folder of a finished training, and tests its model.

Keras alone loads and tests the model.
"""

import csv
import math
import pathlib

import keras

from benchmarks.reproduction import mnist
from benchmarks.reproduction.attempts import total_cpu_secs
from benchmarks.reproduction.records import recorded_rates, scalar_values
from benchmarks.reproduction.results import Result
from benchmarks.reproduction.trainings import WARNINGS_FILE, Training


def read_finished(folder: pathlib.Path, training: Training) -> Result:
    """Reads the folder of a run that has written its model.keras."""
    test_loss, test_accuracy = score_model(folder, training.recipe.examples)
    accuracies = _validation_accuracies(folder)
    rates = recorded_rates(folder)
    shown = scalar_values(folder, training.recipe.shown_tag)
    said = folder / WARNINGS_FILE
    return Result(
        run=training.run_name,
        test_loss=test_loss,
        test_accuracy=test_accuracy,
        first_val_accuracy=accuracies[0],
        last_val_accuracy=accuracies[-1],
        first_rate=float(rates[0]),
        last_rate=float(rates[-1]),
        min_rate=float(rates.min()),
        max_rate=float(rates.max()),
        num_shown=len(shown),
        first_shown=shown[0],
        last_shown=shown[-1],
        said=said.read_text().strip() if said.is_file() else "",
        cpu_secs=total_cpu_secs(folder),
    )


def score_model(folder: pathlib.Path, examples: str) -> tuple[float, float]:
    """Returns loss and accuracy of model.keras on a test set.

    Args:
        folder: The run folder.
        examples: The function of mnist.py that loads the test set.
    """
    model = keras.models.load_model(folder / "model.keras")
    # Otherwise TensorFlow warns that it traces every model anew.
    model.run_eagerly = True
    _, (x, y) = getattr(mnist, examples)()
    scores = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)
    return scores["loss"], scores["accuracy"]


def _validation_accuracies(folder: pathlib.Path) -> list[float]:
    """Reads the validation accuracies by epoch; NaN where there was no validation."""
    path = folder / "history.csv"
    if not path.is_file():
        return [math.nan]
    with path.open(newline="") as file:
        texts = [line["val_accuracy"] for line in csv.DictReader(file)]
    return [math.nan if text == "NA" else float(text) for text in texts]
