"""Rows sliced, selected, joined and split."""

import numpy as np

from lr_plugin.rows import (
    count_bytes,
    count_rows,
    join_rows,
    remove_stretches,
    select_columns,
    select_rows,
    slice_rows,
    slice_steps,
    split_where_steps_fall,
)


def rows_at(*steps, **columns):
    return {"step": np.array(steps, np.int64), **columns}


def test_nothing_has_no_rows():
    assert count_rows({}) == 0
    assert slice_steps({}, 0, 10) == {}
    assert remove_stretches({}, np.array([0]), np.array([9])) == {}
    assert join_rows([]) == {}
    assert join_rows([{}, {}]) == {}


def test_rows_and_bytes_are_counted():
    rows = rows_at(3, 4, loss=np.ones(2, np.float32))

    assert count_rows(rows) == 2
    # Two int64 and two float32.
    assert count_bytes(rows) == 24


def test_slicing_by_number_shares_memory():
    rows = rows_at(5, 6, 7, loss=np.arange(3.0))

    sliced = slice_rows(rows, 1)

    assert sliced["step"].tolist() == [6, 7]
    assert np.shares_memory(sliced["loss"], rows["loss"])
    assert slice_rows(rows, 0, 1)["loss"].tolist() == [0.0]


def test_slicing_keeps_all_rows_of_a_step():
    rows = rows_at(1, 2, 2, 2, 3, loss=np.arange(5.0))

    assert slice_steps(rows, 2, 3)["loss"].tolist() == [1, 2, 3]


def test_rows_are_selected_by_number_and_by_mask():
    rows = rows_at(1, 2, 3)

    assert select_rows(rows, np.array([0, 2]))["step"].tolist() == [1, 3]
    mask = np.array([False, True, False])
    assert select_rows(rows, mask)["step"].tolist() == [2]


def test_stretches_are_removed_with_their_first_and_last_step():
    rows = rows_at(*range(10))

    kept = remove_stretches(rows, np.array([2, 7]), np.array([4, 7]))

    assert kept["step"].tolist() == [0, 1, 5, 6, 8, 9]
    assert remove_stretches(rows, np.array([0]), np.array([9])) == {}


def test_a_selected_column_that_is_not_there_is_nan():
    selected = select_columns(rows_at(1, 2, loss=np.ones(2)), ["momentum", "step"])

    assert list(selected) == ["momentum", "step"]
    np.testing.assert_array_equal(selected["momentum"], [np.nan, np.nan])


def test_columns_selected_from_nothing_are_empty():
    selected = select_columns({}, ["step", "loss"])

    assert [(len(v), v.dtype) for v in selected.values()] == [
        (0, np.int64),
        (0, np.float32),
    ]


def test_rows_of_other_columns_are_joined():
    joined = join_rows(
        [
            rows_at(0, loss=np.array([1.0]), applied=np.array([1])),
            {},
            rows_at(1, learning_rate=np.array([0.5]), applied=np.array([0])),
        ]
    )

    assert list(joined) == ["step", "loss", "applied", "learning_rate"]
    assert joined["step"].tolist() == [0, 1]
    assert joined["applied"].tolist() == [1, 0]
    np.testing.assert_array_equal(joined["learning_rate"], [np.nan, 0.5])
    np.testing.assert_array_equal(joined["loss"], [1.0, np.nan])


def test_rows_are_split_where_a_step_falls_but_not_where_it_repeats():
    rows = rows_at(0, 1, 1, 2, 1, 2, 0)

    parts = [part["step"].tolist() for part in split_where_steps_fall(rows)]

    assert parts == [[0, 1, 1, 2], [1, 2], [0]]
