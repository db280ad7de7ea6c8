"""The shape of the two packages: no circles, no crowded folders, no endless files.

A folder is read like a house: each file and each folder within it is a room, and
imports between rooms go one way. So no folder imports one above it.
"""

import ast
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("lr_plugin", "trainer")
MAX_MODULES_OF_FOLDER = 20
MAX_LINES_OF_MODULE = 319

# Dotted names of modules to the dotted names that each imports.
Imports = Mapping[str, set[str]]


def _read_modules(root: Path) -> dict[str, str]:
    """Reads the source by dotted name; a package has the name of its folder."""
    modules = {}
    for package in PACKAGES:
        for file in (root / package).rglob("*.py"):
            parts = file.relative_to(root).with_suffix("").parts
            if "node_modules" not in parts:
                name = ".".join(parts).removesuffix(".__init__")
                modules[name] = file.read_text("utf-8")
    return modules


def _find_imports(modules: Mapping[str, str]) -> Imports:
    """Finds the imports between the modules, also those within functions."""
    imports: dict[str, set[str]] = {name: set() for name in modules}
    for name, source in modules.items():
        for node in ast.walk(ast.parse(source)):
            found: list[str] = []
            if isinstance(node, ast.Import):
                found = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                members = [f"{node.module}.{alias.name}" for alias in node.names]
                found = [member for member in members if member in modules]
                if len(found) < len(members):
                    found.append(str(node.module))
            imports[name].update(set(found) & set(modules) - {name})
    return imports


def _find_circle(imports: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def _rooms_of(folder: str, imports: Imports) -> dict[str, set[str]]:
    """Finds the imports between the rooms of a folder: what lies directly in it."""

    def room(name: str) -> str:
        return name.removeprefix(f"{folder}.").partition(".")[0]

    rooms: dict[str, set[str]] = {}
    for name, found in imports.items():
        if name.startswith(f"{folder}."):
            within = {room(n) for n in found if n.startswith(f"{folder}.")}
            rooms.setdefault(room(name), set()).update(within - {room(name)})
    return rooms


def _find_circles_of_rooms(imports: Imports) -> dict[str, list[str]]:
    folders = {
        name[:end] for name in imports for end, dot in enumerate(name) if dot == "."
    }
    circles = {f: _find_circle(_rooms_of(f, imports)) for f in sorted(folders)}
    return {folder: circle for folder, circle in circles.items() if circle}


def _count_modules(names: Iterable[str]) -> dict[str, int]:
    """Counts the modules of each folder; the folders within it are not among them."""
    folders = {name.rpartition(".")[0] for name in names}
    counts: dict[str, int] = {}
    for name in set(names) - folders:
        folder = name.rpartition(".")[0]
        counts[folder] = counts.get(folder, 0) + 1
    return counts


@pytest.fixture(scope="module")
def modules():
    return _read_modules(ROOT)


@pytest.fixture(scope="module")
def imports(modules):
    return _find_imports(modules)


@pytest.mark.slow
def test_no_modules_import_each_other_in_a_circle(imports):
    assert _find_circle(imports) == []


@pytest.mark.slow
def test_no_folder_imports_one_above_it(imports):
    assert _find_circles_of_rooms(imports) == {}


def test_no_folder_holds_more_modules_than_one_can_take_in(modules):
    counts = _count_modules(modules)
    assert counts["lr_plugin.reader"] > 10
    crowded = {f: n for f, n in counts.items() if n > MAX_MODULES_OF_FOLDER}
    assert crowded == {}


def test_no_module_is_longer_than_one_reads_at_once(modules):
    lines = {name: len(source.splitlines()) for name, source in modules.items()}
    assert {n: k for n, k in lines.items() if k > MAX_LINES_OF_MODULE} == {}


def test_modules_are_counted_by_folder():
    names = ["a", "a.x", "a.y", "a.b", "a.b.z"]
    assert _count_modules(names) == {"a": 2, "a.b": 1}


def test_a_circle_of_modules_is_found():
    modules = {
        "trainer.train": "from trainer.data import load\n",
        "trainer.data": "",
        "trainer.data.load": "def f():\n    import trainer.train\n",
    }
    assert set(_find_circle(_find_imports(modules))) == {
        "trainer.train",
        "trainer.data.load",
    }


def test_a_folder_that_imports_one_above_it_is_found():
    # No two modules import each other, but the folders do.
    modules = {
        "trainer.data.load": "from trainer.models.sizes import SIZES\n",
        "trainer.models.sizes": "",
        "trainer.models.build": "import trainer.data.load\n",
    }
    imports = _find_imports(modules)
    assert _find_circle(imports) == []
    assert set(_find_circles_of_rooms(imports)["trainer"]) == {"data", "models"}
