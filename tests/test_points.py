"""Which of the points that were written count."""

import numpy as np
import pytest

from lr_plugin.reader.files.scalar_records import POINT
from lr_plugin.reader.foreign.points import take_points


def written(*steps):
    """Makes the points of a file, whose values number them."""
    return np.array([(40 * i, s, 100.0 + i, i) for i, s in enumerate(steps)], POINT)


def test_points_stay_as_they_are():
    points = take_points([written(0, 10, 20)])

    assert points.steps.tolist() == [0, 10, 20]
    assert points.values.tolist() == [0, 1, 2]
    assert points.wall_times.tolist() == [100, 101, 102]
    assert (points.num_logged, points.restarts, points.counted) == (3, (), "steps")


def test_what_is_written_later_replaces_what_came_at_its_step_or_after():
    points = take_points([written(0, 1, 2, 3, 4), written(2, 3)])

    assert points.steps.tolist() == [0, 1, 2, 3]
    assert points.values.tolist() == [0, 1, 0, 1]
    assert points.num_logged == 7
    (restart,) = points.restarts
    assert (restart.step, restart.wall_time, restart.num_replaced) == (2, 100.0, 3)


def test_two_restarts_each_replace_what_was_left():
    points = take_points([written(*range(10)), written(6, 7), written(3, 4)])

    assert points.steps.tolist() == [0, 1, 2, 3, 4]
    # The second made void 3 to 9 of the first file, and the second file as a whole.
    assert [(r.step, r.num_replaced) for r in points.restarts] == [(3, 9)]


def test_a_step_that_is_written_twice_has_its_later_value():
    points = take_points([written(0, 1, 1, 2)])
    assert points.values.tolist() == [0, 2, 3]
    assert points.restarts == []


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
