from trainer.epoch_history import history_writer


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
