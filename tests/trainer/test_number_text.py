import numpy as np
import pytest

from trainer.data.tables.number_text import (
    UndecidedError,
    is_number,
    parse_numbers,
)


@pytest.mark.parametrize(
    ("cells", "delimiter", "values"),
    [
        (["1", "-2.5", "1e3", ".5"], ",", [1, -2.5, 1000, 0.5]),
        (["900,25", "1"], ";", [900.25, 1]),
        (["1.660,25", "12"], ";", [1660.25, 12]),
        (["1,660.25", "900.5"], ",", [1660.25, 900.5]),
        (["1,660", "2,000"], ",", [1660, 2000]),
        (["1,660", "2,000"], ";", [1.66, 2]),
        (["0,125", "0,250"], "\t", [0.125, 0.25]),
        (["1,234,567", "8"], "\t", [1234567, 8]),
        (["$1,660.25", "-$3"], ",", [1660.25, -3]),
        (["1 660,25 €", "1\u202f000,5 €"], ";", [1660.25, 1000.5]),
        (["CHF 1'660.25", "CHF 3"], ";", [1660.25, 3]),
        (["12%", "3.5 %"], ",", [12, 3.5]),
        (["(12.50)", "\u22123"], ",", [-12.5, -3]),
        (["1", "", "NA", "?"], ",", [1, np.nan, np.nan, np.nan]),
        (["1,5E+03", "2"], ";", [1500, 2]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells, delimiter, values):
    found = parse_numbers(cells, delimiter=delimiter, decimal=None)
    np.testing.assert_array_equal(found.values, values)


@pytest.mark.parametrize(
    "cells", [["1", "red"], ["", ""], ["2024-01-02"], ["1,23,4"], ["1.2.3"], ["12kg"]]
)
def test_other_texts_are_no_numbers(cells):
    assert parse_numbers(cells, delimiter=",", decimal=None) is None


def test_a_comma_before_three_digits_may_be_either():
    with pytest.raises(UndecidedError, match="1,660"):
        parse_numbers(["1,660", "2"], delimiter="\t", decimal=None)


def test_decimal_sign_that_was_asked_for_is_the_only_one():
    assert parse_numbers(["1,5"], delimiter=";", decimal="dot") is None
    assert parse_numbers(["1.5"], delimiter=";", decimal="comma") is None


def test_first_number_that_is_written_otherwise_is_the_example():
    found = parse_numbers(["1", "2,5", "3,5"], delimiter=";", decimal=None)
    assert found.example == "2,5 = 2.5"
    assert parse_numbers(["1", "2.5"], delimiter=",", decimal=None).example == ""


def test_one_cell_is_a_number_in_any_way_of_writing():
    assert all(map(is_number, ("1", "1.5", "1,5", "1,234.5", "1.234,5", "$3", "4 %")))
    assert not any(map(is_number, ("", "a", "1a", "2024-01-02")))
