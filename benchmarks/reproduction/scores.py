"""How good a trained model is: its file, loaded and tested by Keras alone."""

import json
import pathlib

import keras

from benchmarks.reproduction import mnist
from benchmarks.reproduction.results import SCORES_FILE


def write_scores(folder: pathlib.Path, examples: str) -> None:
    """Tests a run's model.keras with the test set and keeps what comes out.

    Args:
        folder: Of the run.
        examples: What mnist.py calls those whose test set it is.
    """
    model = keras.models.load_model(folder / "model.keras")
    # Each model would be traced anew, of which TensorFlow warns.
    model.run_eagerly = True
    _, (x, y) = getattr(mnist, examples)()
    scores = model.evaluate(x, y, batch_size=500, verbose=0, return_dict=True)
    kept = {
        "test_loss": scores["loss"],
        "test_accuracy": scores["accuracy"],
        "num_test": len(y),
    }
    (folder / SCORES_FILE).write_text(json.dumps(kept, indent=1) + "\n")
