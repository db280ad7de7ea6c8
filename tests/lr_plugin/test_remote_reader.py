"""Single iterations come from remote event files, exactly and with few requests."""

import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from s3_server import BUCKET, serve_s3

from lr_plugin import RunWriter, folders
from lr_plugin.reader.places.ranges import open_ranges
from lr_plugin.reader.raw_blocks import EventFiles
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("s3fs")
pytest.importorskip("moto")

NUM_STEPS = 200_000


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A run of 196 blocks, of which TensorBoard keeps the last two."""
    logdir = tmp_path_factory.mktemp("logs")
    steps = np.arange(NUM_STEPS)
    with RunWriter(logdir / "run1") as writer:
        writer.write_rows(
            {"step": steps, "learning_rate": 1 / (1 + steps), "loss": steps % 977}
        )
    return logdir


@pytest.fixture(scope="module")
def s3():
    with serve_s3() as files:
        yield files


@pytest.fixture(params=["memory://reader", f"s3://{BUCKET}"])
def logdir(request, local, s3):
    files, path = fsspec.url_to_fs(request.param)
    for file in local.rglob("*tfevents*"):
        files.put_file(str(file), f"{path}/logs/{file.relative_to(local)}")
    return f"{request.param}/logs"


@pytest.fixture
def requests(monkeypatch):
    """Records each range that is read of a remote file."""
    made = []
    read = folders.read_remote

    def read_remote(path, start, stop):
        made.append((start, stop))
        return read(path, start, stop)

    monkeypatch.setattr(folders, "read_remote", read_remote)
    return made


def reader_of(local, logdir):
    with python_loader() as load:
        provider = load(local, {"learning_rate": 0, "learning_rate_raw": 2})
        return LearningRateReader(
            provider, directories=RunDirectories(logdir=logdir), max_kept_blocks=2
        )


def zoom(reader, start, stop):
    return reader.read_series(
        SCOPE,
        "run1",
        ["step", "learning_rate", "loss"],
        start=start,
        stop=stop,
        max_points=2000,
    )


def test_a_zoom_is_exact_and_takes_one_request(local, logdir, requests):
    reader = reader_of(local, logdir)
    assert zoom(reader, 150_000, 150_100).exactness == "rows"
    del requests[:]

    window = zoom(reader, 60_000, 60_100)

    assert window.exactness == "rows"
    steps = np.arange(60_000, 60_100)
    assert np.array_equal(window.columns["step"], steps)
    assert np.array_equal(window.columns["learning_rate"], np.float32(1 / (1 + steps)))
    assert np.array_equal(window.columns["loss"], steps % 977)
    ((start, stop),) = requests
    assert stop - start < 40_000


def test_a_window_of_many_blocks_takes_few_requests(local, logdir, requests):
    reader = reader_of(local, logdir)
    zoom(reader, 0, 100)
    del requests[:]

    window = zoom(reader, 0, NUM_STEPS)

    assert window.num_rows == NUM_STEPS
    # Blocks are read and kept 64 at a time.
    assert len(requests) <= 6


def test_a_run_is_listed_as_one_of_this_machine(local, logdir):
    (here,) = reader_of(local, str(local)).list_runs(SCOPE)["runs"]
    (there,) = reader_of(local, logdir).list_runs(SCOPE)["runs"]

    assert there == here


def test_what_a_file_has_grown_by_is_read_alone(tmp_path, requests):
    directory = "memory://grown/learning_rate"
    files = EventFiles(1 << 20, folders.list_remote_files)

    def add(writer, first, last):
        steps = np.arange(first, last)
        writer.write_rows({"step": steps, "learning_rate": steps / 8})
        writer.flush()
        (path,) = tmp_path.rglob("*tfevents*")
        folders.write_remote_file(f"{directory}/{path.name}", path.read_bytes())
        return path.stat().st_size

    with RunWriter(tmp_path) as writer:
        before = add(writer, 0, 20_480)
        rows = files.find_blocks(directory).read_steps(0, 10)
        assert rows["step"].tolist() == list(range(10))
        files.find_blocks(directory)
        del requests[:]
        after = add(writer, 20_480, 40_960)
        rows = files.find_blocks(directory).read_steps(20_475, 20_485)

    assert rows["step"].tolist() == list(range(20_475, 20_485))
    growth, *blocks = requests
    assert growth == (before, after)
    assert sum(stop - start for start, stop in blocks) < 10_000


def test_names_that_lead_outside_are_not_followed(logdir):
    directories = RunDirectories(logdir=f"{logdir}/run1")

    assert directories.find("learning_rate") == f"{logdir}/run1/learning_rate"
    assert directories.find("../run1/learning_rate") is None
    assert directories.find("none") is None


def test_where_the_bucket_does_not_answer_the_kept_rows_are_drawn(
    local, logdir, monkeypatch
):
    def open_remote(folder):
        raise RuntimeError("no answer")

    monkeypatch.setattr(folders, "open_remote", open_remote)
    reader = reader_of(local, logdir)

    assert zoom(reader, NUM_STEPS - 100, NUM_STEPS).exactness == "rows"
    assert zoom(reader, 60_000, 60_100).exactness != "rows"


def test_near_ranges_are_read_together(requests):
    files, path = fsspec.url_to_fs("memory://ranges/file")
    data = np.random.default_rng(0).bytes(9 << 20)
    files.makedirs("/ranges", exist_ok=True)
    files.pipe_file(path, data)
    wanted = [(8 << 20, 10), (5, 10), (100, 20), (15, 3)]

    with open_ranges("memory://ranges/file") as file:
        found = file.read_all(wanted)
        assert file.num_bytes == len(data)

    assert found == [data[i : i + n] for i, n in wanted]
    assert sorted(requests) == [(5, 120), (8 << 20, (8 << 20) + 10)]
