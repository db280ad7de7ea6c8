import math

import pytest

from trainer.training import epoch_history
from trainer.training.epoch_history import history_writer, read_history


def record(path, first_epoch, epochs):
    writer = history_writer(path, first_epoch)
    writer.on_train_begin()
    for epoch in epochs:
        writer.on_epoch_end(epoch, {"loss": epoch / 10, "val_loss": 1.0})
    writer.on_train_end()


def test_rows_after_the_checkpoint_are_written_again(tmp_path):
    path, whole = tmp_path / "history.csv", tmp_path / "whole.csv"
    record(whole, 0, range(5))
    record(path, 0, range(4))
    record(path, 2, range(2, 5))
    assert path.read_text() == whole.read_text()


def test_torn_last_row_is_dropped(tmp_path):
    path, whole = tmp_path / "history.csv", tmp_path / "whole.csv"
    record(whole, 0, range(3))
    record(path, 0, range(2))
    with path.open("a") as file:
        file.write("2,0.")
    record(path, 2, [2])
    assert path.read_text() == whole.read_text()


def test_run_killed_before_its_first_epoch_ended_has_one_header(tmp_path):
    path = tmp_path / "history.csv"
    record(path, 0, [])
    record(path, 0, [0])
    assert path.read_text().splitlines() == ["epoch,loss,val_loss", "0,0.0,1.0"]


def test_history_is_read_by_epoch_with_nan_for_what_is_missing(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss,val_loss\n3,0.5,0.25\n4,nan,NA\n")
    rows = read_history(path)
    assert rows[3] == {"loss": 0.5, "val_loss": 0.25}
    assert math.isnan(rows[4]["loss"])
    assert math.isnan(rows[4]["val_loss"])


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1\n\x00",
        "epoch,loss\n0,1.0\n0,1.0\n1,0.9\n",
        "epoch,loss\n0,1.0\nx,0.9\n2,0.8\n",
        "epoch,loss\n0,1.0,7\n1,0.9\n",
        "\n\n",
        b"\xff\xfe\x00epoch",
    ],
)
def test_something_else_in_its_place_is_set_aside_and_told(tmp_path, text, capsys):
    path = tmp_path / "history.csv"
    data = text if isinstance(text, bytes) else text.encode()
    path.write_bytes(data)

    record(path, 2, [2, 3])

    assert list(read_history(path)) == [2, 3]
    assert (tmp_path / "damaged-history.csv").read_bytes() == data
    assert capsys.readouterr().err == (
        "warning: history.csv holds something else than a row for each epoch. It is "
        "now damaged-history.csv; a new one begins with epoch 3.\n"
    )


def test_a_row_that_could_not_be_written_comes_with_the_next(tmp_path, monkeypatch):
    path, whole = tmp_path / "history.csv", tmp_path / "whole.csv"
    record(whole, 0, range(3))
    writer, append = history_writer(path, 0), epoch_history._append
    writer.on_train_begin()

    def refuse(*_):
        raise OSError(28, "No space left on device")

    for epoch in range(3):
        monkeypatch.setattr(epoch_history, "_append", append if epoch == 2 else refuse)
        writer.on_epoch_end(epoch, {"loss": epoch / 10, "val_loss": 1.0})
    writer.on_train_end()

    assert path.read_text() == whole.read_text()
