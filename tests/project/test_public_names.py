"""What a script may import: these names stay, everything else may move."""

import importlib
import inspect
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from lr_plugin.keras import RangeTest, schedules

ROOT = Path(__file__).resolve().parents[2]

NAMES = {
    "lr_plugin": ("RunWriter", "read_run"),
    "lr_plugin.keras": (
        "LearningRateLogger",
        "MultiplyOnPlateau",
        "RangeTest",
        "range_test",
        "schedules",
    ),
    "lr_plugin.keras.schedules": (
        "Clock",
        "CompoundingTimeDecay",
        "CosineRestarts",
        "InverseSquareRoot",
        "Joined",
        "SqrtFall",
        "Staircase",
        "Triangular",
        "cosine",
        "exponential",
        "linear",
        "one_cycle",
        "one_cycle_momentum",
        "piecewise",
        "polynomial",
        "rate_at",
        "time_decay",
        "warmup_stable_decay",
        "with_warmup",
    ),
    "trainer.search": (
        "RecordedHyperModel",
        "hp_learning_rate",
        "hp_optimizer",
        "hp_schedule",
    ),
}


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, names in NAMES.items() for name in names],
)
def test_name_is_there_and_explained(module, name):
    value = getattr(importlib.import_module(module), name)
    # Written here, and not one that a class inherits or that dataclasses make.
    text = inspect.cleandoc(vars(value).get("__doc__") or value.__doc__ or "")
    first_line = text.partition("\n")[0]
    assert first_line.endswith("."), first_line
    assert not first_line.startswith(f"{name}("), "made by dataclasses"
    assert len(text.split()) >= 15, text
    if inspect.isfunction(value):
        verb = first_line.split()[0]
        assert verb[0].isupper() and verb.endswith("s"), f"no verb: {verb}"


def test_every_public_schedule_is_in_the_list():
    assert sorted(schedules.__all__) == list(NAMES["lr_plugin.keras.schedules"])


# The folder of the range test has the same name as the function.


IMPORTS = (
    "import lr_plugin.keras",
    "import lr_plugin.keras.range_test",
    "import lr_plugin.keras.range_test.sweep",
    "import lr_plugin.keras.range_test.range_test",
    "from lr_plugin.keras.range_test import defaults",
    "from lr_plugin.keras.range_test.result import RangeTest",
    "import importlib; importlib.import_module('lr_plugin.keras.range_test.plot')",
)


@pytest.mark.slow
def test_range_test_is_the_function_whatever_was_imported_before():
    # Keras is imported once, which takes seconds, and the library anew each time. With
    # NumPy it takes half as long as with TensorFlow.
    code = (
        "import sys, keras\n"
        f"for before in {IMPORTS!r}:\n"
        "    for name in [n for n in sys.modules if n.startswith('lr_plugin')]:\n"
        "        del sys.modules[name]\n"
        "    exec(before, {})\n"
        "    from lr_plugin.keras import range_test\n"
        "    import lr_plugin.keras.range_test.curve\n"
        "    assert lr_plugin.keras.range_test is range_test\n"
        "    print(type(range_test).__name__)\n"
    )
    command = [sys.executable, "-c", code]
    env = {**os.environ, "KERAS_BACKEND": "numpy"}
    output = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
    assert output.stdout.decode().split()[-len(IMPORTS) :] == ["function"] * len(
        IMPORTS
    )


def test_result_of_a_range_test_can_be_pickled():
    result = RangeTest(
        learning_rates=[0.1, 1.0],
        losses=[[2.0, 1.0]],
        smoothed=[2.0, 1.0],
        suggestion=0.3,
        interval=(0.2, 0.4),
        reason="The loss fell.",
    )
    assert pickle.loads(pickle.dumps(result)) == result
    assert RangeTest.__module__ == "lr_plugin.keras.range_test.result"
