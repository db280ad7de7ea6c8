"""What the terminal says of a run's loss, against its rows."""

import numpy as np
import pytest

from lr_plugin import read_run
from lr_plugin.schema import RunInfo
from lr_plugin.writer import RunWriter
from trainer.runs.recorded_run import read_recorded
from trainer.runs.summary import outcome_lines


def write(folder, losses):
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=45))
        rates = np.full(len(losses), 0.01)
        rows = {"step": np.arange(len(losses)), "learning_rate": rates, "loss": losses}
        writer.write_rows(rows)
    return read_run(folder)["loss"]


def test_final_and_lowest_loss_are_those_of_the_rows(tmp_path):
    steps = np.arange(900)
    losses = write(tmp_path, 0.1 + 2.2 * np.exp(-steps / 200) + 0.1 * np.sin(steps))
    medians = [np.sort(losses[i : i + 9])[4] for i in range(892)]
    lowest = min(medians)

    final_line, lowest_line = outcome_lines(read_recorded(tmp_path))

    assert final_line == (
        f"  final loss      {losses[-90:].mean():.4g}, the mean of the last 90 "
        "iterations"
    )
    step = int(lowest_line.split("iteration ")[1].split(",")[0])
    assert losses[step] == lowest
    assert lowest_line == (
        f"  lowest loss     {lowest:.4g} at iteration {step}, the median of 9"
    )


def test_a_run_that_ends_with_nan_has_no_final_loss(tmp_path):
    write(tmp_path, np.array([2.0, 1.0, 3.0, np.nan]))

    assert outcome_lines(read_recorded(tmp_path)) == [
        "  final loss      nan: the last iteration's is not finite",
        "  lowest loss     1 at iteration 1",
    ]


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_nothing_is_said_where_nothing_was_recorded(tmp_path, name):
    (tmp_path / "empty").mkdir()

    assert outcome_lines(read_recorded(tmp_path / name)) == []
