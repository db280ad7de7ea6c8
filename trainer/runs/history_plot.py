"""Draws the course of a run: losses and metrics by epoch, the rate below."""

import csv
import pathlib
from typing import Any

import numpy as np

from lr_plugin import schema
from lr_plugin.reader.read_run import RunRecord
from lr_plugin.value_axis import make_logarithmic
from lr_plugin.whole_file import replace_file

_TRAINING, _VALIDATION, _RATE = "#1a4f8b", "#c4501b", "#2e8b57"
# More plots above each other would be too flat to read.
_MAX_METRICS = 3


def draw_history(
    folder: pathlib.Path, record: RunRecord | None, *, steps_per_epoch: int
) -> None:
    """Draws history.csv and the recorded rate of a run's folder into history.png.

    Loss and metrics of training and validation are drawn at the ends of epochs, the
    rate of every iteration below them, on the same axis.

    Args:
        record: What was recorded of the run; None for nothing, as on a full disk.
    """
    # Without pyplot, which would choose a window system and keep every figure.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    history = _read_history(folder / "history.csv")
    metrics: list[str] = [name for name in ("loss", "accuracy") if name in history]
    metrics += [
        name
        for name in history
        if name not in (*metrics, "epoch") and not name.startswith("val_")
    ]
    metrics = metrics[:_MAX_METRICS]
    num_rows = len(metrics) + 1
    height = 2.0 * num_rows + 0.4
    figure = Figure(figsize=(6.4, height))
    # Room for eight digits. To let Matplotlib look how much they need takes longer than
    # all the rest.
    figure.subplots_adjust(
        left=0.16, right=0.97, bottom=0.5 / height, top=1 - 0.35 / height, hspace=0.1
    )
    FigureCanvasAgg(figure)
    every_axes = figure.subplots(num_rows, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(every_axes, metrics, strict=False):
        _draw_metric(axes, history, name)
    _draw_rate(every_axes[-1], record, steps_per_epoch)
    every_axes[-1].set_xlabel("epoch")
    every_axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
    every_axes[0].set_title(folder.name, fontsize="medium")
    replace_file(folder / "history.png", lambda part: figure.savefig(part, dpi=110))


def _read_history(path: pathlib.Path) -> dict[str, np.ndarray]:
    """Reads the columns of history.csv; epochs are counted from 0."""
    if not path.exists():
        # The disk was full.
        return {}
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns: dict[str, np.ndarray] = {}
    for name in rows[0] if rows else ():
        try:
            columns[name] = np.array([float(row[name]) for row in rows])
        except (TypeError, ValueError):
            # A metric of the user may be an array, which is written as text.
            continue
    return columns


def _draw_metric(axes: Any, history: dict[str, np.ndarray], name: str) -> None:
    epochs = history["epoch"] + 1
    marker = "o" if len(epochs) <= 30 else None
    style: dict[str, Any] = {"marker": marker, "markersize": 3, "linewidth": 1.5}
    axes.plot(epochs, history[name], color=_TRAINING, label="training", **style)
    if f"val_{name}" in history:
        axes.plot(
            epochs,
            history[f"val_{name}"],
            color=_VALIDATION,
            label="validation",
            **style,
        )
    axes.set_ylabel(name.replace("_", " "))
    axes.legend(fontsize="small")
    axes.grid(alpha=0.25)


def _draw_rate(axes: Any, record: RunRecord | None, steps_per_epoch: int) -> None:
    if record is not None and len(record) and schema.LEARNING_RATE in record:
        rates = record[schema.LEARNING_RATE]
        axes.plot(record.steps / steps_per_epoch, rates, color=_RATE, linewidth=1.5)
        if not make_logarithmic(axes, rates):
            axes.set_ylim(bottom=0)
    axes.set_ylabel("learning rate")
    axes.grid(alpha=0.25)
