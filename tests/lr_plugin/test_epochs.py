"""Where epochs begin, over trainings that go on, go back, and begin to count again."""

import pytest

from lr_plugin.reader.epochs import find_epochs
from lr_plugin.schema import Event, RunInfo


def ends(*pairs):
    return [
        Event("epoch_end", step, "Ended.", {"epoch": epoch}) for step, epoch in pairs
    ]


def marks_of(infos, events, last_step):
    return find_epochs(infos, events, last_step).list_marks()


def test_epochs_of_a_known_length_begin_where_the_last_one_ended():
    epochs = find_epochs([RunInfo(steps_per_epoch=10, epochs=5)], [], 34)

    assert epochs.list_marks() == [(0, 0), (10, 1), (20, 2), (30, 3)]
    assert [epochs.find(step) for step in (0, 9, 10, 34)] == [0, 0, 1, 3]
    assert epochs.planned == 5


def test_no_epoch_begins_where_the_run_ends():
    infos = [RunInfo(steps_per_epoch=10, epochs=2)]

    assert marks_of(infos, ends((9, 0), (19, 1)), 19) == [(0, 0), (10, 1)]


def test_epochs_of_fits_in_a_loop_are_numbered_on():
    infos = [
        RunInfo(steps_per_epoch=10, epochs=1, first_step=step)
        for step in (0, 10, 20, 30)
    ]
    events = ends((9, 0), (19, 0), (29, 0), (39, 0))
    expected = [(0, 0), (10, 1), (20, 2), (30, 3)]

    assert marks_of(infos, events, 39) == expected
    # Also where nobody told the epochs' ends.
    assert marks_of(infos, [], 39) == expected
    assert find_epochs(infos, events, 39).planned == 4


def test_a_training_that_is_resumed_counts_as_it_says():
    infos = [
        RunInfo(steps_per_epoch=100, epochs=30),
        RunInfo(steps_per_epoch=100, epochs=30, first_step=1500, first_epoch=15),
    ]
    epochs = find_epochs(infos, [], 2999)

    assert epochs.list_marks() == [(100 * i, i) for i in range(30)]
    assert epochs.planned == 30


def test_a_training_that_is_resumed_within_an_epoch_ends_that_epoch_in_time():
    infos = [
        RunInfo(steps_per_epoch=100),
        RunInfo(steps_per_epoch=100, first_step=150, first_epoch=1),
    ]

    assert marks_of(infos, [], 399) == [(0, 0), (100, 1), (200, 2), (300, 3)]
    events = ends((99, 0), (199, 1), (299, 2), (399, 3))
    assert marks_of(infos, events, 399) == [(0, 0), (100, 1), (200, 2), (300, 3)]


def test_epochs_that_skipped_updates_made_shorter_are_as_they_were():
    # The optimizer did not count 3 of the 10 updates of the first epoch.
    infos = [RunInfo(steps_per_epoch=10)]

    assert marks_of(infos, ends((6, 0), (16, 1)), 20) == [(0, 0), (7, 1), (17, 2)]


def test_the_last_mark_without_a_length_is_where_the_last_epoch_ended():
    assert marks_of([RunInfo()], ends((9, 0), (29, 1)), 29) == [
        (0, 0),
        (10, 1),
        (30, 2),
    ]


def test_numbers_told_at_the_ends_of_epochs_count():
    infos = [RunInfo(), RunInfo(first_step=200)]
    events = ends((99, 0), (199, 1), (299, 2))

    assert marks_of(infos, events, 299) == [(0, 0), (100, 1), (200, 2), (300, 3)]


@pytest.mark.parametrize("infos", [[RunInfo()], []])
def test_a_run_that_says_nothing_of_epochs_has_none(infos):
    assert find_epochs(infos, [], 99).find(50) is None


def test_of_many_epochs_some_are_marked_and_all_are_found():
    epochs = find_epochs([RunInfo(steps_per_epoch=2)], [], 9999)

    marks = epochs.list_marks()
    assert len(marks) <= 501
    assert all(step == 2 * epoch for step, epoch in marks)
    assert epochs.find(4321) == 2160
