"""The rule for which rows are replaced, compared with a reader that goes by event."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lr_plugin.reader.history import NEVER, Beginnings, find_ends


def ends_of(first_steps, begin_steps=(), begin_times=()):
    times = np.arange(len(first_steps), dtype=float)
    return find_ends(
        np.array(first_steps, np.int64),
        times,
        Beginnings(np.array(begin_steps, np.int64), np.array(begin_times, float)),
    ).tolist()


def test_an_event_ends_where_the_next_begins():
    assert ends_of([0, 10, 20]) == [10, 20, NEVER]


def test_an_event_written_again_is_void():
    # The first two are replaced: their ends are not after their beginnings.
    assert ends_of([5, 7, 5]) == [5, 5, NEVER]


def test_a_training_that_begins_replaces_what_was_written_before():
    # It begins at step 12 after the second event and before the third.
    assert ends_of([0, 10, 20], [12], [1.5]) == [10, 12, NEVER]


def test_a_training_begins_before_events_of_its_own_time():
    assert ends_of([0], [0], [-1.0]) == [NEVER]


def test_nothing_has_no_ends():
    assert ends_of([]) == []
    assert ends_of([], [0], [0.0]) == []


@given(st.lists(st.integers(0, 20), max_size=30))
def test_ends_are_those_of_dropping_and_cutting_in_order_of_arrival(first_steps):
    kept: list[list[int]] = []
    for number, step in enumerate(first_steps):
        kept = [event for event in kept if event[0] < step]
        if kept:
            kept[-1][1] = min(kept[-1][1], step)
        kept.append([step, NEVER, number])

    ends = ends_of(first_steps)

    found = [
        [step, end, number]
        for number, (step, end) in enumerate(zip(first_steps, ends, strict=True))
        if step < end
    ]
    assert found == kept
