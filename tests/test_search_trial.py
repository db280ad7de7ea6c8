import math

from trainer.search_trial import read_history


def test_history_is_read_by_epoch_with_nan_for_what_is_missing(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss,val_loss\n3,0.5,0.25\n4,nan,NA\n")
    rows = read_history(path)
    assert rows[3] == {"loss": 0.5, "val_loss": 0.25}
    assert math.isnan(rows[4]["loss"])
    assert math.isnan(rows[4]["val_loss"])
