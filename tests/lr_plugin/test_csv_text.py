"""Numbers as text, and back."""

import csv
import io

import numpy as np

from lr_plugin.reader.csv_text import format_rows


def test_numbers_read_back_to_the_same_values():
    random = np.random.default_rng(0)
    losses = random.lognormal(sigma=20, size=1000).astype(np.float32)
    times = 1.7e9 + random.random(1000)
    rows = {"step": np.arange(1000), "loss": losses, "wall_time": times}

    header, text = format_rows(("step", "loss", "wall_time"), [rows])

    assert header == "step,loss,wall_time\n"
    lines = [line.split(",") for line in text.splitlines()]
    assert [int(line[0]) for line in lines] == list(range(1000))
    assert np.array([line[1] for line in lines]).astype(np.float32).tolist() == (
        losses.tolist()
    )
    assert [float(line[2]) for line in lines] == times.tolist()


def test_float32_are_as_short_as_they_can_be():
    rows = {"step": np.array([7]), "learning_rate": np.array([0.001], np.float32)}

    assert list(format_rows(("step", "learning_rate"), [rows]))[1] == "7,0.001\n"


def test_what_is_not_finite_or_not_there_has_a_name():
    values = np.array([np.nan, np.inf, -np.inf], np.float32)
    rows = {"step": np.arange(3), "loss": values, "applied": np.ones(3, np.float32)}

    text = list(format_rows(("loss", "applied", "momentum"), [rows]))[1]

    assert text.splitlines() == ["nan,1,nan", "inf,1,nan", "-inf,1,nan"]


def test_no_rows_are_a_header():
    assert list(format_rows(("step", "loss"), [])) == ["step,loss\n"]


def test_a_name_with_commas_and_line_breaks_stays_one_column():
    (header,) = format_rows(["step", 'learning_rate:a,"b"\nc'], [])

    assert list(csv.reader(io.StringIO(header, newline=""))) == [
        ["step", 'learning_rate:a,"b"\nc']
    ]
