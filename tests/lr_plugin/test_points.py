"""Which of the points that were written count."""

import numpy as np
import pytest

from lr_plugin.reader.files.scalar_records import POINT
from lr_plugin.reader.foreign.points import take_points


def written(*steps, start=100.0):
    """Makes the points of a file, whose values number them."""
    return np.array([(40 * i, s, start + i, i) for i, s in enumerate(steps)], POINT)


def test_points_stay_as_they_are():
    points = take_points([written(0, 10, 20)])

    assert points.steps.tolist() == [0, 10, 20]
    assert points.values.tolist() == [0, 1, 2]
    assert points.wall_times.tolist() == [100, 101, 102]
    assert (points.num_logged, points.restarts, points.counted) == (3, (), "steps")


def test_what_is_written_later_replaces_what_came_at_its_step_or_after():
    points = take_points([written(0, 1, 2, 3, 4), written(2, 3, start=200)])

    assert points.steps.tolist() == [0, 1, 2, 3]
    assert points.values.tolist() == [0, 1, 0, 1]
    assert points.num_logged == 7
    (restart,) = points.restarts
    assert (restart.step, restart.wall_time, restart.num_replaced) == (2, 200.0, 3)


def test_two_restarts_each_replace_what_was_left():
    points = take_points(
        [written(*range(10)), written(6, 7, start=200), written(3, 4, start=300)]
    )

    assert points.steps.tolist() == [0, 1, 2, 3, 4]
    # The second made void 3 to 9 of the first file, and the second file as a whole.
    assert [(r.step, r.num_replaced) for r in points.restarts] == [(3, 9)]


def test_a_step_that_is_written_twice_has_its_later_value():
    points = take_points([written(0, 1, 1, 2)])
    assert points.values.tolist() == [0, 2, 3]
    assert points.restarts == []


@pytest.mark.parametrize(
    "steps",
    [
        # Two threads, now and then; each second pair; a log that was shuffled.
        [0, 1, 3, 2, 4, 5, 6, 8, 7, 9],
        [1, 0, 3, 2, 5, 4, 7, 6, 9, 8],
        [4, 7, 0, 9, 1, 2, 8, 3, 6, 5],
    ],
)
def test_points_that_were_written_out_of_order_all_count(steps):
    points = take_points([written(*steps)])

    assert points.steps.tolist() == list(range(10))
    assert [steps[int(value)] for value in points.values] == list(range(10))
    assert points.restarts == ()


def test_a_program_that_went_back_in_its_file_replaces_what_it_wrote():
    # The second time it has come to step 4, and step 5 may follow.
    points = take_points([written(0, 1, 2, 3, 4, 5, 2, 3, 4)])

    assert points.steps.tolist() == [0, 1, 2, 3, 4]
    assert points.values.tolist() == [0, 1, 6, 7, 8]
    (restart,) = points.restarts
    assert (restart.step, restart.num_replaced) == (2, 4)


def test_two_processes_that_write_at_the_same_time_are_no_restart():
    points = take_points([written(0, 1, 2), written(0, 1, 2, start=100.5)])
    assert (points.steps.tolist(), points.restarts) == ([0, 1, 2], [])


def test_points_without_a_step_are_numbered():
    points = take_points([written(0, 0, 0, 0)])
    assert (points.steps.tolist(), points.counted) == ([0, 1, 2, 3], "order")


def test_steps_that_begin_anew_each_epoch_are_counted_on():
    points = take_points([written(0, 10, 20, 0, 10, 20, 0, 10)])

    assert points.steps.tolist() == [0, 10, 20, 30, 40, 50, 60, 70]
    assert (len(points), points.counted) == (8, "passes")


@pytest.mark.parametrize(
    "files",
    [
        # Resumed three times, each by a process with a file of its own.
        [written(0, 1, 2), written(0, 1, 2), written(0, 1, 2)],
        # Passes of different lengths are none.
        [written(0, 1, 2, 3, 0, 1, 0, 1, 2)],
    ],
)
def test_restarts_are_not_counted_on(files):
    points = take_points(files)
    assert (points.steps.tolist(), points.counted) == ([0, 1, 2], "steps")


def test_no_points():
    assert len(take_points([])) == 0
