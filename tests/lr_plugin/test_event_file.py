"""Indices of real event files, whole, growing, torn and spoilt."""

import tracemalloc

import numpy as np
import pytest
from data_providers import directory_of

from lr_plugin.reader.event_file import index_file, read_events
from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter


def write(writer, first, last):
    steps = np.arange(first, last)
    writer.write_rows({"step": steps, "learning_rate": 1.0 / (1 + steps)})


@pytest.fixture
def path(tmp_path):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo(first_step=100), wall_time=1234.5)
        write(writer, 100, 3000)
    (path,) = directory_of(tmp_path / "run1").iterdir()
    return path


def blocks_of(index):
    return index.records["step"][index.records["is_block"]].tolist()


def test_blocks_and_beginnings_are_found(path):
    index = index_file(str(path))

    assert blocks_of(index) == [100, 1124, 2148]
    (begin,) = index.records[~index.records["is_block"]]
    assert (begin["step"], begin["wall_time"]) == (100, pytest.approx(1234.5))
    assert index.num_bytes == path.stat().st_size


def test_a_found_block_can_be_read(path):
    index = index_file(str(path))
    record = index.records[index.records["is_block"]][1]

    (event,) = read_events(str(path), [(record["offset"], record["length"])])

    assert event.step == 1124
    assert event.summary.value[0].tag == "iterations/learning_rate"


def test_an_index_grows_with_its_file(tmp_path):
    with RunWriter(tmp_path / "run1") as writer:
        write(writer, 0, 1024)
        writer.flush()
        (path,) = directory_of(tmp_path / "run1").glob("*tfevents*")
        first = index_file(str(path))
        write(writer, 1024, 2048)
        writer.flush()

        second = index_file(str(path), first)

    assert blocks_of(first) == [0]
    assert blocks_of(second) == [0, 1024]
    np.testing.assert_array_equal(second.records, index_file(str(path)).records)


def test_an_index_of_a_file_that_did_not_grow_stays(path):
    index = index_file(str(path))

    assert index_file(str(path), index) is index


@pytest.mark.slow
@pytest.mark.parametrize("num_bytes", [1, 4, 100, 5000])
def test_a_torn_last_record_is_left_for_later(path, num_bytes):
    whole = path.read_bytes()
    path.write_bytes(whole[:-num_bytes])
    torn = index_file(str(path))
    with path.open("ab") as file:
        file.write(whole[-num_bytes:])

    assert torn.num_bytes < len(whole)
    np.testing.assert_array_equal(
        index_file(str(path), torn).records, index_file(str(path)).records
    )


def test_a_replaced_file_is_indexed_anew(tmp_path, path):
    index = index_file(str(path))
    with RunWriter(tmp_path / "run2") as writer:
        write(writer, 7, 500)
    (other,) = directory_of(tmp_path / "run2").iterdir()
    other.rename(path)

    assert blocks_of(index_file(str(path), index)) == [7]


def test_a_file_cut_short_is_indexed_anew(path):
    index = index_file(str(path))
    path.write_bytes(path.read_bytes()[: index.records["offset"][-1] - 12])

    assert blocks_of(index_file(str(path), index)) == [100, 1124]


def test_nothing_behind_a_spoilt_length_is_found(path):
    index = index_file(str(path))
    data = bytearray(path.read_bytes())
    # The length stands 12 bytes before the event.
    begin = index.records["offset"][-1] - 12
    data[begin : begin + 8] = b"\xff" * 8
    path.write_bytes(data)

    spoilt = index_file(str(path))

    assert blocks_of(spoilt) == [100, 1124]
    assert spoilt.num_bytes == begin


@pytest.mark.slow
@pytest.mark.parametrize("length", [b"\xff" * 8, bytes(8)])
def test_what_is_behind_a_spoilt_length_is_not_read_into_memory(path, length):
    index = index_file(str(path))
    with path.open("r+b") as file:
        file.seek(index.records["offset"][-1] - 12)
        file.write(length)
        file.truncate(200 << 20)

    tracemalloc.start()
    spoilt = index_file(str(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert blocks_of(spoilt) == [100, 1124]
    assert peak < 20 << 20


def test_only_the_beginning_is_read_if_asked(path):
    assert blocks_of(index_file(str(path), max_bytes=10_000)) == [100, 1124]
    assert blocks_of(index_file(str(path), max_bytes=100)) == []


def test_the_smallest_block_is_found(tmp_path):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.array([0]), "loss": np.array([1.0])})
    (path,) = directory_of(tmp_path / "run1").iterdir()

    assert blocks_of(index_file(str(path))) == [0]


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(OSError):
        index_file(str(tmp_path / "none"))


def test_other_files_hold_no_blocks(tmp_path):
    path = tmp_path / "notes"
    path.write_bytes(b"iterations/" * 1000)

    assert len(index_file(str(path)).records) == 0
