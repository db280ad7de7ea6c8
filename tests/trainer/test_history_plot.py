import numpy as np
import pytest
from matplotlib.image import imread

from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter
from trainer.runs.history_plot import draw_history
from trainer.runs.recorded_run import read_recorded

HEADER = "epoch,accuracy,loss,val_accuracy,val_loss\n"


def write_run(folder, rates, history):
    folder.mkdir()
    (folder / "history.csv").write_text(history)
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo())
        columns = {"step": np.arange(len(rates)), "learning_rate": rates}
        writer.write_rows({**columns, "loss": np.ones(len(rates))})


def draw_recorded(folder):
    draw_history(folder, read_recorded(folder), steps_per_epoch=10)


def colours(path):
    """Finds which of the three colours of lines the picture has."""
    pixels = (imread(path)[..., :3] * 255).round().astype(int).reshape(-1, 3)
    found = {tuple(pixel) for pixel in np.unique(pixels, axis=0).tolist()}
    lines = {
        "training": (26, 79, 139),
        "validation": (196, 80, 27),
        "rate": (46, 139, 87),
    }
    return {name for name, colour in lines.items() if colour in found}


@pytest.mark.slow
def test_training_validation_and_rate_are_drawn(tmp_path):
    history = HEADER + "0,0.5,1.0,0.4,1.1\n1,0.7,0.8,0.6,0.9\n"
    write_run(tmp_path / "run1", np.linspace(0.1, 0.01, 20), history)
    draw_recorded(tmp_path / "run1")
    assert colours(tmp_path / "run1" / "history.png") == {
        "training",
        "validation",
        "rate",
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "history",
    [
        "epoch,loss\n0,1.0\n",
        "epoch,loss\n0,nan\n1,inf\n",
        'epoch,loss,matrix\n0,1.0,"[1, 2]"\n',
        "",
    ],
)
def test_history_with_less_in_it_is_drawn_too(tmp_path, history):
    write_run(tmp_path / "run1", np.full(10, 0.1), history)
    draw_recorded(tmp_path / "run1")
    found = colours(tmp_path / "run1" / "history.png")
    assert "rate" in found
    assert "validation" not in found


@pytest.mark.slow
@pytest.mark.parametrize("has_begun", [False, True])
def test_history_without_recorded_iterations_is_drawn_too(tmp_path, has_begun):
    (tmp_path / "history.csv").write_text("epoch,loss\n0,1.0\n1,0.5\n")
    if has_begun:
        with RunWriter(tmp_path) as writer:
            writer.write_run_info(RunInfo())
    draw_recorded(tmp_path)
    assert colours(tmp_path / "history.png") == {"training"}
