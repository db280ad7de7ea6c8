"""The command lr-trainer where another `trainer` stands in the way."""

import configparser
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# What pip writes for an entry point.
SCRIPT = """
import sys
from lr_trainer import main
if __name__ == "__main__":
    sys.exit(main())
"""

DATA = """
import numpy as np
def load():
    return np.arange(100.0)[:, None], np.arange(100) % 2
"""

OTHERS = ("trainer.py", "trainer/__init__.py")


@pytest.fixture(params=OTHERS)
def folder(request, tmp_path):
    """Makes a folder with data of the user, and another `trainer`."""
    folder = tmp_path / "work"
    other = folder / request.param
    other.parent.mkdir(parents=True)
    other.write_text("raise RuntimeError('another trainer')")
    (folder / "my_data.py").write_text(textwrap.dedent(DATA))
    return folder


@pytest.fixture
def run(folder, tmp_path):
    script = tmp_path / "bin" / "lr-trainer"
    script.parent.mkdir()
    script.write_text(SCRIPT)

    def run(*arguments, program=(script,), is_on_path):
        path = [folder, ROOT] if is_on_path else [ROOT]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
        # As a user has it, who has not heard of TensorFlow's own messages.
        env.pop("TF_CPP_MIN_LOG_LEVEL", None)
        return subprocess.run(
            [sys.executable, *program, *arguments],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
        )

    return run


def test_setup_declares_the_program():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    scripts = setup["options.entry_points"]["console_scripts"]
    assert scripts.strip() == "lr-trainer = lr_trainer:main"
    assert "lr_trainer" in setup["options"]["py_modules"].split()


@pytest.mark.slow
@pytest.mark.parametrize("is_on_path", [False, True])
def test_help_and_wrong_flags_are_ours(run, is_on_path):
    result = run("--help", is_on_path=is_on_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Trains a Keras model")
    result = run("--epochs=none", is_on_path=is_on_path)
    assert result.returncode == 2
    assert result.stderr.startswith("error: `--epochs` must be")


@pytest.mark.slow
@pytest.mark.parametrize("folder", OTHERS[1:], indirect=True)
def test_it_runs_on_data_of_the_current_folder_and_says_nothing_else(run):
    flags = ["--mode=preview", "--dataset=my_data:load", "--schedule=cosine"]
    # As a module, `trainer` is the other one.
    result = run(*flags, program=["-m", "trainer"], is_on_path=True)
    assert "RuntimeError: another trainer" in result.stderr
    result = run(*flags, is_on_path=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Data: 80 training")
    assert "Schedule cosine over" in result.stdout
