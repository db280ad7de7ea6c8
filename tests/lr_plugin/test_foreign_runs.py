"""Real scalar summaries of other programs, through both of TensorBoard's loaders."""

import math
import os

import numpy as np
import pytest
from data_providers import LOADERS, SCOPE
from scalar_files import tensor_value, write_scalars
from tensorboard import errors

from lr_plugin.reader.foreign.foreign_runs import list_scalars
from lr_plugin.reader.foreign.scalar_source import ScalarSource
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope
from lr_plugin.writer.run_writer import RunWriter


@pytest.fixture(params=LOADERS)
def read(request):
    with LOADERS[request.param]() as load:
        yield lambda logdir, **kwargs: LearningRateReader(
            load(logdir), directories=RunDirectories(logdir=str(logdir)), **kwargs
        )


@pytest.fixture(params=LOADERS)
def read_kept(request):
    """Reads what TensorBoard kept, as of files on another machine."""
    with LOADERS[request.param]() as load:
        yield lambda logdir: LearningRateReader(
            load(logdir), directories=RunDirectories()
        )


@pytest.fixture
def read_quickly():
    """Reads with one loader, for what does not depend on it."""
    with LOADERS["python"]() as load:
        yield lambda logdir, **kwargs: LearningRateReader(
            load(logdir), directories=RunDirectories(logdir=str(logdir)), **kwargs
        )


def columns_of(*steps, **columns):
    """Gives rows of columns, in which __ stands for /."""
    return [
        (step, {tag.replace("__", "/"): values[i] for tag, values in columns.items()})
        for i, step in enumerate(steps)
    ]


def only_run(reader):
    (run,) = reader.list_runs(SCOPE)["runs"]
    return run


def read_all(reader, run):
    """Reads every row by column."""
    window = reader.read_series(SCOPE, run["run"], run["columns"], max_points=10**6)
    assert window.exactness == "rows"
    return window.columns


def test_a_keras_log_is_a_run(tmp_path, read):
    rates, losses = [0.1, 0.05, 0.02, 0.01, 0.005], [3.0, 2.0, math.nan, 1.0, 0.5]
    write_scalars(
        tmp_path / "run1" / "train",
        columns_of(*range(5), epoch_learning_rate=rates, epoch_loss=losses),
        make=tensor_value,
    )
    write_scalars(
        tmp_path / "run1" / "validation",
        columns_of(*range(5), epoch_loss=[5.0, 4.0, 3.0, 1.5, 2.0]),
        make=tensor_value,
    )
    reader = read(tmp_path)

    run = only_run(reader)
    columns = read_all(reader, run)

    assert (run["run"], run["source"]) == ("run1", "scalars")
    assert run["tags"] == {"learning_rate": "epoch_learning_rate", "loss": "epoch_loss"}
    assert run["columns"] == ["step", "learning_rate", "loss", "wall_time"]
    assert run["learning_rate"]["last"] == 0.005
    assert (run["loss"]["min"], run["loss"]["num_nonfinite"]) == (0.5, 1)
    assert run["notes"][0] == "epoch_learning_rate and epoch_loss at the same steps."
    assert "one point for each epoch" in run["notes"][1]
    assert columns["step"].tolist() == [0, 1, 2, 3, 4]
    assert columns["learning_rate"].tolist() == np.float32(rates).tolist()
    np.testing.assert_array_equal(columns["loss"], losses)
    # A step is an epoch.
    assert (run["steps_per_epoch"], run["epoch_marks"][:2]) == (1, [(0, 0), (1, 1)])
    best = run["best_epochs"]["val_loss"]
    assert (best["value"], best["epoch"], best["learning_rate"]) == (1.5, 3, 0.01)


def test_a_pytorch_log_is_a_run(tmp_path, read):
    write_scalars(
        tmp_path / "version_0",
        columns_of(
            *range(49, 500, 50), **{"lr-Adam": [1e-3] * 10, "train_loss": range(10)}
        ),
    )
    reader = read(tmp_path)

    run = only_run(reader)
    window = reader.read_series(
        SCOPE, "version_0", ("step", "loss"), start=99, stop=200, max_points=100
    )

    assert (run["run"], run["num_iterations"]) == ("version_0", 10)
    assert window.columns["step"].tolist() == [99, 149, 199]
    assert window.columns["loss"].tolist() == [1, 2, 3]
    assert reader.read_events(SCOPE, "version_0") == []
    assert reader.find_findings(SCOPE, "version_0") == []
    assert reader.read_range_tests(SCOPE, "version_0") == []
    assert reader.read_layers(SCOPE, "version_0")["layers"] == []
    assert reader.read_landscape(SCOPE, "version_0")["steps"] == []
    columns, (rows,) = reader.export_rows(SCOPE, "version_0")
    assert columns == ("step", "learning_rate", "loss", "wall_time")
    assert len(rows["step"]) == 10


@pytest.mark.slow
def test_every_logged_point_is_read_however_many_tensorboard_keeps(tmp_path, read):
    # A loss at every step, a rate at every hundredth, and a spike.
    rows = [(i, {"loss": 50.0 if i == 1505 else 1.0}) for i in range(3000)]
    for i in range(0, 3000, 100):
        rows[i][1]["lr"] = 1e-3 * (i + 1)
    write_scalars(tmp_path / "run1", rows)
    reader = read(tmp_path)

    run = only_run(reader)
    columns = read_all(reader, run)

    assert (run["num_iterations"], run["is_sampled"]) == (3000, False)
    assert columns["step"].tolist() == list(range(3000))
    assert columns["loss"].argmax() == 1505
    expected = np.repeat(1e-3 * (np.arange(0, 3000, 100) + 1), 100)
    np.testing.assert_allclose(columns["learning_rate"], expected, rtol=1e-6)
    assert run["notes"] == ["loss, each with the last lr at or before its step."]


@pytest.mark.slow
def test_what_tensorboard_kept_is_drawn_where_files_cannot_be_read(tmp_path, read_kept):
    write_scalars(
        tmp_path / "run1", columns_of(*range(3000), lr=range(3000), loss=range(3000))
    )

    run = only_run(read_kept(tmp_path))

    assert (run["num_iterations"], run["is_sampled"]) == (1000, True)
    assert not run["loss"]["final_is_exact"]
    assert "at most 1,000 points" in run["notes"][-1]


@pytest.mark.slow
def test_a_run_of_too_many_points_is_not_read_in_full(
    tmp_path, read_quickly, monkeypatch
):
    monkeypatch.setattr("lr_plugin.reader.foreign.scalar_source._MAX_BYTES", 100_000)
    write_scalars(
        tmp_path / "run1", columns_of(*range(3000), lr=range(3000), loss=range(3000))
    )

    run = only_run(read_quickly(tmp_path))

    assert (run["num_iterations"], run["is_sampled"]) == (1000, True)
    assert "too many points" in run["notes"][-1]


def test_a_single_evaluation_may_come_after_the_last_row(tmp_path, read_quickly):
    # As TensorFlow's Estimator evaluates at the end: rows at 0, 10, ..., 90.
    rows = [(i, {"learning_rate": 1e-3, "loss": 1.0}) for i in range(0, 100, 10)]
    write_scalars(tmp_path / "run1", rows)
    write_scalars(tmp_path / "run1" / "eval", [(99, {"loss": 0.5})])

    run = only_run(read_quickly(tmp_path))

    best = run["best_epochs"]["val_loss"]
    assert (best["step"], best["value"]) == (99, 0.5)


def test_files_of_one_second_are_in_the_order_of_their_first_points(
    tmp_path, read_quickly
):
    # The later process has the number 10, which TensorBoard sorts before 9.
    for process, begin, rate in ((9, 0, 1e-3), (10, 80, 1e-4)):
        rows = [(i, {"lr": rate, "loss": 1.0}) for i in range(begin, begin + 100)]
        path = write_scalars(tmp_path / "run1", rows, start=1.7e9 + begin)
        path.rename(path.with_name(f"{path.name}.host.{process}.0"))

    reader = read_quickly(tmp_path)
    columns = read_all(reader, only_run(reader))

    assert columns["step"].tolist() == list(range(180))
    expected = np.float32([1e-3] * 80 + [1e-4] * 100)
    np.testing.assert_array_equal(columns["learning_rate"], expected)


@pytest.mark.slow
def test_a_restart_replaces_the_same_points_with_both_loaders(
    tmp_path, read, read_kept
):
    write_scalars(
        tmp_path / "run1", columns_of(*range(200), lr=[1e-3] * 200, loss=[2.0] * 200)
    )
    write_scalars(
        tmp_path / "run1",
        columns_of(*range(100, 150), lr=[5e-4] * 50, loss=[1.0] * 50),
        start=1.7e9 + 1000,
        number=1,
    )

    for reader in (read(tmp_path), read_kept(tmp_path)):
        run = only_run(reader)
        columns = read_all(reader, run)
        assert columns["step"].tolist() == list(range(150))
        assert columns["loss"].tolist() == [2.0] * 100 + [1.0] * 50
        assert run["learning_rate"]["last"] == 0.0005
    # The fast loader drops replaced points itself.
    (event,) = read(tmp_path).read_events(SCOPE, "run1")
    assert (event["kind"], event["step"]) == ("restart", 100)
    assert event["wall_time"] == 1.7e9 + 1000
    assert event["text"] == (
        "The program went back to step 100: what was logged before at this step or "
        "later is replaced (100 points)."
    )


def test_a_run_that_grows_is_read_on(tmp_path, read):
    reader = read(tmp_path)
    path = write_scalars(
        tmp_path / "run1", columns_of(*range(10), lr=[0.1] * 10, loss=[1.0] * 10)
    )
    reader = read(tmp_path)
    assert only_run(reader)["num_iterations"] == 10
    more = write_scalars(
        tmp_path / "other", columns_of(10, 11, lr=[0.1] * 2, loss=[1.0] * 2)
    )
    with open(path, "ab") as file:
        file.write(more.read_bytes())

    window = reader.read_series(SCOPE, "run1", ("step", "loss"), max_points=100)

    assert window.columns["step"].tolist() == list(range(12))


def test_the_final_loss_is_that_of_the_last_tenth(tmp_path, read_quickly):
    losses = [10 * 0.955**i for i in range(100)]
    write_scalars(tmp_path / "a", columns_of(*range(100), lr=losses, loss=losses))
    ending = [*losses[:-1], math.inf]
    write_scalars(tmp_path / "b", columns_of(*range(100), lr=losses, loss=ending))

    first, second = read_quickly(tmp_path).list_runs(SCOPE)["runs"]

    assert first["loss"]["final"] == pytest.approx(sum(losses[90:]) / 10, rel=1e-6)
    assert math.isnan(second["loss"]["final"])


@pytest.mark.slow
def test_findings_are_those_of_a_recording_of_the_same_rows(tmp_path, read_quickly):
    losses = np.float32([2.0 * 0.99**i for i in range(300)] + [math.nan] * 300)
    rates = np.linspace(1e-3, 0.6, 600, dtype=np.float32)
    steps = np.arange(600)
    write_scalars(tmp_path / "foreign", columns_of(*steps, lr=rates, loss=losses))
    write_scalars(tmp_path / "sparse", columns_of(*(50 * steps), lr=rates, loss=losses))
    with RunWriter(tmp_path / "recorded") as writer:
        writer.write_rows({"step": steps, "learning_rate": rates, "loss": losses})

    found = {
        run["run"]: run["findings"]
        for run in read_quickly(tmp_path).list_runs(SCOPE)["runs"]
    }

    assert found["recorded"]
    for recorded, foreign in zip(found["recorded"], found["foreign"], strict=True):
        text = recorded["text"].replace(" (`clipnorm`)", "")
        # NaN is not equal to itself.
        assert str(foreign) == str({**recorded, "text": text})
    # These are no iterations, but what was logged of them.
    assert "300 logged points, first at iteration 15,000" in found["sparse"][0]["text"]


@pytest.mark.parametrize(
    ("tag", "epoch_of"),
    [("train/epoch", lambda i: i / 25), ("epoch", lambda i: i // 25)],
)
def test_epochs_come_from_the_tag_that_says_them(tmp_path, read_quickly, tag, epoch_of):
    rows = [
        (
            i,
            {"lr": 1e-3, "loss": 1.0, tag: epoch_of(i)}
            | ({"val_loss": 9.0 - i / 25} if i % 25 == 24 else {}),
        )
        for i in range(100)
    ]
    write_scalars(tmp_path / "run1", rows)

    reader = read_quickly(tmp_path)
    run = only_run(reader)

    assert run["epoch_marks"][:4] == [(0, 0), (25, 1), (50, 2), (75, 3)]
    assert run["steps_per_epoch"] == 25
    best = run["best_epochs"]["val_loss"]
    assert (best["step"], best["epoch"]) == (99, 3)
    assert [event["step"] for event in reader.read_events(SCOPE, "run1")] == [
        24,
        49,
        74,
        99,
    ]


def test_epochs_begin_after_the_last_point_of_the_one_before(tmp_path, read_quickly):
    # As Lightning logs: every 50 steps, and at the end of each epoch of 100.
    rows = []
    for step in range(49, 400, 50):
        rows.append((step, {"lr": 1e-3, "train_loss": 1.0, "epoch": step // 100}))
    write_scalars(tmp_path / "run1", rows)
    run = only_run(read_quickly(tmp_path))
    assert run["epoch_marks"][:4] == [(0, 0), (100, 1), (200, 2), (300, 3)]


def test_a_validation_at_the_end_of_an_epoch_is_of_that_epoch(tmp_path, read_quickly):
    # As the Hugging Face Trainer logs: after step 100, one epoch has passed, and after
    # the last step, three: there is no fourth.
    rows = [
        (step, {"lr": 1e-3, "loss": 1.0, "train/epoch": step / 100})
        for step in range(10, 301, 10)
    ]
    rows[9][1]["eval/loss"] = 0.1
    write_scalars(tmp_path / "run1", rows)
    run = only_run(read_quickly(tmp_path))
    assert run["epoch_marks"] == [(1, 0), (101, 1), (201, 2)]
    assert run["steps_per_epoch"] == 100
    best = run["best_epochs"]["val_loss"]
    assert (best["step"], best["epoch"]) == (100, 0)


def test_metrics_of_the_training_lie_beside_those_of_the_validation(
    tmp_path, read_quickly
):
    # Epochs of 25 steps; the accuracy of each batch is no metric of epochs.
    rows = []
    for i in range(100):
        values = {"lr": 1.0 / (1 + i), "loss": 1.0, "epoch": i // 25}
        values["train/batch_accuracy"] = 0.01 * i
        if i % 25 == 24:
            values |= {"train/accuracy": 0.9 - i / 1000, "val/accuracy": i / 1000}
        rows.append((i, values))
    write_scalars(tmp_path / "run1", rows)

    reader = read_quickly(tmp_path)
    best = only_run(reader)["best_epochs"]

    assert sorted(best) == ["accuracy", "val_accuracy"]
    assert [best[name]["epoch"] for name in sorted(best)] == [0, 3]
    assert best["accuracy"]["learning_rate"] == np.float32(1 / 25)
    assert best["accuracy"]["higher_is_better"]
    event = reader.read_events(SCOPE, "run1")[0]
    assert (event["kind"], event["step"]) == ("epoch_end", 24)
    assert event["text"] == "Epoch 1 ended: accuracy 0.876, val_accuracy 0.024."


def test_a_validation_alone_says_its_epoch(tmp_path, read_quickly):
    rows = [(i, {"lr": 1e-3, "loss": 1.0, "epoch": i // 25}) for i in range(100)]
    for i in (24, 49, 74, 99):
        rows[i][1]["val/accuracy"] = i / 1000
    write_scalars(tmp_path / "run1", rows)

    reader = read_quickly(tmp_path)

    event = reader.read_events(SCOPE, "run1")[0]
    assert (event["kind"], event["step"]) == ("epoch_end", 24)
    assert event["text"] == "Validation of epoch 1: val_accuracy 0.024."


@pytest.mark.parametrize("is_beside", [True, False])
def test_without_epochs_a_metric_counts_beside_a_validation(
    tmp_path, read_quickly, is_beside
):
    rows = [(i, {"lr": 1e-3, "loss": 1.0}) for i in range(100)]
    for i in range(9, 100, 10):
        rows[i][1]["val/f1"] = 0.5 + i / 1000
    for i in range(9 if is_beside else 7, 100, 10):
        rows[i][1]["train/f1"] = 0.6 + i / 1000
    write_scalars(tmp_path / "run1", rows)

    reader = read_quickly(tmp_path)
    best = only_run(reader)["best_epochs"]

    assert sorted(best) == (["f1", "val_f1"] if is_beside else ["val_f1"])
    (*_, event) = reader.read_events(SCOPE, "run1")
    said = "; training: f1 0.699" if is_beside else ""
    assert event["kind"] == "validation"
    assert event["text"] == f"Validation: val_f1 0.599{said}."


def test_a_metric_by_epochs_needs_no_validation(tmp_path, read_quickly):
    # Lightning's own name says that it is a mean over the epoch.
    rows = [(i, {"lr-SGD": 1e-3, "train_loss_step": 1.0}) for i in range(100)]
    for i in (49, 99):
        rows[i][1]["train_acc_epoch"] = i / 100
    write_scalars(tmp_path / "run1", rows)

    reader = read_quickly(tmp_path)

    (best,) = only_run(reader)["best_epochs"].items()
    assert (best[0], best[1]["value"], best[1]["epoch"]) == (
        "acc",
        np.float32(0.99),
        None,
    )
    texts = [event["text"] for event in reader.read_events(SCOPE, "run1")]
    assert texts == ["Epoch ended: acc 0.49.", "Epoch ended: acc 0.99."]


def test_epochs_counted_from_1_are_counted_from_0(tmp_path, read_quickly):
    rows = [(i, {"lr": 1e-3, "loss": 1.0, "epoch": 1 + i // 10}) for i in range(30)]
    write_scalars(tmp_path / "run1", rows)
    assert only_run(read_quickly(tmp_path))["epoch_marks"][:2] == [(0, 0), (10, 1)]


def test_validation_that_counts_epochs_lies_at_its_time(tmp_path, read_quickly):
    # A step for every iteration, validation with the number of its epoch.
    rows = []
    for epoch in range(3):
        rows += [
            (i, {"lr": 1e-3, "loss": 1.0})
            for i in range(100 * epoch, 100 * epoch + 100)
        ]
        rows.append((epoch, {"val_acc": epoch / 10}))
    write_scalars(tmp_path / "run1", rows)

    events = read_quickly(tmp_path).read_events(SCOPE, "run1")

    assert [(e["kind"], e["step"]) for e in events] == [
        ("validation", 99),
        ("validation", 199),
        ("validation", 299),
    ]
    assert events[2]["details"]["val_acc"] == pytest.approx(0.2)


def test_rates_between_losses_are_counted(tmp_path, read_quickly):
    rows = [
        (i, {"lr": 1e-3} | ({"loss": 1.0} if i % 10 == 0 else {})) for i in range(40)
    ]
    write_scalars(tmp_path / "run1", rows)
    run = only_run(read_quickly(tmp_path))
    assert (run["num_iterations"], run["num_rates_left_out"]) == (4, 36)


def test_of_a_loss_that_is_not_joined_the_same_is_said(tmp_path, read_quickly):
    # The rate is logged at the end of each epoch: it may be that of the next one.
    rows = []
    for epoch in range(3):
        steps = range(100 * epoch, 100 * (epoch + 1))
        rows += [(i, {"loss": 3 - i / 100}) for i in steps]
        rows.append((epoch, {"lr": 10.0**-epoch}))
    write_scalars(tmp_path / "run1", rows)

    run = only_run(read_quickly(tmp_path))

    assert (run["num_iterations"], "loss" in run["columns"]) == (3, False)
    assert run["learning_rate"]["last"] == pytest.approx(0.01)
    # The mean of 0.30, 0.29, ... 0.01.
    assert run["loss"]["final"] == pytest.approx(0.155)
    assert "not joined" in run["notes"][0]


def test_a_point_before_step_0_is_there_everywhere(tmp_path, read):
    write_scalars(
        tmp_path / "run1", columns_of(-1, 0, 5, lr=[0.1] * 3, loss=[3.0, 2.0, 1.0])
    )
    reader = read(tmp_path)

    run = only_run(reader)

    assert (run["num_iterations"], run["first_step"]) == (3, -1)
    assert read_all(reader, run)["step"].tolist() == [-1, 0, 5]
    _, (rows,) = reader.export_rows(SCOPE, "run1")
    assert rows["step"].tolist() == [-1, 0, 5]


def test_several_rates_and_losses_are_columns_with_their_names(tmp_path, read_quickly):
    write_scalars(
        tmp_path / "run1",
        columns_of(
            *range(3),
            **{"lr-Adam": [1, 2, 3], "lr-Adam-1": [4, 5, 6]},
            g_loss=[7, 8, 9],
            d_loss=[1, 1, 2],
        ),
    )
    reader = read_quickly(tmp_path)

    run = only_run(reader)
    columns = read_all(reader, run)

    assert run["tag_choices"] == {
        "learning_rate": ["lr-Adam", "lr-Adam-1"],
        "loss": ["g_loss", "d_loss"],
    }
    assert columns["learning_rate:lr-Adam-1"].tolist() == [4, 5, 6]
    assert columns["loss:d_loss"].tolist() == [1, 1, 2]
    assert run["notes"][1:] == ["Other rates: lr-Adam-1.", "Other losses: d_loss."]


def test_a_tag_with_a_comma_is_no_column(tmp_path, read_quickly):
    write_scalars(tmp_path / "run1", columns_of(0, 1, lr=[1, 1], **{"lr a,b": [2, 2]}))
    run = only_run(read_quickly(tmp_path))
    assert run["columns"] == ["step", "learning_rate", "wall_time"]
    assert run["tag_choices"]["learning_rate"] == ["lr", "lr a,b"]


def test_the_parts_of_a_loss_are_added_up_where_the_program_minimizes_their_sum(
    tmp_path, read_quickly
):
    write_scalars(
        tmp_path / "run1",
        columns_of(
            0,
            1,
            **{"lr/pg0": [0.1, 0.1], "train/box_loss": [1, 2]},
            train__cls_loss=[10, 20],
            train__dfl_loss=[100, 200],
        ),
    )
    reader = read_quickly(tmp_path)

    run = only_run(reader)

    assert run["tags"]["loss"] == "train/box_loss + train/cls_loss + train/dfl_loss"
    assert read_all(reader, run)["loss"].tolist() == [111, 222]


def choose(**choices):
    return Scope(SCOPE.context, SCOPE.experiment_id, choices)


def test_the_user_chooses_the_tags_of_a_run_or_of_all(tmp_path, read_quickly):
    for name in ("a", "b"):
        write_scalars(
            tmp_path / name,
            columns_of(0, 1, lr=[1, 1], eta=[2, 2], loss=[3, 3], nll=[4, 4]),
        )
    reader = read_quickly(tmp_path)

    def tags(scope):
        return {r["run"]: r["tags"] for r in reader.list_runs(scope)["runs"]}

    chosen = {"learning_rate": "eta", "loss": "nll"}
    before = {"learning_rate": "lr", "loss": "loss"}
    assert tags(SCOPE) == {"a": before, "b": before}
    assert tags(choose(b=chosen)) == {"a": before, "b": chosen}
    both = Scope(SCOPE.context, SCOPE.experiment_id, {"*": chosen, "a": {"loss": ""}})
    assert tags(both) == {"a": {"learning_rate": "eta"}, "b": chosen}
    window = reader.read_series(both, "b", ("learning_rate", "loss"), max_points=9)
    assert window.columns["learning_rate"].tolist() == [2, 2]
    versions = {
        reader.list_runs(scope)["runs"][1]["version"] for scope in (SCOPE, both)
    }
    assert len(versions) == 2


def test_tags_of_the_whole_log_come_from_a_flag(tmp_path, read_quickly):
    write_scalars(tmp_path / "run1", columns_of(0, 1, eta=[2, 2], loss=[3, 3]))

    assert read_quickly(tmp_path).list_runs(SCOPE)["runs"] == []
    reader = read_quickly(tmp_path, tags={"learning_rate": "eta"})

    assert only_run(reader)["tags"] == {"learning_rate": "eta", "loss": "loss"}


def test_the_tags_of_a_log_without_a_rate_are_listed(tmp_path, read):
    write_scalars(
        tmp_path / "run1", columns_of(*range(5), loss=[1.0] * 5, acc=[0.5] * 5)
    )
    reader = read(tmp_path)

    assert reader.list_runs(SCOPE)["runs"] == []
    assert not reader.has_runs(SCOPE)
    assert reader.list_tags(SCOPE) == [
        {"tag": "loss", "kind": "loss", "num_runs": 1},
        {"tag": "acc", "kind": "other", "num_runs": 1},
    ]
    with pytest.raises(errors.NotFoundError):
        reader.read_series(SCOPE, "run1", ("loss",), max_points=10)


def test_damage_is_said_in_a_note(tmp_path, read_quickly):
    path = write_scalars(
        tmp_path / "run1", columns_of(*range(50), lr=[0.1] * 50, loss=[1.0] * 50)
    )
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)

    run = only_run(read_quickly(tmp_path))

    assert run["num_iterations"] == 49
    assert "1 damaged record of the event files left out." in run["notes"]


def test_the_recording_of_a_training_stands_for_its_other_logs(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "learning_rate": np.full(9, 0.1)})
    for name in ("run1", "run2"):
        write_scalars(
            tmp_path / name / "train",
            columns_of(*range(5), epoch_learning_rate=[1] * 5),
        )

    runs = read(tmp_path).list_runs(SCOPE)["runs"]

    assert [(run["run"], run["source"]) for run in runs] == [
        ("run1", "recorded"),
        ("run2", "scalars"),
    ]


def test_runs_of_both_kinds_are_described_by_the_same_keys(tmp_path, read):
    with RunWriter(tmp_path / "run1") as writer:
        rows = {"step": np.arange(9), "learning_rate": np.ones(9), "loss": np.ones(9)}
        writer.write_rows(rows)
    write_scalars(
        tmp_path / "run2", columns_of(0, 1, learning_rate=[1, 1], loss=[1, 1])
    )

    recorded, foreign = read(tmp_path).list_runs(SCOPE)["runs"]

    assert (recorded["source"], foreign["source"]) == ("recorded", "scalars")
    assert list(recorded) == list(foreign)
    for key in ("learning_rate", "loss", "has"):
        assert list(recorded[key]) == list(foreign[key])


def test_a_run_beside_a_recording_of_its_name_keeps_the_longer_name(tmp_path, read):
    # The record lies in run1 itself, as if the user had moved the files up.
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "loss": np.ones(9)})
    for path in (tmp_path / "run1" / "learning_rate").iterdir():
        path.rename(tmp_path / "run1" / path.name)
    write_scalars(
        tmp_path / "run1" / "train", columns_of(*range(5), epoch_learning_rate=[1] * 5)
    )

    runs = read(tmp_path).list_runs(SCOPE)["runs"]

    assert [(run["run"], run["source"]) for run in runs] == [
        ("run1", "recorded"),
        (os.path.join("run1", "train"), "scalars"),
    ]


def test_scalars_of_recorded_runs_are_not_listed(tmp_path):
    # With hundreds of runs, the Python loader takes a third of a second to list them.
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_rows({"step": np.arange(9), "learning_rate": np.full(9, 0.1)})
    write_scalars(
        tmp_path / "run2", columns_of(0, 1, learning_rate=[1, 1], loss=[1, 1])
    )

    with LOADERS["python"]() as load:
        provider = load(tmp_path)
        listing = list_scalars(provider, SCOPE, {os.path.join("run1", "learning_rate")})

    assert list(listing) == ["run2"]


def test_a_reader_matches_tags_once_however_often_it_is_asked(
    tmp_path, read_quickly, monkeypatch
):
    write_scalars(tmp_path / "run1", columns_of(0, 1, lr=[1, 1], loss=[1, 1]))
    reader = read_quickly(tmp_path)
    reader.list_runs(SCOPE)
    counted = []
    monkeypatch.setattr("lr_plugin.reader.foreign.tag_choice.find_role", counted.append)

    for _ in range(3):
        reader.list_runs(SCOPE)
        reader.read_series(SCOPE, "run1", ("loss",), max_points=10)

    assert counted == []


def test_a_run_that_can_be_read_again_is_no_longer_told_of(
    tmp_path, read_quickly, monkeypatch
):
    write_scalars(tmp_path / "run", columns_of(0, 1, lr=[0.1, 0.1], loss=[2, 1]))
    reader = read_quickly(tmp_path)

    def fail(*args):
        raise OSError("the disk is away")

    with monkeypatch.context() as patch:
        patch.setattr(ScalarSource, "read", fail)
        failed = [reader.list_runs(SCOPE) for _ in range(2)]

    assert failed == 2 * [
        {
            "runs": [],
            "notices": ["Run run: It cannot be read (OSError: the disk is away)."],
        }
    ]
    recovered = reader.list_runs(SCOPE)
    assert [run["run"] for run in recovered["runs"]] == ["run"]
    assert recovered["notices"] == []
