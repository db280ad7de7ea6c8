"""The tab, the writer and the reader in an environment that has no TensorFlow."""

import json
import os
import re
import subprocess
import time
import urllib.request
import venv
from pathlib import Path
from urllib.parse import urlencode

import pytest

DEADLINE_SECS = 60  # a start takes about 5 s; much more on a busy machine


@pytest.fixture(scope="module")
def bare(wheel, tmp_path_factory) -> Path:
    """Makes an environment with the wheel and what it requires; gives its `bin`."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    command = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", wheel]
    subprocess.run(command, check=True)
    return folder / "bin"


@pytest.fixture(scope="module")
def server(bare, tmp_path_factory):
    """Starts a TensorBoard on the runs of `lr_plugin.demo`; gives its address."""
    logdir = tmp_path_factory.mktemp("logs")
    outside = logdir.parent  # where only the installed package can be imported
    command = [bare / "python", "-m", "lr_plugin.demo", logdir]
    subprocess.run(command, cwd=outside, check=True)
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [bare / "tensorboard", "--logdir", logdir, "--port", "0"],
            cwd=outside,
            stdout=output,
            stderr=output,
        )
    try:
        yield _wait_for(lambda: _announced_address(process, log))
    finally:
        process.terminate()
        process.wait()


def test_the_environment_has_no_tensorflow(bare):
    code = (
        "from importlib.util import find_spec\n"
        "print(any(map(find_spec, ('tensorflow', 'keras', 'sklearn', 'matplotlib'))))"
    )
    command = [bare / "python", "-c", code]
    assert subprocess.check_output(command, text=True) == "False\n"


def test_the_trainer_is_a_program_that_no_other_trainer_hides(bare, tmp_path):
    (tmp_path / "trainer.py").write_text("raise RuntimeError")
    result = subprocess.run(
        [bare / "lr-trainer"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert result.stderr.startswith("error: Training needs TensorFlow.")


def test_the_tab_is_served(server):
    plugins = json.loads(_get(f"{server}data/plugins_listing"))
    assert plugins["learning_rate"]["enabled"]
    with urllib.request.urlopen(
        f"{server}data/plugin/learning_rate/index.js"
    ) as answer:
        assert "javascript" in answer.headers["Content-Type"]
        assert b"render" in answer.read()


def test_a_written_run_is_read_back(server):
    route = f"{server}data/plugin/learning_rate"
    runs = _wait_for(lambda: json.loads(_get(f"{route}/runs"))["runs"])
    run = max(runs, key=lambda run: run["num_iterations"])
    query = {
        "run": run["run"],
        "columns": "step,learning_rate",
        "start": run["last_step"] - 9,
        "stop": run["last_step"] + 1,
        "max_points": 100,
    }
    # Ten rows of two float64 columns.
    assert len(_get(f"{route}/series?{urlencode(query)}")) == 10 * 2 * 8


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def _announced_address(process: subprocess.Popen, log: Path) -> str | None:
    found = re.search(r"http://\S+", log.read_text("utf-8"))
    if not found and process.poll() is not None:
        raise RuntimeError(f"TensorBoard ended:\n{log.read_text('utf-8')}")
    return found and found.group()


def _wait_for(read):
    """Returns the first answer of `read` that is not empty."""
    deadline = time.monotonic() + DEADLINE_SECS
    while not (answer := read()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nothing after {DEADLINE_SECS} s.")
        time.sleep(0.2)
    return answer
