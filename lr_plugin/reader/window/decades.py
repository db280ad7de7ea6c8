"""Windows for a logarithmic axis, on which each decade of steps has the same room."""

from collections.abc import Sequence

from lr_plugin.reader.window.window import Window
from lr_plugin.rows import join_rows

# From the most exact to the least.
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
    return Window(
        join_rows([window.columns for window in windows]),
        sum(window.num_rows for window in windows),
        max((w.exactness for w in windows), key=_EXACTNESS.index),
    )
