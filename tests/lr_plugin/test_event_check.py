"""Overviews that no writer makes, among others of their tag."""

import math

import numpy as np
import pytest
from overview_events import event_of
from tensorboard.data.provider import TensorDatum

from lr_plugin import schema
from lr_plugin.reader.fence.event_check import find_flaws

COLUMNS = schema.overview_columns(["loss"])


def overview_at(step, *, wall_time=1.0, changes=(), dtype=np.float32):
    tensor = event_of(step, step + 1024, time=1.0, loss=1.0).tensor.astype(dtype)
    for place, value in changes:
        tensor[place] = value
    return TensorDatum(step, wall_time, tensor)


def flaws_of(events, columns=COLUMNS):
    return find_flaws("overview/loss", events, columns=columns, layers=())


def test_overviews_of_a_tag_each_begin_anew():
    assert flaws_of([overview_at(step) for step in (0, 1024, 512)]) == [None] * 3
    assert flaws_of([]) == []


@pytest.mark.parametrize(
    "odd",
    [
        overview_at(1024, changes=[((2, 0), 0)]),
        overview_at(1024, changes=[((0, 0), -1)]),
        overview_at(1024, changes=[((1, 0), math.nan)]),
        overview_at(1024, changes=[((3, 1), 0)]),
        overview_at(1024, changes=[((3, 1), 2.0**41)]),
        overview_at(1024, changes=[((3, 2), 300)]),
        overview_at(1024, changes=[((3, 0), 2.0**25)]),
        overview_at(1024, wall_time=math.nan),
        overview_at(1024, wall_time=1e12),
        TensorDatum(-1, 1.0, overview_at(1024).numpy),
        TensorDatum(1024, 1.0, np.zeros([0, 7], np.float32)),
        TensorDatum(1024, 1.0, np.ones([4, 6], np.float32)),
        TensorDatum(1024, 1.0, np.ones([4, 7], np.int64)),
        TensorDatum(1024, 1.0, np.array(b"text", object)),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_odd_overview_costs_no_other(odd, place):
    events = [overview_at(0), overview_at(2048)]
    events.insert(place, odd)

    flaws = flaws_of(events)

    assert [flaw is not None for flaw in flaws] == [i == place for i in range(3)]
    assert flaws[place].startswith("Its event overview/loss at step ")


def test_a_step_is_as_far_as_the_type_of_its_own_overview_holds_it():
    far = [((3, 0), 2.0**25)]
    wide, narrow = (overview_at(0, changes=far, dtype=t) for t in ("f8", "f4"))

    assert [flaw is None for flaw in flaws_of([wide, narrow])] == [True, False]


def test_overviews_lack_no_column():
    flaws = flaws_of([overview_at(0), overview_at(1024)], columns=("step", "loss:min"))

    assert all("An overview's columns must be step, num_rows" in flaw for flaw in flaws)
