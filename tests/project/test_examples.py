"""Each example runs as it stands, and logs the rates of its schedule."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest

from lr_plugin import read_run

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def half_cosine(steps, first, num_steps):
    return first * (1 + np.cos(np.pi * steps / num_steps)) / 2


# By name: what it needs, how many iterations it has, and the rate of each.
RUNS = {
    "numpy_loop": ("numpy", 500, lambda steps: half_cosine(steps, 0.1, 500)),
    "jax_loop": (
        "jax",
        500,
        lambda steps: np.where(
            steps < 50, 0.1 * steps / 50, half_cosine(steps - 50, 0.1, 450)
        ),
    ),
    "gradient_tape": ("keras", 200, lambda steps: half_cosine(steps, 0.1, 200)),
    "torch_loop": ("torch", 500, lambda steps: half_cosine(steps, 1e-3, 500)),
    "lightning_callback": ("lightning", 96, lambda steps: 0.1 * 0.99**steps),
    "hugging_face_callback": ("transformers", 48, lambda steps: 0.1 * (1 - steps / 48)),
}


@pytest.mark.parametrize("name", RUNS)
def test_example_logs_its_rates(name, tmp_path, monkeypatch, capsys):
    package, num_steps, rate_of = RUNS[name]
    pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)

    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")

    assert "tensorboard --logdir logs" in capsys.readouterr().out
    folder = name.removesuffix("_loop").removesuffix("_callback")
    rows = read_run(tmp_path / "logs" / folder)
    steps = np.arange(num_steps)
    np.testing.assert_array_equal(rows.steps, steps)
    np.testing.assert_allclose(
        rows["learning_rate"], rate_of(steps), atol=1e-8, rtol=2e-5
    )
    assert rows["loss"][-1] < rows["loss"][0]
    if name == "torch_loop":
        np.testing.assert_allclose(
            rows["learning_rate:head"], half_cosine(steps, 1e-2, 500), atol=1e-8
        )


def test_every_example_is_tested():
    questions = Path(__file__).with_name("test_question_examples.py").read_text()
    answered = set(re.findall(r'run\("(\w+)"\)', questions))
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*RUNS, *answered}


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.stem)
def test_example_is_short(path):
    # Two of them are a class to copy, and how to use it.
    assert len(path.read_text().splitlines()) <= (70 if "callback" in path.stem else 40)
