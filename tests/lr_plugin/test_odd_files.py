"""Files that are none, and names that no text can hold, among event files."""

import os
import socket
import sys

import numpy as np
import pytest

from lr_plugin import read_run
from lr_plugin.writer.run_writer import RunWriter

if sys.platform == "win32":
    pytest.skip("Windows has no such files.", allow_module_level=True)


def write(folder, num_steps=300):
    steps = np.arange(num_steps)
    with RunWriter(folder) as writer:
        writer.write_rows({"step": steps, "loss": steps + 1.0})


def test_pipes_sockets_and_links_beside_an_event_file_are_not_opened(tmp_path):
    write(tmp_path / "other")
    write(tmp_path / "run")
    directory = tmp_path / "run" / "learning_rate"
    os.mkfifo(directory / "events.out.tfevents.1.pipe")
    (directory / "events.out.tfevents.2.folder").mkdir()
    os.symlink("/dev/zero", directory / "events.out.tfevents.3.link")
    with socket.socket(socket.AF_UNIX) as listening:
        place = os.open(directory, os.O_RDONLY)
        listening.bind(f"/proc/self/fd/{place}/events.out.tfevents.4.socket")

        assert read_run(tmp_path / "run")["loss"].tolist() == list(range(1, 301))
        os.close(place)


def test_a_writer_goes_on_beside_them(tmp_path):
    write(tmp_path)
    os.mkfifo(tmp_path / "learning_rate" / "events.out.tfevents.1.pipe")
    with RunWriter(tmp_path, resume=True) as writer:
        writer.write_rows({"step": np.arange(300, 400), "loss": np.arange(301.0, 401)})

    assert read_run(tmp_path).steps.tolist() == list(range(400))


def test_a_run_in_a_folder_that_is_not_utf8_is_written_and_read(tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff")
    write(folder)

    assert read_run(folder)["loss"].tolist() == list(range(1, 301))


def test_a_file_that_is_cut_while_it_is_written_is_read_as_far_as_it_is(tmp_path):
    writer = RunWriter(tmp_path)
    writer.write_rows({"step": np.arange(2048), "loss": np.ones(2048)})
    writer.flush()
    (path,) = (tmp_path / "learning_rate").glob("*tfevents*")
    os.truncate(path, path.stat().st_size // 2)
    first = len(read_run(tmp_path))

    writer.write_rows({"step": np.arange(2048, 4096), "loss": np.ones(2048)})
    writer.close()

    assert 0 <= first <= 2048
    run = read_run(tmp_path)
    assert set(run["loss"]) <= {1.0}
    assert len(np.unique(run.steps)) == len(run)
