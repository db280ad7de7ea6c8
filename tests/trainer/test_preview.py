import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from lr_plugin.keras.schedules import linear
from trainer.preview import rates_at, run_preview, sampled_steps
from trainer.runs.terminal_plot import draw_in_terminal
from trainer.settings.config import Config

ROOT = Path(__file__).resolve().parents[2]
PNG = b"\x89PNG\r\n\x1a\n"


def test_preview_prints_a_table_and_a_plot_and_draws_a_picture(tmp_path, capsys):
    config = Config(
        schedule="linear", learning_rate=0.1, epochs=2, logdir=str(tmp_path), run="a"
    )
    path = run_preview(config)
    out = capsys.readouterr().out
    # 1438 digits in batches of 32: 45 an epoch, 90 in all.
    assert "Schedule linear over 90 updates: learning_rate 0.1" in out
    assert "\niteration    epoch  learning rate\n" in out
    assert "        0     0.00            0.1\n" in out
    assert "       89     1.98     0.00111111\n" in out
    assert path == tmp_path / "a-schedule.png"
    assert path.read_bytes().startswith(PNG)
    # There is only the picture, so that a run of this name can still be trained.
    assert [each.name for each in tmp_path.iterdir()] == ["a-schedule.png"]


def test_preview_shows_the_momentum_that_moves(tmp_path, capsys):
    config = Config(
        schedule="one_cycle", cycle_momentum=(0.85, 0.95), logdir=str(tmp_path)
    )
    run_preview(config)
    assert "learning rate  momentum" in capsys.readouterr().out


def test_first_and_last_iteration_are_sampled():
    assert list(sampled_steps(5)) == [0, 1, 2, 3, 4]
    steps = sampled_steps(1_000_000)
    assert (steps[0], steps[-1], len(steps)) == (0, 999_999, 1000)


def test_constant_rate_has_a_value_at_every_step():
    assert list(rates_at(0.5, np.arange(3))) == [0.5, 0.5, 0.5]
    assert list(rates_at(linear(1.0, 0.0, 4), np.arange(3))) == [1.0, 0.75, 0.5]


def test_terminal_plot_has_the_highest_at_the_top_and_zero_at_the_bottom():
    x = np.arange(60)
    lines = draw_in_terminal(x, x / 59 * 0.02).splitlines()
    assert lines[0].startswith("     0.02 |")
    assert lines[0].endswith("*")
    assert lines[11].startswith("        0 |*")
    assert lines[-1].split() == ["0", "59"]


def test_terminal_plot_of_nothing_but_zero_is_a_line():
    assert draw_in_terminal(np.arange(3), np.zeros(3)).splitlines()[11].count("*") == 3


@pytest.mark.slow
def test_gallery_draws_every_schedule(tmp_path, monkeypatch):
    path = tmp_path / "all.png"
    monkeypatch.setattr(sys, "argv", ["gallery.py", str(path)])
    runpy.run_path(str(ROOT / "docs" / "gallery.py"), run_name="__main__")
    assert path.read_bytes().startswith(PNG)
