"""What is drawn where only some of the blocks are known."""

import numpy as np
import pytest
from overview_events import event_of

from lr_plugin.reader.history import NEVER, Beginnings
from lr_plugin.reader.overview import build_overview
from lr_plugin.reader.raw_blocks import Blocks
from lr_plugin.reader.window.window import read_window
from lr_plugin.rows import slice_steps


def blocks_of(rows, first_steps):
    """Cuts rows into blocks that begin at these steps; some may be left out."""

    def read(begin, end):
        return slice_steps(rows, first_steps[begin], ends[end - 1]) if end else {}

    ends = [*first_steps[1:], NEVER]
    return Blocks(np.array(first_steps), np.zeros(len(first_steps)), read)


@pytest.fixture
def overview():
    # The loss of each bucket is the same throughout, so that envelopes can be told.
    events = [event_of(0, 4096, time=1.0, loss=1.0)]
    return build_overview(events, Beginnings())


def read(overview, rows, start=0, stop=4096, max_points=10_000, max_rows=10_000):
    blocks = blocks_of(rows, [0]) if rows else None
    return read_window(
        overview,
        lambda: blocks,
        ["loss"],
        start,
        stop,
        max_points=max_points,
        max_rows=max_rows,
    )


def rows_at(steps):
    return {"step": np.array(steps), "loss": np.full(len(steps), 2.0, np.float32)}


def test_all_rows_are_rows(overview):
    window = read(overview, rows_at(range(4096)))

    assert (window.exactness, window.num_rows) == ("rows", 4096)
    assert set(window.columns["loss"]) == {2.0}


def test_buckets_stand_for_rows_that_are_missing(overview):
    known = [*range(1024), *range(2048, 4096)]

    window = read(overview, rows_at(known))

    assert (window.exactness, window.num_rows) == ("envelope", 4096)
    steps, losses = window.columns["step"], window.columns["loss"]
    assert steps[losses == 2.0].tolist() == known
    assert steps[losses == 1.0].tolist() == [
        1024, 1279, 1280, 1535, 1536, 1791, 1792, 2047
    ]  # fmt: skip


def test_a_bucket_of_which_a_part_is_missing_stands_for_the_whole(overview):
    window = read(overview, rows_at([*range(1000), *range(1024, 4096)]))

    steps, losses = window.columns["step"], window.columns["loss"]
    assert steps[losses == 1.0].tolist() == [768, 1023]
    assert not np.any((losses == 2.0) & (steps >= 768) & (steps < 1024))


def test_a_window_within_what_is_known_is_exact(overview):
    window = read(overview, rows_at(range(1000)), start=900, stop=990)

    assert (window.exactness, window.num_rows) == ("rows", 90)


def test_buckets_are_cut_where_the_window_ends(overview):
    window = read(overview, None, start=300, stop=600)

    assert window.exactness == "envelope"
    assert window.columns["step"].tolist() == [300, 511, 512, 599]


def test_of_a_large_window_only_edges_and_extremes_are_read(overview):
    reads = []

    def find_blocks():
        blocks = blocks_of(rows_at(range(4096)), [0])

        def note(begin, end):
            reads.append((begin, end))
            return blocks.read(begin, end)

        return Blocks(blocks.first_steps, blocks.wall_times, note)

    window = read_window(
        overview, find_blocks, ["loss"], 100, 4000, max_points=100, max_rows=1000
    )

    # The first bucket, which is the lowest and the highest one too, and the last.
    assert len(reads) == 2
    assert (window.exactness, window.num_rows) == ("envelope", 3900)
    assert window.columns["step"][0] == 100
    assert window.columns["step"][-1] == 3999


def test_of_a_large_run_as_a_whole_nothing_is_read(overview):
    def find_blocks():
        raise AssertionError("The overview suffices.")

    window = read_window(
        overview, find_blocks, ["loss"], 0, NEVER, max_points=100, max_rows=1000
    )

    assert window.num_rows == 4096
    assert window.columns["step"].tolist()[:2] == [0, 255]
