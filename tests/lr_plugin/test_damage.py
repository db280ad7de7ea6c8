"""Damaged event files: what is whole is drawn, and what is not is told."""

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE, directory_of

from lr_plugin.reader.event_file import index_file
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter


@pytest.fixture(params=LOADERS)
def read(request):
    with LOADERS[request.param]() as load:
        yield lambda logdir: LearningRateReader(
            load(logdir), directories=RunDirectories(logdir=str(logdir))
        )


def write(folder, num_steps=4096):
    """Writes a run of whole blocks, an overview after each; gives its file and them."""
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo())
        for begin in range(0, num_steps, 1024):
            steps = np.arange(begin, begin + 1024)
            writer.write_rows({"step": steps, "loss": steps + 1.0})
            writer.flush()
    (path,) = directory_of(folder).iterdir()
    records = index_file(str(path)).records
    return path, records[records["is_block"]]


def spoil(path, place, data):
    content = bytearray(path.read_bytes())
    content[place : place + len(data)] = data
    path.write_bytes(content)


def steps_of(reader, run):
    window = reader.read_series(SCOPE, run, ("step", "loss"), max_points=100_000)
    steps, losses = window.columns["step"], window.columns["loss"]
    return window.exactness, steps.tolist(), losses


@pytest.mark.slow
def test_a_whole_file_is_no_notice(tmp_path, read):
    write(tmp_path / "good")

    assert read(tmp_path).list_runs(SCOPE)["notices"] == []


@pytest.mark.slow
def test_zeros_in_the_middle_are_told_with_run_file_and_place(tmp_path, read):
    write(tmp_path / "good")
    path, blocks = write(tmp_path / "damaged")
    # The third block's length and what comes after it.
    place = int(blocks["offset"][2]) - 12
    spoil(path, place, bytes(50))
    reader = read(tmp_path)

    found = reader.list_runs(SCOPE)

    assert found["notices"] == [
        f"Run damaged: its event file {path.name} is damaged from byte {place:,} on. "
        f"Nothing that comes after the block which begins with iteration "
        f"{blocks['step'][1]:,} can be read from it."
    ]
    runs = {run["run"]: run["num_iterations"] for run in found["runs"]}
    assert runs == {"good": 4096, "damaged": 2048}
    _, steps, losses = steps_of(reader, "damaged")
    assert steps == list(range(2048))
    np.testing.assert_array_equal(losses, np.arange(2048) + 1)


@pytest.mark.slow
def test_a_record_with_a_wrong_checksum_is_left_out_and_told(tmp_path, read):
    write(tmp_path / "good")
    path, blocks = write(tmp_path / "damaged")
    place = int(blocks["offset"][1])
    # In the middle of its losses.
    spoil(path, place + int(blocks["length"][1]) // 2, bytes(16))
    reader = read(tmp_path)

    found = reader.list_runs(SCOPE)

    first, after = blocks["step"][1], blocks["step"][2]
    assert found["notices"] == [
        f"Run damaged: a record of its event file {path.name} is damaged (byte "
        f"{place:,}): iterations {first:,} to {after - 1:,} cannot be read."
    ]
    exactness, steps, losses = steps_of(reader, "damaged")
    # No number comes from the damaged block; what the overview knows of its rows is an
    # envelope.
    is_single = np.isin(losses, np.arange(4096) + 1)
    assert is_single.all()
    inside = [step for step in steps if first <= step < after]
    assert len(inside) < (after - first) / 10
    assert {*range(first), *range(after, 4096)} <= set(steps)
    assert exactness in ("rows", "envelope")


@pytest.mark.slow
def test_damage_in_a_long_file_is_found_by_its_end(tmp_path, read):
    path, blocks = write(tmp_path / "long", 204_800)
    middle = len(blocks) // 2
    place = int(blocks["offset"][middle]) - 12
    spoil(path, place, b"\xff" * 40)

    (notice,) = read(tmp_path).list_runs(SCOPE)["notices"]

    assert f"is damaged from byte {place:,} on." in notice
    assert f"begins with iteration {blocks['step'][middle - 1]:,} can" in notice


@pytest.mark.slow
def test_a_file_that_is_being_written_is_not_damaged(tmp_path, read):
    path, _ = write(tmp_path / "live")
    path.write_bytes(path.read_bytes()[:-100])

    assert read(tmp_path).list_runs(SCOPE)["notices"] == []


@pytest.mark.slow
def test_a_damage_that_was_mended_is_told_no_more(tmp_path, read):
    path, blocks = write(tmp_path / "run")
    whole = path.read_bytes()
    spoil(path, int(blocks["offset"][2]) - 12, bytes(50))
    reader = read(tmp_path)
    assert len(reader.list_runs(SCOPE)["notices"]) == 1

    path.write_bytes(whole)
    steps_of(reader, "run")

    assert reader.list_runs(SCOPE)["notices"] == []


@pytest.mark.slow
def test_a_run_of_which_nothing_could_be_loaded_is_told(tmp_path):
    write(tmp_path / "good")
    path, _ = write(tmp_path / "damaged")
    # The run's info, the first event that says anything.
    place = path.read_bytes().index(b"run_info")
    spoil(path, place, b"RUN")
    with LOADERS["python"]() as load:
        directories = RunDirectories(logdir=str(tmp_path))
        reader = LearningRateReader(load(tmp_path), directories=directories)
        found = reader.list_runs(SCOPE)

    assert [run["run"] for run in found["runs"]] == ["good"]
    assert found["notices"] == [
        "Run damaged: TensorBoard has loaded nothing of its event files, which hold "
        "iterations. If that stays so, one is damaged at its beginning."
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "is_told"),
    [(bytes(100_000), True), (b"something else " * 1000, True), (b"", False)],
)
def test_a_file_that_holds_no_event_is_told_unless_it_is_empty(
    tmp_path, content, is_told
):
    # The fast loader says nothing of such a run, so that nobody knows of it.
    path, _ = write(tmp_path / "damaged")
    path.write_bytes(content)
    write(tmp_path / "good")
    with LOADERS["python"]() as load:
        directories = RunDirectories(logdir=str(tmp_path))
        reader = LearningRateReader(load(tmp_path), directories=directories)
        answer = reader.list_runs(SCOPE)

    assert [run["run"] for run in answer["runs"]] == ["good"]
    expected = [
        f"Run damaged: its event file {path.name} is damaged from byte 0 on. No "
        "iteration can be read from it."
    ]
    assert answer["notices"] == (expected if is_told else [])
