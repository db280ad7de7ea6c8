"""Windows for a logarithmic axis, on which each decade of steps has the same room."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from lr_plugin.reader.window.window import Window

# From the best to the worst that may be said of points.
_EXACTNESS = ("rows", "sampled", "envelope")


def split_decades(start: int, stop: int, *, last_step: int) -> list[tuple[int, int]]:
    """Splits `start <= step < stop` at the powers of ten; 0 goes with the first.

    Args:
        last_step: Beyond which there is nothing to split: there may be a few rows more
            by now, but no decade of them.
    """
    bounds = [start]
    power = 10
    while power <= min(stop - 1, last_step):
        if power > start:
            bounds.append(power)
        power *= 10
    return list(zip(bounds, [*bounds[1:], stop], strict=True))


def join_windows(windows: Sequence[Window]) -> Window:
    """Joins windows that follow each other into one."""
    names = windows[0].columns
    return Window(
        {name: np.concatenate([w.columns[name] for w in windows]) for name in names},
        sum(window.num_rows for window in windows),
        max((w.exactness for w in windows), key=_EXACTNESS.index),
    )


def take_columns(window: Window, names: Sequence[str]) -> Window:
    """Keeps some columns of a window."""
    return dataclasses.replace(
        window, columns={name: window.columns[name] for name in names}
    )
