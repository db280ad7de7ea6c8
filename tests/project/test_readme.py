"""Every block of the README runs as it stands."""

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
# What the reader of a Python block has: a model, and data.
PRELUDE = """
import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [keras.layers.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)]
)
model.compile(keras.optimizers.Adam(0.01), "mse")
x = np.random.default_rng(0).normal(size=(2048, 8)).astype("float32")
y = x.sum(1, keepdims=True)
x_val, y_val = x[:64], y[:64]
dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)
"""


@pytest.fixture
def run_module(monkeypatch, tmp_path):
    """Runs a module as `python -m` does, in this process and an empty folder."""

    def run(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        # Another test of this process may have imported it.
        monkeypatch.delitem(sys.modules, f"{name}.__main__", raising=False)
        try:
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        except SystemExit as end:
            assert not end.code

    monkeypatch.chdir(tmp_path)
    return run


def test_python_blocks_run_one_after_the_other(tmp_path, monkeypatch):
    blocks = [block for language, block in BLOCKS if language == "python"]
    monkeypatch.chdir(tmp_path)

    exec("\n".join([PRELUDE, *blocks]), {})

    assert {path.name for path in tmp_path.glob("logs/*")} == {"run1", "run2", "run3"}


def commands():
    lines = [
        line.split("#")[0].strip()
        for language, block in BLOCKS
        if not language
        for line in block.replace("\\\n", " ").splitlines()
    ]
    return [line for line in lines if line]


@pytest.mark.parametrize(
    "command", [line for line in commands() if line.startswith("python -m ")]
)
def test_command_runs(command, run_module, tmp_path, capsys):
    run_module(*shlex.split(command)[2:])

    assert capsys.readouterr().out
    assert any(path.is_file() for path in (tmp_path / "logs").rglob("*tfevents*"))


def test_other_commands_are_those_of_the_makefile_and_of_tensorboard():
    others = {line for line in commands() if not line.startswith("python -m ")}

    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in others:
        program, *arguments = shlex.split(line)
        assert program in ("make", "pip", "tensorboard"), line
        if program == "make":
            assert arguments[0] in targets, line
    assert "pip install tensorboard-plugin-lr" in others
    assert "name = tensorboard-plugin-lr" in (ROOT / "setup.cfg").read_text()
