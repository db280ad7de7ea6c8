"""Rows that wait on the device: each comes once, in order, however they are packed."""

import numpy as np
import pytest

from lr_plugin.keras.capture.host.pending_rows import PendingRows


def fetch(pieces, columns):
    rows = [row for piece in pieces for row in np.reshape(piece, [-1, len(columns)])]
    return np.array(rows, np.float64)


def make_row(step):
    """Every 40 rows there are three without a loss."""
    loss = {} if step % 40 < 3 else {"loss": step / 7}
    return {"step": step, "learning_rate": 1 / (1 + step), **loss}


@pytest.mark.parametrize("every", [1, 3, 16, 25, 256])
@pytest.mark.parametrize("pack", [None, np.array])
def test_each_row_is_read_once(pack, every):
    pending, parts, begin = PendingRows(fetch, lambda row: True, pack), [], 0
    for step in range(300):
        cells = make_row(step)
        pending.append(tuple(cells), tuple(cells.values()))
        if step % every == 0:
            rows, begin = pending.read(begin)
            parts.append(rows)
    parts.append(pending.read(begin)[0])

    assert begin + len(parts[-1]["step"]) == pending.count() == 300
    steps = np.concatenate([rows["step"] for rows in parts])
    assert steps.tolist() == list(range(300))
    rates = np.concatenate([rows["learning_rate"] for rows in parts])
    assert rates.tolist() == (1 / (1 + steps)).tolist()
    losses = np.concatenate(
        [rows.get("loss", np.full(len(rows["step"]), np.nan)) for rows in parts]
    )
    expected = [make_row(step).get("loss", np.nan) for step in steps]
    np.testing.assert_array_equal(losses, expected)


def test_what_is_read_twice_is_the_same():
    pending = PendingRows(fetch, lambda row: True, np.array)
    for step in range(20):
        pending.append(("step", "learning_rate"), (step, 0.1))
        if step == 9:
            first, end = pending.read(4)

    again, _ = pending.read(4)

    assert first["step"].tolist() == list(range(4, 10))
    assert end == 10
    assert again["step"].tolist() == list(range(4, 20))


def test_of_the_newest_rows_those_that_are_ready():
    pending = PendingRows(fetch, lambda piece: np.max(piece) < 40, np.array)
    for step in range(50):
        pending.append(("step", "learning_rate"), (step, 0.1))

    rows, end = pending.read_ready(0)

    # 32 to 47 came into one piece.
    assert rows["step"].tolist() == list(range(32))
    assert end == 32
