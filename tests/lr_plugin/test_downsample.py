"""No extreme and no value that is not finite is lost, however few points there are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lr_plugin.reader.window.downsample import (
    Envelope,
    choose_rows,
    draw_envelope,
    least_points,
    merge_envelopes,
    rows_as_envelope,
)

VALUES = st.floats(-1e6, 1e6, width=32) | st.sampled_from([np.nan, np.inf, -np.inf])


def rows_of(*columns):
    return {
        "step": np.arange(len(columns[0])),
        **{f"column{i}": np.array(c, np.float32) for i, c in enumerate(columns)},
    }


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=40, max_size=400),
    st.integers(least_points(2), 39),
)
def test_chosen_rows_hold_the_extremes_and_every_kind(pairs, max_points):
    rows = rows_of(*zip(*pairs, strict=True))
    names = ["column0", "column1"]

    chosen = choose_rows(rows, names, max_points)

    assert len(chosen) <= max_points
    assert np.all(np.diff(chosen) > 0)
    assert (chosen[0], chosen[-1]) == (0, len(pairs) - 1)
    for name in names:
        values, kept = rows[name], rows[name][chosen]
        finite, kept_finite = values[np.isfinite(values)], kept[np.isfinite(kept)]
        if len(finite):
            assert kept_finite.min() == finite.min()
            assert kept_finite.max() == finite.max()
        # Of a stretch with all three kinds, NaN gives way to the infinities.
        for kind in (np.isposinf, np.isneginf):
            assert kind(kept).any() == kind(values).any()
        assert np.isfinite(kept).all() == np.isfinite(values).all()


def test_every_stretch_has_its_own_extremes():
    # 1000 rows into 20 stretches of 50: the spikes of each are at its rows 7 and 31.
    values = np.zeros(1000)
    values[7::50], values[31::50] = 5, -5

    chosen = choose_rows(rows_of(values), ["column0"], 42)

    assert set(range(7, 1000, 50)) <= set(chosen)
    assert set(range(31, 1000, 50)) <= set(chosen)


def test_without_columns_the_first_and_the_last_row_remain():
    assert choose_rows(rows_of(np.zeros(100)), [], 10).tolist() == [0, 99]


def test_stretches_become_their_lowest_and_highest_points():
    envelope = Envelope(
        columns=("loss",),
        first_steps=np.array([0, 256, 512]),
        last_steps=np.array([255, 511, 600]),
        lows=np.array([[1.0], [2.0], [3.0]]),
        highs=np.array([[4.0], [5.0], [6.0]]),
        has_nonfinite=np.array([[False], [True], [False]]),
    )

    points = draw_envelope(envelope, 100)

    assert points["step"].tolist() == [0, 255, 256, 511, 511, 512, 600]
    # From 4 it is nearer to 5 than to 2, and from 2 to 3 than to 6.
    np.testing.assert_array_equal(points["loss"], [1, 4, 5, np.nan, 2, 3, 6])


def test_single_iterations_are_one_point_each():
    rows = rows_of([1.0, np.nan, 3.0], [4.0, 5.0, 6.0])

    points = draw_envelope(rows_as_envelope(rows, ["column0", "column1"]), 100)

    assert points["step"].tolist() == [0, 1, 2]
    np.testing.assert_array_equal(points["column0"], [1, np.nan, 3])
    np.testing.assert_array_equal(points["column1"], [4, 5, 6])


def test_merging_sorts_by_step():
    first = rows_as_envelope({"step": np.array([5, 6]), "a": np.array([1.0, 2.0])}, "a")
    second = rows_as_envelope(
        {"step": np.array([0, 9]), "a": np.array([3.0, 4.0])}, "a"
    )

    merged = merge_envelopes([first, second])

    assert merged.first_steps.tolist() == [0, 5, 6, 9]
    assert merged.highs[:, 0].tolist() == [3, 1, 2, 4]


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=300),
    st.integers(least_points(2), 60),
)
def test_merged_stretches_hold_the_extremes(pairs, max_points):
    rows = rows_of(*zip(*pairs, strict=True))

    points = draw_envelope(rows_as_envelope(rows, ["column0", "column1"]), max_points)

    assert len(points["step"]) <= max_points
    assert np.all(np.diff(points["step"]) >= 0)
    assert (points["step"][0], points["step"][-1]) == (0, len(pairs) - 1)
    for name in ("column0", "column1"):
        finite = rows[name][np.isfinite(rows[name])]
        if len(finite):
            assert np.nanmin(points[name]) == finite.min()
            assert np.nanmax(points[name]) == finite.max()
        if len(finite) < len(pairs):
            assert np.isnan(points[name]).any()


def test_what_falls_steadily_is_drawn_as_it_fell():
    rows = rows_of(np.linspace(1, 0, 10_000), np.linspace(0, 5, 10_000))

    points = draw_envelope(rows_as_envelope(rows, ["column0", "column1"]), 100)

    assert len(points["step"]) > 80
    assert np.all(np.diff(points["column0"]) < 0)
    assert np.all(np.diff(points["column1"]) > 0)


def test_the_iteration_of_an_extreme_keeps_its_step():
    values = np.sin(np.arange(10_000))
    values[7777], values[1234] = 93.0, -93.0

    points = draw_envelope(rows_as_envelope(rows_of(values), ["column0"]), 40)

    assert len(points["step"]) <= 40
    assert points["step"][points["column0"].argmax()] == 7777
    assert points["step"][points["column0"].argmin()] == 1234


@pytest.mark.parametrize("num_columns", [1, 2, 6])
def test_the_fewest_points_suffice(num_columns):
    columns = [np.sin(np.arange(500) * (i + 1)) for i in range(num_columns)]
    for i, column in enumerate(columns):
        column[10 * i : 10 * i + 3] = np.nan, np.inf, -np.inf
    names = [f"column{i}" for i in range(num_columns)]

    chosen = choose_rows(rows_of(*columns), names, least_points(num_columns))

    assert len(chosen) <= least_points(num_columns)
