import pytest

from trainer.errors import ConfigError
from trainer.settings.imported_function import call_function

MODULE = """
number = 3

def plain():
    return "called"

def wants(input_shape, num_classes=10, *, verbose=False):
    return input_shape, num_classes

def takes_any(**settings):
    return settings

def impossible(depth):
    pass

def broken():
    raise KeyError("weights")
"""


@pytest.fixture(autouse=True)
def module(user_module):
    user_module("my_functions", MODULE)
    user_module("my_typo", "import nunpy")
    user_module("my_script", "raise SystemExit('usage: my_script FILE')")


def call(text, **offered):
    return call_function("model", text, **offered)


def test_function_gets_what_its_signature_names():
    offered = {"input_shape": (8, 8, 1), "num_outputs": 5, "num_classes": None}
    assert call("my_functions:plain", **offered) == "called"
    assert call("my_functions:wants", **offered) == ((8, 8, 1), 10)
    assert call("my_functions:wants", input_shape=(3,), num_classes=5) == ((3,), 5)
    known = {"input_shape": (8, 8, 1), "num_outputs": 5}
    assert call("my_functions:takes_any", **offered) == known


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "my_function:plain",
            "`--model` must name a function of a module that can be imported. "
            "Received: --model=my_function:plain: ModuleNotFoundError: No module named "
            "'my_function'. Start the program in the module's folder, or add that to "
            "PYTHONPATH.",
        ),
        (
            "my_typo:plain",
            "--model=my_typo:plain: ModuleNotFoundError: No module named 'nunpy'.",
        ),
        (
            "my_script:main",
            "--model=my_script:main: SystemExit: usage: my_script FILE.",
        ),
        (
            "my_functions:plian",
            "`--model` must name a function of my_functions (did you mean plain?). "
            "Received: --model=my_functions:plian, which is missing. Correct the name "
            "after the colon.",
        ),
        ("my_functions:number", "--model=my_functions:number, which is int."),
        (
            "my_functions:impossible",
            "`--model` must name a function that needs no arguments but input_shape. "
            "Received: --model=my_functions:impossible, which needs depth. Give these "
            "a default.",
        ),
        (
            "my_functions:broken",
            "`--model` must name a function that returns. Received: "
            "--model=my_functions:broken, which raised KeyError: 'weights' "
            "(my_functions.py, line 17). Correct it.",
        ),
    ],
)
def test_what_cannot_be_called_is_one_sentence(text, message):
    with pytest.raises(ConfigError) as error:
        call(text, input_shape=(3,), num_classes=None)
    assert message in str(error.value)
