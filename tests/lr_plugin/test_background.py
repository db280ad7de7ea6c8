"""The thread that writes: its caller does not wait for a disk that fails."""

import time

import numpy as np
import pytest
from event_files import read_columns

from lr_plugin.writer.background import BackgroundWriter

pytestmark = pytest.mark.slow


def rows_of(begin, end):
    steps = np.arange(begin, end)
    return {"step": steps, "learning_rate": np.full(len(steps), 0.1)}


def test_slow_disk_does_not_slow_the_caller(tmp_path):
    writer = BackgroundWriter(str(tmp_path))
    started = time.monotonic()
    writer.submit(lambda run: time.sleep(2))
    for begin in range(0, 1000, 100):
        writer.submit(lambda run, b=begin: run.write_rows(rows_of(b, b + 100)))
    assert time.monotonic() - started < 0.5

    writer.close()

    assert read_columns(tmp_path)["step"].tolist() == list(range(1000))


def test_hanging_disk_is_given_up_with_a_sentence(tmp_path, caplog):
    writer = BackgroundWriter(str(tmp_path))
    writer.submit(lambda run: time.sleep(3))

    writer.close(timeout_secs=1.5)

    (record,) = caplog.records
    assert record.getMessage() == (
        f"The end of the learning rate record in {tmp_path} is not on disk after 1.5 "
        "seconds; the disk does not answer."
    )


def test_thread_ends_when_nobody_is_left(tmp_path):
    writer = BackgroundWriter(str(tmp_path), on_wake=lambda is_last: False)
    writer.submit(lambda run: run.write_rows(rows_of(0, 5)))

    writer._thread.join(10)

    assert not writer._thread.is_alive()
    assert len(read_columns(tmp_path)["step"]) == 5


def test_flush_does_not_wait_out_a_disk_that_fails(tmp_path, caplog):
    (tmp_path / "run").write_text("A file where the directory should be.")
    writer = BackgroundWriter(str(tmp_path / "run"))
    writer.submit(lambda run: run.write_rows(rows_of(0, 5)))
    started = time.monotonic()

    assert not writer.flush()

    assert time.monotonic() - started < 5
    (tmp_path / "run").unlink()
    assert writer.flush()
    assert read_columns(tmp_path / "run")["step"].tolist() == list(range(5))
    writer.close()
    (record,) = caplog.records
    begin, end = record.getMessage().split("(")[0], record.getMessage().split("). ")[1]
    assert (begin, end) == (
        f"The learning rate record in {tmp_path / 'run'} cannot be written ",
        "Training goes on; the record will be written as soon as that is possible.",
    )


def test_a_call_that_cannot_be_written_costs_no_other(tmp_path, caplog):
    writer = BackgroundWriter(str(tmp_path))
    writer.submit(lambda run: run.write_rows({"step": ["first"]}))
    writer.submit(lambda run: run.write_rows(rows_of(0, 5)))

    assert writer.flush()
    writer.close()

    assert read_columns(tmp_path)["step"].tolist() == list(range(5))
    (record,) = caplog.records
    assert record.getMessage().startswith(
        "A part of the learning rate record is left out ("
    )
