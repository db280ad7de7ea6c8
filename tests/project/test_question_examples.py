"""The examples that answer a question run as they stand, and their answers hold."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from lr_plugin import read_run

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs an example; gives what it printed, and the rows of a run by its folder."""
    monkeypatch.chdir(tmp_path)

    def run(name):
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
        printed = capsys.readouterr().out
        assert "tensorboard --logdir logs" in printed
        return printed, lambda folder: read_run(tmp_path / "logs" / folder)

    return run


def accuracies(printed):
    """Reads the lines "rate 0.1, seed 2: val_accuracy 0.913"."""
    lines = [line.split(": val_accuracy ") for line in printed.splitlines()]
    return {line[0]: float(line[1]) for line in lines if len(line) == 2}


def test_decay_divides_the_rate_at_every_update(run):
    printed, read = run("decay_that_is_seen")

    # 1797 examples in batches of 32, five epochs.
    steps = np.arange(5 * 57)
    rates = 0.003 / (1 + 0.0002 * steps)
    np.testing.assert_allclose(read("decay")["learning_rate"], rates, rtol=1e-6)
    assert f"update 284 used {rates[-1]:.6f}." in printed


def test_the_lower_of_two_rates_is_better_for_both_seeds(run):
    printed, read = run("which_of_two_rates")

    best = accuracies(printed)
    for seed in (0, 1):
        assert best[f"rate 0.03, seed {seed}"] > best[f"rate 0.3, seed {seed}"] + 0.1
        for rate in (0.3, 0.03):
            rates = read(f"two_rates/{rate}-seed{seed}")["learning_rate"]
            assert set(rates) == {np.float32(rate)}


def test_adam_depends_on_its_rate(run):
    printed, read = run("does_adam_need_a_rate")

    best = accuracies(printed)
    assert best["rate 0.01"] > 0.85
    assert best["rate 1e-05"] < 0.4
    assert best["rate 1"] < 0.6
    assert set(read("adam/1e-05")["learning_rate"]) == {np.float32(1e-5)}


def test_the_range_test_names_the_first_rate_and_plateaus_halve_it(run):
    printed, read = run("where_to_begin")

    reason = printed.splitlines()[0]
    rates = read("where_to_begin")["learning_rate"]
    assert f"fastest at {rates[0]:.2g}" in reason
    cuts = rates[1:] / rates[:-1]
    np.testing.assert_allclose(cuts[cuts != 1], 0.5, rtol=1e-6)


def test_a_falling_rate_learns_where_fixed_ones_fail(run):
    printed, read = run("fixed_or_decaying")

    best = accuracies(printed)
    assert max(best["too-large"], best["too-small"]) < 0.3
    assert best["falling"] > best["default"] > 0.6
    steps = np.arange(240)
    fall = 0.5 * (1 + np.cos(np.pi * (steps - 20) / 220)) / 2
    np.testing.assert_allclose(
        read("fixed_or_decaying/falling")["learning_rate"],
        np.where(steps < 20, 0.5 * steps / 20, fall),
        atol=1e-6,
    )


def test_the_notebook_chooses_a_rate_and_trains_with_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = json.loads((EXAMPLES / "choose_a_rate.ipynb").read_text())["cells"]
    assert not any(cell.get("outputs") for cell in cells)
    names = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)

    rates = read_run("logs/notebook")["learning_rate"]
    assert len(rates) == names["num_steps"] == 400
    assert rates.max() == np.float32(names["test"].suggestion)
    assert max(names["history"].history["val_accuracy"]) > 0.85
