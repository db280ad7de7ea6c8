"""Draws a recorded run for a notebook or a paper: the loss above, the rate below."""

from typing import TYPE_CHECKING, Any

import numpy as np

from lr_plugin import schema
from lr_plugin.rows import Rows
from lr_plugin.value_axis import make_logarithmic

if TYPE_CHECKING:
    import matplotlib.figure

# More rows than this are drawn as a band from minimum to maximum.
_MAX_ROWS = 4000
_NUM_STRETCHES = 1000
_COLORS = {schema.LOSS: "#1a4f8b", schema.LEARNING_RATE: "#2e8b57"}


def draw_run(rows: Rows) -> "matplotlib.figure.Figure":
    """Draws the columns `loss` and `learning_rate`, as far as they were recorded.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from lr_plugin.shown_figure import ShownFigure
    except ImportError as error:
        raise ImportError(
            "`plot` needs matplotlib, which cannot be imported here. Install it with "
            "`pip install matplotlib`."
        ) from error
    names = [name for name in _COLORS if name in rows] or [schema.LOSS]
    figure = ShownFigure(figsize=(7, 2.4 * len(names)), layout="constrained", dpi=110)
    every_axes = figure.subplots(len(names), sharex=True, squeeze=False)[:, 0]
    for name, axes in zip(names, every_axes, strict=True):
        if name in rows:
            values = rows[name].astype(np.float64)
            _draw_column(axes, rows[schema.STEP], values, _COLORS[name])
        axes.set_ylabel(name.replace("_", " "))
        axes.grid(alpha=0.25)
    every_axes[-1].set_xlabel("step")
    return figure


def _draw_column(axes: Any, steps: np.ndarray, values: np.ndarray, color: str) -> None:
    is_finite = np.isfinite(values)
    if len(values) <= _MAX_ROWS:
        axes.plot(steps, np.where(is_finite, values, np.nan), color=color, linewidth=1)
    else:
        begins = np.linspace(0, len(values), _NUM_STRETCHES, endpoint=False).astype(int)
        lows = np.minimum.reduceat(np.where(is_finite, values, np.inf), begins)
        highs = np.maximum.reduceat(np.where(is_finite, values, -np.inf), begins)
        some = lows <= highs
        axes.fill_between(
            steps[begins], lows, highs, where=some, color=color, linewidth=0.5
        )
    make_logarithmic(axes, values)
