"""Who may import what; see the layout in CONTRIBUTING.md."""

import ast
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Rule:
    """Below `scope`, `modules` are imported only by `allowed` (files or folders)."""

    name: str
    scope: str
    modules: tuple[str, ...]
    allowed: tuple[str, ...] = ()

    def forbids(self, path: str, module: str) -> bool:
        return (
            _is_within(path, self.scope, "/")
            and any(_is_within(module, name, ".") for name in self.modules)
            and not any(_is_within(path, place, "/") for place in self.allowed)
        )


RULES = (
    Rule(
        name="lr_plugin knows nothing of trainer",
        scope="lr_plugin",
        modules=("trainer",),
    ),
    Rule(
        name="the tab and the writer work without Keras",
        scope="lr_plugin",
        modules=("keras", "tensorflow", "lr_plugin.keras"),
        allowed=("lr_plugin/keras",),
    ),
    Rule(
        name="on other backends, Keras is recorded without TensorFlow",
        scope="lr_plugin/keras",
        modules=("tensorflow", "lr_plugin.keras.capture.tensorflow"),
        allowed=(
            "lr_plugin/keras/capture/tensorflow",
            "lr_plugin/keras/range_test/datasets.py",
            "lr_plugin/keras/range_test/tensorflow_state.py",
        ),
    ),
    Rule(
        name="only JAX's capture needs JAX",
        scope="lr_plugin",
        modules=("jax", "lr_plugin.keras.capture.jax"),
        allowed=("lr_plugin/keras/capture/jax",),
    ),
    Rule(
        name="only PyTorch's capture needs PyTorch",
        scope="lr_plugin",
        modules=("torch", "lr_plugin.keras.capture.torch"),
        allowed=(
            "lr_plugin/keras/capture/torch",
            "lr_plugin/keras/range_test/torch_state.py",
        ),
    ),
    Rule(
        name="the recording reads no run",
        scope="lr_plugin/keras",
        modules=("lr_plugin.reader",),
    ),
    Rule(
        name="the writer reads no run",
        scope="lr_plugin/writer",
        modules=("lr_plugin.reader",),
    ),
    Rule(
        name="the reader writes no run",
        scope="lr_plugin/reader",
        modules=("lr_plugin.writer",),
    ),
    Rule(
        name="one file speaks HTTP",
        scope="lr_plugin",
        modules=("werkzeug", "tensorboard.backend.http_util"),
        allowed=("lr_plugin/plugin.py",),
    ),
    Rule(
        name="the record's schema is independent of TensorBoard",
        scope="lr_plugin/schema.py",
        modules=("tensorboard", "lr_plugin.metadata", "lr_plugin.writer.run_writer"),
    ),
    Rule(
        name="training works without keras-tuner",
        scope="trainer",
        modules=("keras_tuner",),
        allowed=("trainer/search",),
    ),
    Rule(
        name="trainer writes through lr_plugin, never HTTP",
        scope="trainer",
        modules=("werkzeug", "lr_plugin.plugin", "lr_plugin.loader"),
    ),
    Rule(
        name="the tests of all but training run without TensorFlow",
        scope="tests",
        modules=("jax", "keras", "tensorflow", "torch", "lr_plugin.keras", "trainer"),
        allowed=(
            "tests/backends",
            "tests/counting_schedules.py",
            "tests/lr_plugin/foreign_logs",
            "tests/lr_plugin_keras",
            "tests/project",
            "tests/trainer",
        ),
    ),
)


def _is_within(name: str, place: str, separator: str) -> bool:
    return name == place or name.startswith(place + separator)


def _imported_modules(source: str, package: list[str]) -> set[str]:
    """Finds absolute dotted names; `from a import b` gives both `a` and `a.b`."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*parents, *filter(None, [node.module])])
            modules.add(base)
            modules.update(f"{base}.{alias.name}" for alias in node.names)
    return modules


def _violations(root: Path) -> set[tuple[str, str, str]]:
    """Finds (rule's name, file, imported module) for each import that breaks a rule."""
    found = set()
    folders = ("lr_plugin", "trainer", "tests")
    for file in (file for folder in folders for file in root.glob(f"{folder}/**/*.py")):
        path = file.relative_to(root)
        if "node_modules" in path.parts:
            continue
        modules = _imported_modules(file.read_text("utf-8"), list(path.parts[:-1]))
        found.update(
            (rule.name, path.as_posix(), module)
            for module in modules
            for rule in RULES
            if rule.forbids(path.as_posix(), module)
        )
    return found


def _run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.slow
def test_no_module_imports_what_it_must_not():
    assert _violations(ROOT) == set()


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lr_plugin/writer/run_writer.py", "import trainer.settings.config"),
        ("lr_plugin/keras/callback.py", "def f():\n    from trainer import data"),
        ("lr_plugin/writer/run_writer.py", "import tensorflow as tf"),
        ("lr_plugin/reader/run_reader.py", "from ..keras import recorder"),
        ("lr_plugin/reader/run_reader.py", "from lr_plugin import writer"),
        ("lr_plugin/writer/blocks.py", "import lr_plugin.reader.window"),
        ("lr_plugin/keras/callback.py", "from lr_plugin.reader import read_run"),
        ("lr_plugin/keras/callback.py", "import tensorflow as tf"),
        ("lr_plugin/keras/capture/jax/step.py", "import tensorflow as tf"),
        (
            "lr_plugin/keras/capture/recorder.py",
            "from lr_plugin.keras.capture.tensorflow.ring import Ring",
        ),
        ("lr_plugin/keras/range_test/data.py", "def f():\n    import torch"),
        ("lr_plugin/keras/capture/backends.py", "from jax import numpy"),
        ("lr_plugin/reader/run_reader.py", "from werkzeug import wrappers"),
        ("lr_plugin/keras/callback.py", "from tensorboard.backend import http_util"),
        ("lr_plugin/schema.py", "from tensorboard.compat.proto import summary_pb2"),
        ("lr_plugin/schema.py", "from . import metadata"),
        ("trainer/train.py", "if True:\n    import keras_tuner.tuners"),
        ("trainer/train.py", "import lr_plugin.plugin"),
        ("tests/lr_plugin/test_reader.py", "def f():\n    import tensorflow as tf"),
        ("tests/event_files.py", "from lr_plugin.keras import schedules"),
    ],
)
def test_a_forbidden_import_is_found(tmp_path, path, source):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, "utf-8")
    assert {found_path for _, found_path, _ in _violations(tmp_path)} == {path}


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lr_plugin/keras/capture/recorder.py", "import keras"),
        ("lr_plugin/keras/capture/jax/step.py", "import jax"),
        ("lr_plugin/keras/capture/tensorflow/ring.py", "import tensorflow as tf"),
        ("lr_plugin/plugin.py", "from tensorboard.backend import http_util"),
        ("lr_plugin/writer/run_writer.py", "import tensorboard, trainer_of_mine"),
        ("trainer/search/by_flags.py", "import keras_tuner"),
        ("trainer/train.py", "from lr_plugin.keras import LearningRateLogger"),
        ("tests/lr_plugin_keras/test_ring.py", "import tensorflow as tf"),
    ],
)
def test_an_allowed_import_is_left_alone(tmp_path, path, source):
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(source, "utf-8")
    assert _violations(tmp_path) == set()


@pytest.mark.slow
def test_no_test_imports_another():
    imports = {
        path.name: _imported_modules(path.read_text("utf-8"), [])
        for path in (ROOT / "tests").rglob("*.py")
    }
    assert "event_files" in imports["test_writer.py"]
    tests = {name.removesuffix(".py") for name in imports if name.startswith("test_")}
    assert {
        name: found & tests for name, found in imports.items() if found & tests
    } == {}


def test_importing_the_loader_is_light():
    # TensorBoard imports the entry point at every start, and an ImportError there
    # ends the whole command.
    heavy = {"keras", "numpy", "tensorflow", "tsdownsample", "werkzeug"}
    code = (
        "import sys, tensorboard.plugins.base_plugin\n"
        "before = set(sys.modules)\n"
        "import lr_plugin.loader\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})\n"
    )
    loaded = set(_run_python(code).split())
    assert "lr_plugin" in loaded
    assert loaded & heavy == set()


@pytest.mark.slow
def test_all_but_the_callback_imports_without_keras_and_tensorflow():
    modules = [
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / "lr_plugin").rglob("*.py")
        if not {"keras", "frontend"} & set(file.parts)
    ]
    assert {"lr_plugin.plugin", "lr_plugin.reader.findings.findings"} <= set(modules)
    code = (
        "import importlib, sys\n"
        "sys.modules['keras'] = sys.modules['tensorflow'] = None  # ImportError\n"
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        "print('imported')\n"
    )
    assert _run_python(code) == "imported\n"
