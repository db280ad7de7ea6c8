"""Windows for a logarithmic axis."""

import numpy as np

from lr_plugin.reader.window.decades import join_windows, split_decades
from lr_plugin.reader.window.window import Window


def test_windows_end_at_powers_of_ten():
    parts = split_decades(0, 2000, last_step=1999)
    assert parts == [(0, 10), (10, 100), (100, 1000), (1000, 2000)]
    assert split_decades(30, 500, last_step=1999) == [(30, 100), (100, 500)]


def test_end_that_nobody_named_stays_open():
    assert split_decades(0, 1 << 60, last_step=150) == [
        (0, 10),
        (10, 100),
        (100, 1 << 60),
    ]


def test_window_without_steps_is_one_part():
    assert split_decades(70, 70, last_step=50) == [(70, 70)]
    assert split_decades(0, 10, last_step=-1) == [(0, 10)]


def test_joined_windows_are_as_exact_as_the_worst():
    first = Window({"step": np.arange(10)}, 10, "rows")
    second = Window({"step": np.arange(10, 100, 5)}, 90, "sampled")
    joined = join_windows([first, second])
    assert joined.columns["step"].tolist() == [*range(10), *range(10, 100, 5)]
    assert (joined.num_rows, joined.exactness) == (100, "sampled")
