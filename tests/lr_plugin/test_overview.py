"""Overviews of trainings that went back, grew, or measured something else."""

import numpy as np
from overview_events import event_of

from lr_plugin.reader.history import Beginnings
from lr_plugin.reader.overview import build_overview, describe_rows


def test_overviews_follow_each_other():
    events = [
        event_of(1024, 1500, time=2.0, loss=2.0),
        event_of(0, 1024, time=1.0, loss=1.0),
    ]

    overview = build_overview(events, Beginnings())

    assert overview.steps.tolist() == [0, 256, 512, 768, 1024, 1280]
    assert overview.last_steps.tolist() == [255, 511, 767, 1023, 1279, 1499]
    assert overview.num_rows.tolist() == [256, 256, 256, 256, 256, 220]
    assert overview.statistics["loss"][:, 1].tolist() == [1, 1, 1, 1, 2, 2]
    assert overview.last_step == 1499


def test_an_overview_written_again_replaces_itself():
    events = [event_of(0, n, time=float(n), loss=n) for n in (100, 300, 600)]

    overview = build_overview(events, Beginnings())

    assert overview.num_rows.tolist() == [256, 256, 88]
    assert set(overview.statistics["loss"][:, 0]) == {600}


def test_a_training_that_went_back_takes_its_rows_from_the_bucket_before():
    events = [
        event_of(0, 1024, time=1.0, loss=1.0),
        event_of(600, 900, time=3.0, loss=2.0),
    ]

    overview = build_overview(
        events, Beginnings(np.array([0, 600]), np.array([0.5, 2.5]))
    )

    assert overview.steps.tolist() == [0, 256, 512, 600, 856]
    assert overview.num_rows.tolist() == [256, 256, 88, 256, 44]
    assert overview.last_steps.tolist() == [255, 511, 599, 855, 899]


def test_what_a_training_did_not_measure_is_not_a_number():
    events = [
        event_of(0, 256, time=1.0, loss=1.0),
        event_of(256, 512, time=2.0, loss=2.0, columns=("learning_rate", "loss")),
    ]

    overview = build_overview(events, Beginnings())

    assert overview.columns == ("learning_rate", "loss")
    np.testing.assert_array_equal(
        overview.statistics["learning_rate"],
        [[np.nan, np.nan, np.nan, 0], [2, 2, 2, 0]],
    )


def test_a_window_holds_every_bucket_that_it_touches():
    overview = build_overview([event_of(0, 1024, time=1.0, loss=1.0)], Beginnings())

    for start, stop, expected in (
        (0, 1024, (0, 4)),
        (255, 257, (0, 2)),
        (256, 512, (1, 2)),
        (1023, 5000, (3, 4)),
        (1024, 5000, (4, 4)),
        (-5, 0, (0, 0)),
    ):
        window = overview.find_window(start, stop)
        assert (window.start, window.stop) == expected


def test_no_events_are_an_empty_overview():
    overview = build_overview([], Beginnings())

    assert (len(overview), overview.last_step, overview.columns) == (0, -1, ())
    assert overview.find_window(0, 10) == slice(0, 0)


def test_rows_can_stand_for_themselves():
    rows = {
        "step": np.array([4, 5, 5]),
        "loss": np.array([1.0, np.inf, 3.0]),
        "applied": np.array([1.0, 0.0, 1.0]),
    }

    overview = describe_rows(rows)

    assert overview.num_rows.tolist() == [1, 1, 1]
    assert overview.num_applied.tolist() == [1, 0, 1]
    np.testing.assert_array_equal(
        overview.statistics["loss"], [[1] * 3 + [0], [np.nan] * 3 + [1], [3] * 3 + [0]]
    )
