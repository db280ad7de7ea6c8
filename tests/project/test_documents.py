"""What the documents name is there: paths of the repository, and imports."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/measurements.md",
    "docs/reproduction.md",
    "docs/how/search.md",
)
FOLDERS = ("benchmarks", "docs", "examples", "lr_plugin", "tests", "trainer")
# The bundle of the browser code, which is made by an installation.
BUILT = "lr_plugin/static"


def _find_paths(text: str) -> set[str]:
    """Finds what looks like a path from the root of the repository."""
    found = re.findall(rf"(?<![\w/.-])(?:{'|'.join(FOLDERS)})/[\w./-]*", text)
    return {path.rstrip("./") for path in found}


def _find_python(text: str) -> list[str]:
    """Finds the blocks of Python code."""
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def _find_imports(source: str) -> Iterator[tuple[str, str]]:
    """Yields (module, name) of all imports; the name is empty for a whole module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((str(node.module), alias.name) for alias in node.names)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_that_a_document_names_exist(name):
    paths = _find_paths((ROOT / name).read_text("utf-8")) - {BUILT}
    assert paths
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_a_path_is_found_wherever_it_stands():
    text = (
        "In `lr_plugin/rows.py`, [docs](docs/a.png) or\n    python benchmarks/b.py.\n"
    )
    assert _find_paths(text) == {"lr_plugin/rows.py", "docs/a.png", "benchmarks/b.py"}
    assert _find_paths("below data/plugin/trainer/x, on my_docs/page") == set()


def test_code_of_the_readme_imports_what_there_is():
    blocks = _find_python((ROOT / "README.md").read_text("utf-8"))
    imports = {found for block in blocks for found in _find_imports(block)}
    assert ("lr_plugin.keras", "LearningRateLogger") in imports
    for module, name in sorted(imports):
        imported = importlib.import_module(module)
        assert not name or hasattr(imported, name), f"from {module} import {name}"
