"""Logs of other programs that grow while they are looked at."""

import contextlib

import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from scalar_files import simple_value, write_scalars
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from lr_plugin.reader.files import scalar_file
from lr_plugin.reader.foreign import foreign_runs, tag_choice
from lr_plugin.reader.foreign.foreign_runs import ForeignLibrary
from lr_plugin.reader.run_directories import RunDirectories


def rows(begin, end):
    return [(i, {"lr": 1e-3 * (i + 1), "loss": 1 / (i + 1)}) for i in range(begin, end)]


def append(path, rows):
    """Goes on with a file, as its program does."""
    with open(path, "ab") as file:
        writer = RecordWriter(file)
        for step, values in rows:
            for tag, value in values.items():
                summary = summary_pb2.Summary(value=[simple_value(tag, value)])
                event = event_pb2.Event(wall_time=1.7e9, step=step, summary=summary)
                writer.write(event.SerializeToString())


class Clock:
    """A clock that is set by hand."""

    secs = 0.0

    def __call__(self):
        return self.secs


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_log(tmp_path, clock):
    with contextlib.ExitStack() as stack:
        load = stack.enter_context(python_loader())
        yield lambda: ForeignLibrary(
            load(tmp_path),
            directories=RunDirectories(logdir=str(tmp_path)),
            tags={},
            clock=clock,
        )


def load_steps(library, name="run1"):
    """Gives the steps of a run, which are the same in the list and in the chart."""
    tags = library.find_run(SCOPE, {}, name)
    listed = library.list_runs(SCOPE, {})[name]
    assert listed.version == tags.version
    summary = library.summarize(SCOPE, tags)
    steps = library.load(SCOPE, tags).rows["step"].tolist()
    assert (summary.num_iterations, summary.last_step) == (len(steps), steps[-1])
    return steps


def test_new_points_of_a_short_run_are_there_at_the_next_look(
    tmp_path, open_log, clock
):
    path = write_scalars(tmp_path / "run1", rows(0, 50))
    library = open_log()
    assert load_steps(library) == list(range(50))
    append(path, rows(50, 60))
    clock.secs = 1.0
    assert load_steps(library) == list(range(60))


def test_a_long_run_is_joined_anew_only_after_a_while(
    tmp_path, open_log, clock, monkeypatch
):
    # 50 rows take 3,200 bytes, most of them for what every run has: ten seconds.
    monkeypatch.setattr(foreign_runs, "_BYTES_PER_SEC", 320)
    long = write_scalars(tmp_path / "long", rows(0, 50))
    library = open_log()
    assert len(load_steps(library, "long")) == 50
    append(long, rows(50, 60))
    append(long, rows(40, 45))

    clock.secs = 9.9
    assert load_steps(library, "long") == list(range(50))
    clock.secs = 10.1
    # What was written again counts.
    assert load_steps(library, "long") == list(range(45))


def test_a_long_run_is_joined_at_once_with_tags_that_were_chosen(
    tmp_path, open_log, clock, monkeypatch
):
    monkeypatch.setattr(foreign_runs, "_BYTES_PER_SEC", 320)
    write_scalars(
        tmp_path / "run1", [(i, {"lr": 1e-3, "loss": 1, "eta": 2}) for i in range(50)]
    )
    library = open_log()
    load_steps(library)
    wanted = {"run1": {"learning_rate": "eta"}}
    tags = library.find_run(
        type(SCOPE)(SCOPE.context, SCOPE.experiment_id, tag_choices=wanted), {}, "run1"
    )
    run = library.load(SCOPE, tags)
    np.testing.assert_array_equal(run.rows["learning_rate"], 2)


def test_only_what_was_appended_is_read(tmp_path, open_log, clock, monkeypatch):
    path = write_scalars(tmp_path / "run1", rows(0, 500))
    library = open_log()
    load_steps(library)
    size = path.stat().st_size
    append(path, rows(500, 510))
    places = []
    read = scalar_file.read_scalar_records
    monkeypatch.setattr(
        scalar_file,
        "read_scalar_records",
        lambda data, place, tags: (
            places.append((place, len(data))) or read(data, place, tags)
        ),
    )
    clock.secs = 1.0
    assert len(load_steps(library)) == 510
    assert places == [(size, path.stat().st_size - size)]


def test_tags_are_matched_once_however_often_a_run_is_asked_for(
    tmp_path, open_log, clock, monkeypatch
):
    for name in ("run1", "run2"):
        write_scalars(tmp_path / name, rows(0, 5))
    library = open_log()
    looked_at = []
    find_role = tag_choice.find_role
    monkeypatch.setattr(
        tag_choice, "find_role", lambda tag: looked_at.append(tag) or find_role(tag)
    )
    tag_choice._choose.cache_clear()
    library.list_runs(SCOPE, {})
    # The tags of both runs are the same.
    assert set(looked_at) == {"lr", "loss"}
    looked_at.clear()
    for secs in range(1, 6):
        clock.secs = 2.0 * secs
        library.list_runs(SCOPE, {})
        library.find_run(SCOPE, {}, "run1")
    assert looked_at == []
