"""Blocks read from event files while these change."""

import numpy as np
import pytest
from data_providers import directory_of

from lr_plugin.reader.raw_blocks import EventFiles
from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter


def write(run, first, last, *, time, value=None):
    steps = np.arange(first, last)
    losses = steps / 8 if value is None else np.full(len(steps), value)
    with RunWriter(run) as writer:
        writer.write_run_info(RunInfo(first_step=first), wall_time=time)
        writer.write_rows({"step": steps, "loss": losses}, wall_time=time + 1)
    return directory_of(run)


@pytest.fixture
def files():
    return EventFiles(100 << 20)


@pytest.mark.slow
def test_any_steps_can_be_read(tmp_path, files):
    blocks = files.find_blocks(str(write(tmp_path, 0, 400_000, time=1.0)))

    # In one block, in a few, in many, and in all.
    for start, stop in ((5, 6), (1000, 5000), (70_000, 300_001), (0, 400_000)):
        rows = blocks.read_steps(start, stop)
        np.testing.assert_array_equal(rows["step"], np.arange(start, stop))
        np.testing.assert_array_equal(rows["loss"], np.arange(start, stop) / 8)


def test_steps_that_are_not_there_give_no_rows(tmp_path, files):
    blocks = files.find_blocks(str(write(tmp_path, 100, 3000, time=1.0)))

    for start, stop in ((0, 100), (3000, 9000), (50, 50)):
        rows = blocks.read_steps(start, stop)
        assert not rows or len(rows["step"]) == 0


def test_a_later_file_replaces_what_it_writes_again(tmp_path, files):
    write(tmp_path, 0, 5000, time=1.0)
    directory = write(tmp_path, 1500, 3000, time=10.0, value=7.0)

    rows = files.find_blocks(str(directory)).read_steps(0, 10_000)

    assert rows["step"].tolist() == list(range(3000))
    assert set(rows["loss"][1500:]) == {7.0}


def test_a_file_that_grows_gives_its_new_rows(tmp_path, files):
    with RunWriter(tmp_path) as writer:
        for last in (700, 1400, 4000):
            first = last - 700 if last < 4000 else 1400
            steps = np.arange(first, last)
            writer.write_rows({"step": steps, "loss": steps / 8})
            writer.flush()
            blocks = files.find_blocks(str(directory_of(tmp_path)))
            rows = blocks.read_steps(0, 10_000)
            assert rows["step"].tolist() == list(range(last))


def test_the_first_block_is_found_however_far_into_the_file(tmp_path, files):
    directory = write(tmp_path / "at_once", 300, 9000, time=1.0)
    assert files.read_first_block(str(directory))["step"][0] == 300

    # 1000 rows of stock scalars, and a block behind byte 131,072.
    with RunWriter(tmp_path / "late") as writer:
        for begin in range(0, 4096, 256):
            steps = np.arange(begin, begin + 256)
            writer.write_rows(
                {"step": steps, "loss": steps / 8, "learning_rate": steps}
            )
    directory = directory_of(tmp_path / "late")
    assert files.read_first_block(str(directory))["step"][0] == 0


@pytest.mark.slow
def test_few_steps_of_a_long_file_are_found_without_walking_through_it(
    tmp_path, files, monkeypatch
):
    with RunWriter(tmp_path) as writer:
        for begin in range(0, 300_000, 30_000):
            steps = np.arange(begin, begin + 30_000)
            writer.write_rows(
                {"step": steps, "loss": steps / 8, "learning_rate": steps}
            )
    directory = str(directory_of(tmp_path))
    monkeypatch.setattr(files, "find_blocks", None)

    for start in (0, 1, 1023, 1024, 29_999, 30_000, 123_456, 299_000, 299_744):
        rows = files.read_steps(directory, start, start + 256, (0, 299_999))
        np.testing.assert_array_equal(rows["step"], np.arange(start, start + 256))
        np.testing.assert_array_equal(rows["loss"], rows["step"] / 8)
    assert not files.read_steps(directory, 400_000, 400_256, (0, 299_999))


@pytest.mark.slow
def test_blocks_that_were_written_in_pieces_are_found_too(tmp_path, files):
    with RunWriter(tmp_path) as writer:
        for begin in range(0, 60_000, 100):
            steps = np.arange(begin, begin + 100)
            writer.write_rows({"step": steps, "loss": steps / 8})
            writer.flush()
    directory = str(directory_of(tmp_path))

    for start in (0, 700, 30_000, 59_000):
        rows = files.read_steps(directory, start, start + 700, (0, 59_999))
        np.testing.assert_array_equal(rows["step"], np.arange(start, start + 700))


@pytest.mark.parametrize("damage", ["deleted", "overwritten", "cut"])
def test_a_file_damaged_since_is_an_error_that_can_be_handled(tmp_path, files, damage):
    directory = write(tmp_path, 0, 5000, time=1.0)
    blocks = files.find_blocks(str(directory))
    (path,) = directory.iterdir()
    if damage == "deleted":
        path.unlink()
    elif damage == "overwritten":
        path.write_bytes(b"\xff" * path.stat().st_size)
    else:
        path.write_bytes(path.read_bytes()[:5000])

    with pytest.raises(OSError):
        blocks.read_steps(4000, 5000)


def test_a_file_with_other_rows_in_the_same_places_is_noticed(tmp_path, files):
    # Steps of as many digits, without stock scalars, make files of the same layout.
    for name, first in (("a", 1000), ("b", 5000)):
        steps = np.arange(first, first + 2000)
        with RunWriter(tmp_path / name) as writer:
            writer.write_rows({"step": steps, "gradient_norm": steps / 8})
    directory, other = directory_of(tmp_path / "a"), directory_of(tmp_path / "b")
    blocks = files.find_blocks(str(directory))
    next(directory.iterdir()).write_bytes(next(other.iterdir()).read_bytes())

    with pytest.raises(OSError, match="changed since it was indexed"):
        blocks.read_steps(2000, 2100)


def test_directories_without_blocks_are_told_apart(tmp_path, files):
    assert files.find_blocks(str(tmp_path / "none")) is None
    assert files.find_blocks(str(tmp_path)) is None
    (tmp_path / "events.out.tfevents.1").write_bytes(b"")
    assert files.find_blocks(str(tmp_path)) is None


def test_links_to_files_elsewhere_are_not_read(tmp_path, files):
    directory = write(tmp_path / "outside", 0, 100, time=1.0)
    (tmp_path / "run").mkdir()
    (path,) = directory.iterdir()
    (tmp_path / "run" / path.name).symlink_to(path)

    assert files.find_blocks(str(tmp_path / "run")) is None
