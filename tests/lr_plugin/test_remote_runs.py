"""Runs in folders elsewhere: all of a record comes there, and training never waits."""

import logging
import os
import pathlib
import time

import numpy as np
import pytest
from s3_server import serve_s3

from lr_plugin import RunWriter, folders, read_run
from lr_plugin.schema import Event
from lr_plugin.writer import mirror
from lr_plugin.writer.run_folder import claim_run_folder, continue_run_folder

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("s3fs")
pytest.importorskip("moto")


@pytest.fixture(scope="module")
def s3():
    with serve_s3() as files:
        yield files


@pytest.fixture(params=["memory://remote", "s3://bucket"])
def logdir(request, s3, tmp_path, monkeypatch):
    # Where local copies lie.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(mirror, "_FIRST_SECS", 0.05)
    monkeypatch.setattr(mirror, "_EVERY_SECS", 0.05)
    return f"{request.param}/{request.node.name.partition('[')[0]}"


def rows(first, last):
    steps = np.arange(first, last)
    return {"step": steps, "learning_rate": 1.0 / (1 + steps), "loss": steps / 7}


def write(folder, first, last, **kwargs):
    with RunWriter(folder, **kwargs) as writer:
        writer.write_rows(rows(first, last))


def list_files(logdir):
    files, path = fsspec.url_to_fs(logdir)
    files.invalidate_cache()
    root = files._strip_protocol(logdir)
    return sorted(name.removeprefix(root) for name in files.find(path))


def folders_of(logdir):
    return sorted(os.path.dirname(name) for name in list_files(logdir))


def test_all_is_there_when_the_writer_is_closed(logdir, tmp_path):
    write(logdir, 0, 3000)

    (name,) = list_files(logdir)
    assert name.startswith("/learning_rate/events.out.tfevents.")
    assert not os.listdir(tmp_path)


def test_what_is_flushed_is_there_soon(logdir):
    with RunWriter(logdir) as writer:
        writer.write_rows(rows(0, 100))
        writer.flush()
        deadline = time.monotonic() + 10
        while not any("tfevents" in name for name in list_files(logdir)):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_training_that_begins_anew_hides_no_other(logdir):
    write(logdir, 0, 100)
    write(logdir, 0, 50)
    write(logdir, 0, 20)

    expected = ["/fit_2/learning_rate", "/fit_3/learning_rate", "/learning_rate"]
    assert folders_of(logdir) == expected


def test_a_training_goes_on_with_the_run_that_it_follows(logdir):
    write(logdir, 0, 100)
    write(logdir, 0, 50)
    write(logdir, 50, 60)
    write(logdir, 30, 60, resume=True)

    assert folders_of(logdir) == [
        *["/fit_2/learning_rate"] * 2,
        *["/learning_rate"] * 2,
    ]


def test_a_folder_that_another_program_claims_is_left_to_it(logdir):
    files, path = fsspec.url_to_fs(logdir)
    files.makedirs(f"{path}/learning_rate", exist_ok=True)
    files.pipe_file(f"{path}/learning_rate/training.claim.of-another", b"")

    write(logdir, 0, 10)

    assert folders_of(logdir) == ["/fit_2/learning_rate", "/learning_rate"]


def test_a_second_training_of_this_process_goes_on_where_the_first_was(logdir):
    write(logdir, 0, 10)
    first = claim_run_folder(logdir, goes_on=None)
    write(first.path, 0, 30, resume=True)
    first.release()
    again = continue_run_folder(first.path)
    write(again.path, 30, 60, resume=True)
    again.release()

    assert folders_of(logdir) == [*["/fit_2/learning_rate"] * 2, "/learning_rate"]


def test_events_before_the_first_row_come_there_too(logdir):
    with RunWriter(logdir) as writer:
        writer.write_event(Event("note", 0, "It begins."))
        writer.write_rows(rows(0, 10))

    assert folders_of(logdir) == ["/learning_rate"] * 2


def test_an_unreachable_folder_is_one_warning_and_caught_up_later(
    logdir, monkeypatch, caplog
):
    is_down = [True]
    found = folders.open_remote

    def open_remote(folder):
        if is_down[0]:
            raise OSError("no route to host")
        return found(folder)

    monkeypatch.setattr(folders, "open_remote", open_remote)
    with caplog.at_level(logging.WARNING), RunWriter(logdir) as writer:
        writer.write_rows(rows(0, 3000))
        began = time.monotonic()
        writer.flush()
        assert time.monotonic() - began < 1
        time.sleep(0.5)
        is_down[0] = False
    assert [record.message for record in caplog.records] == [
        f"The learning rate record in {logdir} cannot be written (no route to host). "
        "Training goes on; the record will be written as soon as that is possible."
    ]
    assert folders_of(logdir) == ["/learning_rate"]


def test_what_never_came_there_is_said_with_its_place(
    logdir, monkeypatch, caplog, tmp_path
):
    def open_remote(folder):
        raise OSError("no route to host")

    monkeypatch.setattr(folders, "open_remote", open_remote)
    with caplog.at_level(logging.WARNING):
        write(logdir, 0, 3000)

    (path,) = tmp_path.glob("lr_plugin-*/learning_rate/*")
    folder = path.parents[1]
    assert caplog.records[-1].message == (
        f"Not all of the learning rate record is in {logdir}: "
        f"{path.relative_to(folder)} could not be copied there. It is in {folder} on "
        "this machine; copy it by hand."
    )


def test_a_remote_record_has_the_bytes_of_a_local_one(logdir, tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1234567.0)
    write(logdir, 0, 3000)
    write(tmp_path / "here", 0, 3000)

    files, path = fsspec.url_to_fs(logdir)
    (name,) = list_files(logdir)
    (local,) = pathlib.Path(tmp_path / "here" / "learning_rate").glob("*tfevents*")
    assert files.cat_file(path + name) == local.read_bytes()


def test_a_run_is_read_back_from_there(logdir):
    write(logdir, 0, 3000)

    run = read_run(logdir)

    assert run.folder == logdir
    assert np.array_equal(run.steps, np.arange(3000))
    assert np.array_equal(run["loss"], np.float32(rows(0, 3000)["loss"]))


def test_a_folder_without_a_run_is_told(logdir):
    with pytest.raises(FileNotFoundError) as refused:
        read_run(f"{logdir}/none")
    assert str(refused.value) == (
        "`folder` must be that of a recorded run, with event files in its folder "
        f"`learning_rate`. Received: {logdir}/none, where there are none. Check its "
        "name."
    )
