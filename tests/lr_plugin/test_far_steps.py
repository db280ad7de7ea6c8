"""Steps that lie far apart, or far from 0: right to the last digit, or told."""

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE
from event_files import load_blocks

from lr_plugin import RunWriter, metadata, read_run, schema
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.writer.event_log import EventLog

# Each odd number beyond 2**24 is one that float32 does not have.
FAR = {
    "within 2**24": [0, 1, 2**24 - 1, 2**24],
    "beyond 2**24": [0, 1, 2**24 + 1, 2**24 + 2, 2**24 + 3],
    "beyond 2**31": [5, 2**31 + 1, 2**31 + 3, 2**32 + 1],
    "up to 2**53": [0, 2**24 + 1, 2**40 + 1, 2**53 - 1, 2**53],
    "far from 0": [2**52 + 1, 2**52 + 2, 2**52 + 2, 2**52 + 5],
    "often": [i * (2**23 + 1) for i in range(3000)],
}


def rows_at(steps):
    """Gives rows each of whose losses tells which row it is."""
    return {"step": steps, "loss": np.arange(len(steps))}


def read_all(provider, logdir, *, from_files=True):
    directories = RunDirectories(logdir=str(logdir) if from_files else None)
    reader = LearningRateReader(provider, directories=directories)
    answer = reader.list_runs(SCOPE)
    window = None
    if answer["runs"]:
        window = reader.read_series(SCOPE, "run1", ("step", "loss"), max_points=10_000)
    return answer, window


@pytest.mark.slow
@pytest.mark.parametrize("pieces", [1, 3])
@pytest.mark.parametrize("name", FAR)
def test_rows_far_apart_come_back_exactly(tmp_path, name, pieces):
    steps = FAR[name]
    with RunWriter(tmp_path / "run1") as writer:
        for part in np.array_split(np.arange(len(steps)), pieces):
            writer.write_rows({"step": np.array(steps)[part], "loss": part})
            writer.flush()

    run = read_run(tmp_path / "run1")
    assert run.steps.tolist() == steps
    assert run["loss"].tolist() == list(range(len(steps)))
    with LOADERS["python"]() as load:
        for from_files in (True, False):
            answer, window = read_all(load(tmp_path), tmp_path, from_files=from_files)
            assert answer["notices"] == []
            (listed,) = answer["runs"]
            assert (listed["first_step"], listed["last_step"]) == (steps[0], steps[-1])
            assert listed["num_iterations"] == len(steps)
            assert window.columns["step"].tolist() == steps
            assert window.columns["loss"].tolist() == list(range(len(steps)))


def test_rows_of_one_step_stay_together_where_a_block_ends_for_its_distance(tmp_path):
    steps = [0] + [2**24 + 1] * 700 + [2**24 + 2]
    with RunWriter(tmp_path) as writer:
        for begin in range(0, len(steps), 100):
            part = np.arange(begin, min(begin + 100, len(steps)))
            writer.write_rows({"step": np.array(steps)[part], "loss": part})
            writer.flush()
    run = read_run(tmp_path)
    assert run.steps.tolist() == steps
    assert run["loss"].tolist() == list(range(len(steps)))


def test_near_steps_make_no_more_blocks_than_before(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_at(np.arange(0, 3072 * 5000, 5000)))
    assert len(load_blocks(tmp_path)) == 3


@pytest.mark.parametrize(
    "offset", [2**24 + 2, 2**31, 2**53, 2**60, float("inf"), float("nan")]
)
def test_a_block_whose_distances_may_be_wrong_is_left_out_and_told(tmp_path, offset):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows(rows_at([0, 1, 2]))
    log = EventLog(str(tmp_path / "run1" / "learning_rate"))
    columns = schema.stored_columns(("loss",))
    log.add(
        metadata.iterations_tag(("loss",)),
        3,
        np.array([[3, 1, 0], [4, 1, offset]], np.float32),
        metadata.create_summary_metadata(metadata.RAW_PLUGIN_NAME, columns=columns),
    )
    log.close()

    with LOADERS["python"]() as load:
        answer, window = read_all(load(tmp_path), tmp_path)
        notices = read_all(load(tmp_path), tmp_path, from_files=False)[0]["notices"]
    assert window.columns["step"].tolist() == [0, 1, 2]
    assert answer["notices"]
    assert all("run1" in notice for notice in [*answer["notices"], *notices])


def test_the_sentence_about_a_distance_says_what_was_received():
    columns = schema.stored_columns(("loss",))
    block = np.array([[3, 1, 0], [4, 1, 2**25]], np.float32)
    with pytest.raises(ValueError) as error:
        schema.unpack_block(0, block, columns)
    assert str(error.value) == (
        "Steps must be within 2**24 of the first one, as more digits than float32 has "
        "are lost. Received: 33554432 beyond it."
    )
    rows = schema.unpack_block(0, block.astype(np.float64), columns)
    assert rows["step"].tolist() == [0, 2**25]


@pytest.mark.parametrize("step", [2**53 + 2, -1, 2**63])
def test_a_step_that_no_chart_can_show_is_refused(tmp_path, step):
    with RunWriter(tmp_path) as writer:
        with pytest.raises(ValueError, match="whole numbers from 0 to"):
            writer.write_rows({"step": step, "loss": 1.0})
        writer.write_rows({"step": 0, "loss": 1.0})
    assert read_run(tmp_path).steps.tolist() == [0]
