"""The docstring of a function begins with what it does: "Reads ...", "Tells ...".

A property is described as a noun, and Keras' hooks need no docstring.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A verb in the third person ends in s; these words do, too.
NOT_VERBS = {"Always", "As", "Its", "Less", "Plus", "This", "Unless"}
PROPERTY = {"property", "cached_property", "getter", "setter", "deleter"}


def _find_without_verb(source: str) -> Iterator[str]:
    """Yields name and first line of the docstrings that begin with another word."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        text = ast.get_docstring(node)
        if text is None or PROPERTY & set(map(_last_name, node.decorator_list)):
            continue
        first_line = text.partition("\n")[0]
        word = first_line.split()[0].rstrip(",:;") if first_line else ""
        is_verb = word.istitle() and word.endswith("s") and word not in NOT_VERBS
        if not is_verb:
            yield f"{node.name}: {first_line}"


def _last_name(decorator: ast.expr) -> str:
    """Returns `cached_property` for `@functools.cached_property`."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    return ast.unparse(decorator).rpartition(".")[2]


@pytest.mark.slow
def test_docstrings_of_functions_begin_with_a_verb():
    folders = (ROOT / "lr_plugin", ROOT / "trainer")
    files = [ROOT / "lr_trainer.py", *(f for d in folders for f in d.rglob("*.py"))]
    sources = {
        file.relative_to(ROOT).as_posix(): file.read_text("utf-8")
        for file in files
        if "node_modules" not in file.parts
    }
    assert {"lr_plugin/rows.py", "trainer/train.py"} <= set(sources)
    found = {file: list(_find_without_verb(text)) for file, text in sources.items()}
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "first_line",
    ["The rows of a run.", "Read a run.", "As `read_run`.", "reads a run.", ""],
)
def test_another_beginning_is_found(first_line):
    source = f'class Run:\n    def read(self):\n        """{first_line}"""\n'
    assert list(_find_without_verb(source)) == [f"read: {first_line}"]


@pytest.mark.parametrize(
    "source",
    [
        'def read():\n    """Reads a run."""\n',
        "def read():\n    pass\n",
        'class Run:\n    """A run."""\n',
        'class Run:\n    @property\n    def rows(self):\n        """The rows."""\n',
        'class Run:\n    @rows.setter\n    def rows(self):\n        """The rows."""\n',
        "class Run:\n    @functools.cached_property\n    def rows(self):\n"
        '        """The rows."""\n',
    ],
)
def test_verbs_classes_and_properties_are_left_alone(source):
    assert list(_find_without_verb(source)) == []
