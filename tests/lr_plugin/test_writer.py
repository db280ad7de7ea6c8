"""The written events, read back by TensorBoard's file reader."""

import glob
import os
import pathlib
import shutil

import numpy as np
import pytest
from event_files import load_blocks, load_overview, load_values, read_rows
from tensorboard.backend.event_processing import event_file_loader
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

from lr_plugin import schema
from lr_plugin.writer.run_writer import RunWriter


def rows_of(steps, **columns):
    steps = np.asarray(steps)
    return {
        "step": steps,
        "learning_rate": 0.1 / (1 + steps),
        "loss": np.exp(-steps / 1000.0),
        **columns,
    }


@pytest.mark.slow
def test_rows_come_back_exactly(tmp_path):
    with RunWriter(tmp_path) as writer:
        for begin in range(0, 5000, 300):
            writer.write_rows(rows_of(np.arange(begin, min(begin + 300, 5000))))

    rows = read_rows(tmp_path)

    assert [row["step"] for row in rows] == list(range(5000))
    assert rows[4321]["learning_rate"] == np.float32(0.1 / 4322)
    assert rows[4321]["loss"] == np.float32(np.exp(-4.321))
    assert all(row["applied"] == 1 for row in rows)


@pytest.mark.slow
def test_the_bytes_are_those_that_tensorboard_writes(tmp_path):
    losses = np.linspace(0.0, 1.0, 3000)
    losses[[3, 4, 5]] = [np.nan, np.inf, 1e39]
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(3000), loss=losses))

    (path,) = glob.glob(os.path.join(tmp_path, "learning_rate", "*"))
    again = tmp_path / "again"
    with open(again, "wb") as file:
        records = RecordWriter(file)
        for event in event_file_loader.LegacyEventFileLoader(path).Load():
            for value in event.summary.value:
                array = tensor_util.make_ndarray(value.tensor)
                value.tensor.CopyFrom(tensor_util.make_tensor_proto(array))
            records.write(event.SerializeToString())

    assert again.read_bytes() == pathlib.Path(path).read_bytes()


@pytest.mark.slow
def test_full_blocks_hold_1024_rows(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(3000)))

    assert [(s, len(b["step"])) for s, b in load_blocks(tmp_path)] == [
        (0, 1024),
        (1024, 1024),
        (2048, 952),
    ]


@pytest.mark.slow
def test_rate_and_loss_cost_at_most_12_bytes_an_iteration(tmp_path):
    with RunWriter(tmp_path) as writer:
        for begin in range(0, 200_000, 400):
            writer.write_rows(rows_of(np.arange(begin, begin + 400)))
            if begin % 2800 == 0:
                writer.flush()

    (path,) = glob.glob(os.path.join(tmp_path, "learning_rate", "*"))
    scalars = sum(
        event.ByteSize() + 16
        for tag, event, _ in load_values(tmp_path)
        if tag in ("learning_rate", "iteration_loss")
    )
    assert (os.path.getsize(path) - scalars) / 200_000 <= 12


@pytest.mark.slow
def test_slow_training_is_flushed_row_by_row_and_ends_in_whole_blocks(tmp_path):
    with RunWriter(tmp_path) as writer:
        for step in range(1100):
            writer.write_rows(rows_of([step]))
            writer.flush()

    assert [row["step"] for row in read_rows(tmp_path)] == list(range(1100))
    sizes = {s: len(b["step"]) for s, b in load_blocks(tmp_path)}
    assert sizes[0] == 1024


def test_flushed_rows_are_on_disk_before_close(tmp_path):
    writer = RunWriter(tmp_path)
    writer.write_rows(rows_of(np.arange(10)))
    writer.flush()

    assert len(read_rows(tmp_path)) == 10

    writer.write_rows(rows_of(np.arange(10, 12)))
    writer.flush()
    assert len(read_rows(tmp_path)) == 12
    writer.close()


@pytest.mark.slow
@pytest.mark.parametrize("flush_every", [1, 7, 10_000])
def test_repeated_steps_survive_the_replacing_rule(tmp_path, flush_every):
    # Every third update is skipped, so its step comes again: 0 1 2 2 3 4 4 5 6 6 ...
    applied = np.array([i % 3 != 2 for i in range(1500)], float)
    steps = np.concatenate([[0], np.cumsum(applied)[:-1]]).astype(int)
    with RunWriter(tmp_path) as writer:
        for i in range(0, 1500, flush_every):
            part = slice(i, i + flush_every)
            writer.write_rows(rows_of(steps[part], applied=applied[part]))
            writer.flush()

    rows = read_rows(tmp_path)

    assert [row["step"] for row in rows] == steps.tolist()
    assert [row["applied"] for row in rows] == applied.tolist()


@pytest.mark.slow
def test_training_stuck_at_one_step_stays_bounded(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(10)))
        writer.write_rows(rows_of(np.full(5000, 10), applied=np.zeros(5000)))
        writer.write_rows(rows_of(np.arange(11, 20)))

    rows = read_rows(tmp_path)

    assert [row["step"] for row in rows if row["step"] != 10] == [
        *range(10),
        *range(11, 20),
    ]
    assert 512 <= len(rows) <= 1100
    # What the blocks had to leave out, the overview still counts.
    assert load_overview(tmp_path)[:, 1].sum() == 5019


def test_micro_batches_cost_one_more_column_only(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(8), applied=np.tile([0, 1], 4)))

    ((_, value),) = [
        (tag, value)
        for tag, _, value in load_values(tmp_path)
        if tag.startswith("iterations/")
    ]
    assert tensor_util.make_ndarray(value.tensor).shape == (8, 3)
    assert [row["applied"] for row in read_rows(tmp_path)] == [0, 1] * 4


@pytest.mark.slow
def test_restart_replaces_what_it_writes_again(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(1500)))
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(1200, 1300), loss=np.full(100, 9.0)))

    rows = read_rows(tmp_path)

    assert [row["step"] for row in rows] == list(range(1300))
    assert {row["loss"] for row in rows[1200:]} == {9.0}


def test_steps_that_fall_within_one_writer_are_a_restart(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of([*range(50), *range(30, 60)]))

    assert [row["step"] for row in read_rows(tmp_path)] == list(range(60))


def test_overview_has_extremes_mean_and_non_finite_count_per_256_rows(tmp_path):
    loss = np.ones(600)
    loss[[300, 301, 302]] = [np.nan, np.inf, 50.0]
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(600), loss=loss))

    overview = load_overview(tmp_path)

    columns = schema.overview_columns(("learning_rate", "loss"))
    by_name = dict(zip(columns, overview.T, strict=True))
    assert by_name["step"].tolist() == [0, 256, 512]
    assert by_name["num_rows"].tolist() == [256, 256, 88]
    assert by_name["loss:max"].tolist() == [1, 50, 1]
    assert by_name["loss:min"].tolist() == [1, 1, 1]
    assert by_name["loss:num_nonfinite"].tolist() == [0, 2, 0]
    # 253 ones and one 50 are finite in the second bucket.
    assert by_name["loss:mean"][1] == pytest.approx((253 + 50) / 254, rel=1e-6)
    assert by_name["learning_rate:max"][1] == np.float32(0.1 / 257)


@pytest.mark.slow
def test_growing_overview_replaces_itself(tmp_path):
    with RunWriter(tmp_path) as writer:
        for begin in range(0, 40_000, 1000):
            writer.write_rows(rows_of(np.arange(begin, begin + 1000)))
            writer.flush()

    overview = load_overview(tmp_path)

    assert overview[:, 0].tolist() == list(range(0, 40_000, 256))
    assert overview[:, 1].sum() == 40_000


@pytest.mark.slow
def test_wall_times_rise_and_spread_over_a_call(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_run_info(schema.RunInfo(), wall_time=1000.0)
        writer.write_rows(rows_of(np.arange(3584)), wall_time=1035.0)
        writer.write_event(schema.Event("epoch_end", 3583, "Done."), wall_time=1000.0)

    events = [event for _, event, _ in load_values(tmp_path)]
    wall_times = [event.wall_time for event in events]
    assert all(np.diff(wall_times) > 0)
    blocks = [
        event.wall_time
        for tag, event, _ in load_values(tmp_path)
        if tag.startswith("iterations/")
    ]
    # 3584 rows in 35 seconds: 1024 take 10, and half a block is left at the end. Every
    # event is a microsecond later than the one before, and there are thousands.
    assert blocks == pytest.approx([1010, 1020, 1030, 1035], abs=0.01)


@pytest.mark.slow
def test_stock_scalars_are_true_rows_thinned_to_what_tensorboard_keeps(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(100_000)))

    points = {
        event.step: tensor_util.make_ndarray(value.tensor).item()
        for tag, event, value in load_values(tmp_path)
        if tag == "learning_rate"
    }

    assert set(range(1000)) <= points.keys()
    assert len(points) < 5000
    assert max(points) > 99_000
    assert all(value == np.float32(0.1 / (1 + step)) for step, value in points.items())


def test_columns_may_change_between_trainings(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows(rows_of(np.arange(5), step_size=np.ones(5)))
        writer.write_rows(rows_of(np.arange(5, 9)))

    first, second = load_blocks(tmp_path)

    assert "step_size" in first[1]
    assert "step_size" not in second[1]
    assert second[1]["step"].tolist() == [5, 6, 7, 8]


def test_records_come_back(tmp_path):
    run_info = schema.RunInfo(
        optimizer={"class_name": "Adam", "config": {"beta_1": np.float32(0.5)}},
        steps_per_epoch=10,
        extra={"hparams": {"--decay": 0.1}},
    )
    with RunWriter(tmp_path) as writer:
        writer.write_run_info(run_info)
        writer.write_event(schema.Event("plateau", 7, "Cut.", {"factor": 0.5}))

    texts = {
        tag: tensor_util.make_ndarray(value.tensor).item()
        for tag, _, value in load_values(tmp_path)
    }

    restored = schema.from_json(schema.RunInfo, texts["run_info"])
    assert restored.optimizer["config"] == {"beta_1": 0.5}
    assert restored.extra == {"hparams": {"--decay": 0.1}}
    event = schema.from_json(schema.Event, texts["events/plateau"])
    assert event == schema.Event("plateau", 7, "Cut.", {"factor": 0.5})


def test_deleted_file_is_begun_anew_with_the_run_info(tmp_path):
    writer = RunWriter(tmp_path)
    writer.write_run_info(schema.RunInfo(epochs=3))
    writer.write_rows(rows_of(np.arange(5)))
    writer.flush()
    shutil.rmtree(tmp_path / "learning_rate")

    writer.write_rows(rows_of(np.arange(5, 10)))
    with pytest.raises(FileNotFoundError, match=r"The event file .* was deleted"):
        writer.flush()
    writer.flush()
    writer.close()

    assert [row["step"] for row in read_rows(tmp_path)] == list(range(5, 10))
    assert "run_info" in {tag for tag, _, _ in load_values(tmp_path)}


def test_failed_write_is_made_up_for_later(tmp_path):
    (tmp_path / "run").write_text("a file where the directory should be")
    writer = RunWriter(tmp_path / "run")
    writer.write_rows(rows_of(np.arange(5)))
    with pytest.raises(Exception, match="run"):
        writer.flush()
    (tmp_path / "run").unlink()

    writer.write_rows(rows_of(np.arange(5, 7)))
    writer.close()

    assert [row["step"] for row in read_rows(tmp_path / "run")] == list(range(7))
