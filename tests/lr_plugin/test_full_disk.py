"""Disks without room: what is whole stays, what is torn goes, the rest comes later."""

import contextlib
import os
import resource
import signal
import subprocess
import sys

import numpy as np
import pytest
from event_files import load_values
from tensorboard.compat import tf

from lr_plugin import read_run
from lr_plugin.writer.background import BackgroundWriter
from lr_plugin.writer.run_writer import RunWriter

# Imported when it is first used, which is not to happen without room.
tf.io.gfile.exists("")

if sys.platform == "win32":
    pytest.skip("Windows has no limit on the size of a file.", allow_module_level=True)


@contextlib.contextmanager
def file_limit(num_bytes):
    """Lets no file of this process grow larger: a write then ends as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a disk of 1 MB, where this process may."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True)
    except FileNotFoundError:
        pytest.skip("There is no `mount`.")
    if done.returncode:
        pytest.skip("This process may not mount a disk.")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def rows(begin, end):
    steps = np.arange(begin, end)
    return {"step": steps, "learning_rate": 0.1 / (1 + steps), "loss": steps + 1.0}


def files_of(folder):
    return sorted((folder / "learning_rate").glob("*tfevents*"))


@pytest.mark.slow
@pytest.mark.parametrize("num_bytes", [0, 10, 60, 1000, 5000, 20_000, 70_001])
def test_a_write_that_does_not_fit_leaves_whole_events_and_is_made_up(
    tmp_path, num_bytes
):
    writer = RunWriter(tmp_path)
    with file_limit(num_bytes):
        for i in range(5):
            writer.write_rows(rows(1000 * i, 1000 * (i + 1)))
            with pytest.raises(OSError):
                writer.flush()
        (path,) = files_of(tmp_path)
        # TensorBoard's reader would stop at a torn event, or warn of it.
        num_events = len(load_values(tmp_path))
        assert path.stat().st_size <= num_bytes
    writer.close()

    assert files_of(tmp_path) == [path]
    assert len(load_values(tmp_path)) > num_events
    run = read_run(tmp_path)
    assert run.steps.tolist() == list(range(5000))
    np.testing.assert_array_equal(run["loss"], np.arange(5000) + 1)


@pytest.mark.slow
def test_what_fits_is_on_disk_though_the_rest_is_not(tmp_path):
    writer = RunWriter(tmp_path)
    writer.write_rows(rows(0, 1024))
    writer.flush()
    (path,) = files_of(tmp_path)
    with file_limit(path.stat().st_size + 300):
        writer.write_rows(rows(1024, 4096))
        with pytest.raises(OSError):
            writer.flush()

    assert read_run(tmp_path).steps.tolist() == list(range(1024))
    writer.close()
    assert len(read_run(tmp_path)) == 4096


def test_a_log_that_never_fits_leaves_no_file(tmp_path):
    writer = RunWriter(tmp_path)
    writer.write_rows(rows(0, 100))
    with file_limit(0), pytest.raises(OSError):
        writer.close()

    assert files_of(tmp_path) == []


@pytest.mark.slow
def test_retries_breed_no_files_and_lose_no_rows(small_disk, caplog):
    filler = small_disk / "filler"
    writer = BackgroundWriter(str(small_disk / "run"))
    writer.submit(lambda run: run.write_rows(rows(0, 2000)))
    assert writer.flush()
    filler.write_bytes(b"x" * (os.statvfs(small_disk).f_bavail * 4096))

    for i in range(2, 6):
        writer.submit(lambda run, i=i: run.write_rows(rows(1000 * i, 1000 * (i + 1))))
        assert not writer.flush()
    (path,) = files_of(small_disk / "run")
    whole = len(read_run(small_disk / "run"))
    filler.unlink()
    writer.close()

    assert whole >= 2000
    assert files_of(small_disk / "run") == [path]
    assert read_run(small_disk / "run").steps.tolist() == list(range(6000))
    # One warning, however often it was tried.
    assert len(caplog.records) == 1
