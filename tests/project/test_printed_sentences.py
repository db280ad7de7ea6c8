"""No sentence of the programs is without a test that has it said."""

from pathlib import Path

import pytest
from printed_texts import list_sentences, list_strings

ROOT = Path(__file__).resolve().parents[2]
# Flags: their help and what they refuse, which their own tests read.
NO_LINES = ROOT / "trainer" / "settings"
# What is no sentence of its own.
LABELS = {
    # Before "could not be recorded", as `test_failures_of_recording.py` has it.
    "The end of an epoch",
    "The end of the training",
    "The gradients' norm",
    "What is trained",
    "Which values of a metric are better",
    # In the message of an error.
    "Change the images there",
    "Correct the file",
    "a list of lists of numbers",
    "a list of numbers",
    "a mapping from names to numbers or None",
    "a mapping with `class_name`, a text, and `config`, a mapping",
    "a moment in seconds since 1970",
    "about the run",
    "an output of shape",
    "batched and ordered by itself",
    "examples of several arrays",
    "free in a search",
    "it was made for",
    "must hold numbers to predict where --task=regression says so",
    "must return (x, y) or (x, y, sample_weight), ((x_train, y_train), (x_test, "
    "y_test)) as keras.datasets do, a tf.data.Dataset, PyDataset or generator of "
    "batches, or a dict of these named train, val and test, or of arrays named "
    "x_train, y_train, x_val, y_val, x_test, y_test",
    "weights without the head's",
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", '
    '"index": 0}}',
    # What Keras says, which is left out.
    "Exception encountered when calling",
    "Graph execution error",
    # Names.
    "Learning / (Policy l|L)earning rate",
    "Loss / Q-network loss",
    "Learning Rate plugin",
    "TensorFlow Model Garden",
    "TensorFlow Object Detection API",
    "Writes example runs",
    "formulas, no training",
    "weakref.WeakKeyDictionary[Any, dict[str, str]]",
}


@pytest.mark.slow
def test_every_sentence_is_said_in_a_test():
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    said = "\n".join(text for path in tests for text in list_strings(path))
    missing = [
        f"{path.relative_to(ROOT)}: {text}"
        for package in ("lr_plugin", "trainer")
        for path in sorted((ROOT / package).rglob("*.py"))
        if NO_LINES not in path.parents and "node_modules" not in path.parts
        for text in sorted(list_sentences(path) - LABELS)
        if text not in said
    ]

    assert missing == []


@pytest.mark.slow
def test_no_label_is_kept_for_nothing():
    found = {
        text
        for package in ("lr_plugin", "trainer")
        for path in (ROOT / package).rglob("*.py")
        for text in list_sentences(path)
    }

    assert LABELS - found == set()


def test_sentences_in_code_are_found(tmp_path):
    path = tmp_path / "code.py"
    path.write_text(
        '''"""Documentation is no sentence."""
def say(run, error):
    print(f"All of run {run} is said here. Or "
          f"not: {error}")
    _logger.warning("The file %s cannot be read (%s).", run, error)
    raise ValueError("What an error says is left out.")
class RunError(Exception):
    text = "This one is left out too."
'''
    )

    assert list_sentences(path) == {
        "All of run",
        "is said here. Or not",
        "cannot be read",
    }
