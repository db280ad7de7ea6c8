import numpy as np
import pytest

from trainer.data.origin import Origin
from trainer.data.tables.csv_table import load_csv
from trainer.errors import ConfigError

ROOMS = "rooms,area,price\n" + "".join(
    f"{i % 5},{40 + 3 * i},{i}.5\n" for i in range(9)
)


def load(tmp_path, text, column=None, **options):
    path = tmp_path / "table.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    origin = Origin("--dataset=table.csv", "Correct it.")
    return load_csv(str(path), origin, target_column=column, **options)


def table(header, line, num_rows=12):
    """Writes a table whose rows are `line`, a format of the row's number i."""
    rows = [line(i) for i in range(num_rows)]
    return "\n".join([header, *rows, ""] if header else [*rows, ""])


def test_last_column_is_predicted_unless_another_is_named(tmp_path):
    text = "a,b,c\n1,2.5,3\n4,5.5,6\n"
    found = load(tmp_path, text)
    np.testing.assert_array_equal(found.x, [[1, 2.5], [4, 5.5]])
    np.testing.assert_array_equal(found.y, [3, 6])
    assert found.input_names == ("a", "b")
    assert found.lines == ("Column c is predicted from a, b.",)
    for column in ("b", "2"):
        found = load(tmp_path, text, column)
        np.testing.assert_array_equal(found.x, [[1, 3], [4, 6]])
        np.testing.assert_array_equal(found.y, [2.5, 5.5])


def test_whole_numbers_stay_whole_and_others_are_floats(tmp_path):
    assert load(tmp_path, "1,0\n2,1\n").y.dtype == np.int64
    assert load(tmp_path, "1,0\n2,1.0\n").y.dtype == np.float64


def test_numbers_longer_than_integers_are_floats(tmp_path):
    y = load(tmp_path, f"1,{10**25}\n2,{10**26}\n").y
    np.testing.assert_array_equal(y, [1e25, 1e26])


@pytest.mark.parametrize("header", ["x1,x2,species\n", ""])
def test_names_of_classes_are_numbered(tmp_path, header):
    found = load(tmp_path, header + "1,2,virginica\n3,4,setosa\n5,6,setosa\n")
    assert found.class_names == ("setosa", "virginica")
    np.testing.assert_array_equal(found.y, [1, 0, 0])


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters_and_empty_lines_are_understood(tmp_path, delimiter):
    text = "\ufeffa,b\n1,2\n\n3,4\n".replace(",", delimiter)
    np.testing.assert_array_equal(load(tmp_path, text, "a").y, [1, 3])


def test_delimiter_is_not_looked_for_in_quoted_names(tmp_path):
    text = '"width, in mm, here";"weight"\n1;2\n3;4\n'
    np.testing.assert_array_equal(load(tmp_path, text, "weight").y, [2, 4])


def test_decimal_commas_stand_beside_semicolons(tmp_path):
    text = table("", lambda i: f"{i},5;{40 + i},1;1.{900 + i},25")
    found = load(tmp_path, text)
    np.testing.assert_array_equal(found.y[:2], [1900.25, 1901.25])
    np.testing.assert_allclose(found.x[1], [1.5, 41.1], rtol=1e-6)
    assert found.lines[-1] == (
        "Numbers are read as 3 1.900,25 = 1900.25; 1 0,5 = 0.5; 2 40,1 = 40.1."
    )


def test_a_comma_that_may_mean_both_is_asked_about(tmp_path):
    text = table("a\tprice", lambda i: f"{i}\t1,{100 + i}")
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text)
    assert str(error.value) == (
        "`--dataset=table.csv` must show what the comma in its numbers means. "
        "Received: 1,100 and the like in column price. Add --decimal=comma, or "
        "--decimal=dot where it stands between thousands."
    )
    assert load(tmp_path, text, decimal="comma").y[0] == 1.1
    assert load(tmp_path, text, decimal="dot").y[0] == 1100


def test_commas_of_one_column_tell_of_the_dots_in_another(tmp_path):
    text = table("a;b;y", lambda i: f"{1 + i}.{500 + i};{i},5;{i}")
    np.testing.assert_array_equal(load(tmp_path, text).x[0], [1500, 0.5])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (table(",a,y", lambda i: f"{i},{3 * i},{i}.5"), "1 without a name"),
        (table("Id,a,y", lambda i: f"{i + 1},{3 * i},{i}.5"), "Id"),
        # R names one column less than there are.
        (table('"a","y"', lambda i: f'"{i + 1}",{3 * i},{i}.5'), "1 without a name"),
    ],
)
def test_column_that_counts_the_rows_is_left_out(tmp_path, text, name):
    found = load(tmp_path, text)
    assert found.input_names == ("a",)
    assert found.lines[1] == f"Left out: column {name}, which counts the rows."


def test_empty_column_is_left_out_even_if_it_is_the_last(tmp_path):
    found = load(tmp_path, table("a,y,", lambda i: f"{i},{i}.5,"))
    assert (found.input_names, found.y[1]) == (("a",), 1.5)
    assert found.lines[1] == "Left out: column 3 without a name, which is empty."


def test_columns_are_ignored_by_name_or_place(tmp_path):
    text = table("when,a,b,y", lambda i: f"2024-01-{i + 1},{2 * i},{i},{i}.5")
    with pytest.raises(ConfigError, match="different words that come again") as error:
        load(tmp_path, text)
    assert "Received: when with 12. Leave them out: --ignore_columns=when." in str(
        error.value
    )
    assert load(tmp_path, text, ignore_columns=("when", "3")).input_names == ("a",)
    with pytest.raises(ConfigError, match="must leave the column that is predicted"):
        load(tmp_path, text, "a", ignore_columns=("a",))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16", "utf-16-le"])
def test_encodings_of_spreadsheets_are_read(tmp_path, encoding):
    text = ROOMS.replace("area", "größe").encode(encoding)
    found = load(tmp_path, text)
    assert found.input_names == ("rooms", "größe")
    is_guess = "Read as Windows-1252, because it is not UTF-8." in found.lines
    assert is_guess == (encoding == "cp1252")


def test_separator_line_of_excel_is_understood(tmp_path):
    found = load(tmp_path, "sep=;\n" + ROOMS.replace(",", ";"))
    np.testing.assert_array_equal(found.x, load(tmp_path, ROOMS).x)


def test_comments_are_left_out_unless_they_name_the_columns(tmp_path):
    found = load(tmp_path, "# made on Monday, by me, here\n" + ROOMS)
    np.testing.assert_array_equal(found.y, load(tmp_path, ROOMS).y)
    assert found.lines[1] == "Left out: a line of comments (#)."
    assert load(tmp_path, "#" + ROOMS).input_names == ("rooms", "area")


def test_gaps_are_filled_with_the_median_and_rows_without_target_left_out(tmp_path):
    text = table("a,y", lambda i: f"{['', 'NA', i][min(i, 2)]},{'' if i == 11 else i}")
    found = load(tmp_path, text)
    # What is known of the rows that are left is 2, 3, ..., 10.
    np.testing.assert_array_equal(found.x[:3, 0], [6, 6, 2])
    assert len(found.y) == 11
    assert found.lines[1:] == (
        "Left out: 1 of 12 rows, without a value of y.",
        "Filled with the median of their column: 2 of a.",
    )


def test_each_word_is_an_input_and_two_are_one(tmp_path):
    text = table(
        "a,side,sold,y",
        lambda i: f"{3 * i},{'nse'[i % 3]},{['TRUE', 'FALSE'][i % 2]},{i}.5",
    )
    found = load(tmp_path, text)
    assert found.input_names == ("a", "side=e", "side=n", "side=s", "sold=TRUE")
    np.testing.assert_array_equal(
        found.x[:3], [[0, 0, 1, 0, 1], [3, 0, 0, 1, 0], [6, 1, 0, 0, 1]]
    )
    assert found.lines[1:] == (
        "Column side: an input for each of its 3 words, e, n, s.",
        "Column sold: FALSE is 0, TRUE is 1.",
    )


def test_column_of_one_word_is_left_out_and_gaps_have_no_word(tmp_path):
    text = table("a,b,y", lambda i: f"x,{['p', 'q', ''][i % 3]},{i}.5")
    found = load(tmp_path, text)
    np.testing.assert_array_equal(found.x[:3], [[1, 0], [0, 1], [0, 0]])
    assert found.lines[1:] == (
        "Left out: column a, which is always x.",
        "Column b: an input for each of its 2 words, p, q; none where it is empty.",
    )


def test_names_of_columns_may_be_years(tmp_path):
    text = table("name,2019,2020", lambda i: f"{'ab'[i % 2]},{i},{2 * i}.5")
    assert load(tmp_path, text).input_names == ("name=b", "2019")


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", None, "must hold rows of two columns at least. Received: an empty file."),
        ("a,b\n", None, "two columns at least. Received: 0 rows of 2 columns."),
        (
            "1\n2\n",
            None,
            "two columns at least. Received: 2 rows of 1 column. Correct the file; ",
        ),
        ("a,b\n1,2\n3\n", None, "Received: 1 columns in line 3, 2 before."),
        (
            table("a,b", lambda i: f"{'re' if i == 1 else i},{i}"),
            None,
            "must hold numbers, or words, in every row of column a. Received: re in "
            "line 3, among numbers. Write it as a number, empty the cell, or add "
            "--ignore_columns=a.",
        ),
        (
            table("a,b", lambda i: f"{i},{'--4' if i == 1 else i}"),
            None,
            "in every row of column b. Received: --4 in line 3, among numbers.",
        ),
        (
            "a,b\n1,2\n1e39,3\n",
            None,
            "must hold finite numbers in column a. Received: 1e39 in line 3. Correct "
            "it, or empty the cell.",
        ),
        ("a,b\n1,2.5\n1,1e39\n", None, "numbers in column b. Received: 1e39 in line 3"),
        (
            "a,b\n1,\n2,\n",
            "b",
            "must hold values in column b, which is to be predicted",
        ),
        ("a,b\nx,1\nx,2\n", None, "must hold a column to learn from"),
        ("a,a,y\n1,2,3\n", None, "Received: 2 columns called a. Rename all but one"),
        (
            bytes(range(256)),
            None,
            "must be a text file with a table. Received: 'utf-16",
        ),
        (
            "age,price\n1,2\n",
            "prise",
            "`--target_column` must be one of age, price (did you mean price?), or a "
            "place from 1 to 2. Received: --target_column=prise. Leave it out for the "
            "last column.",
        ),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, text, column, message):
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text, column)
    assert message in str(error.value)


def test_every_row_may_end_with_a_delimiter(tmp_path):
    found = load(tmp_path, table("a,b,y", lambda i: f"{i},{2 * i},{i}.5,"))
    assert found.input_names == ("a", "b")
    np.testing.assert_array_equal(found.x[:3], [[0, 0], [1, 2], [2, 4]])
    assert found.y[3] == 3.5


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?"])
def test_errors_of_formulas_are_gaps_and_no_comments(tmp_path, error):
    text = table("a,b,y", lambda i: f"{error if i == 4 else i},{2 * i},{i}.5")
    found = load(tmp_path, "# by me\n" + text)
    # The median of 0, ..., 11 without 4.
    np.testing.assert_array_equal(found.x[3:6], [[3, 6], [6, 8], [5, 10]])
    assert found.lines[1:] == (
        "Left out: a line of comments (#).",
        "Filled with the median of their column: 1 of a.",
    )


def test_columns_without_a_name_are_told_apart(tmp_path):
    found = load(tmp_path, table(",a,,y", lambda i: f"{3 * i},{i},{i % 5},{i}.5"))
    assert found.input_names == ("column 1", "a", "column 3")
    np.testing.assert_array_equal(found.x[2], [6, 2, 2])


def test_column_that_is_left_out_is_not_among_those_that_predict(tmp_path):
    found = load(tmp_path, table("a,note,y", lambda i: f"{i},same,{i}.5"))
    assert found.lines == (
        "Column y is predicted from a.",
        "Left out: column note, which is always same.",
    )


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"PK\3\4", "an Excel workbook or a zip archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"\x1f\x8b", "a gzip archive"),
    ],
)
def test_other_files_are_called_what_they_are(tmp_path, start, kind):
    with pytest.raises(ConfigError) as error:
        load(tmp_path, start + bytes(range(256)))
    assert str(error.value) == (
        f"`--dataset=table.csv` must be a text file with a table. Received: {kind}. "
        "Save the table as CSV."
    )


def test_target_of_one_number_is_refused(tmp_path):
    with pytest.raises(ConfigError) as error:
        load(tmp_path, table("a,y", lambda i: f"{i},3.5"))
    assert str(error.value) == (
        "`--dataset=table.csv` must hold different numbers in the target y. Received: "
        "3.5 in every row. Choose another with --target_column."
    )


def test_advice_on_an_odd_cell_of_the_target_is_another_target(tmp_path):
    text = table("a,y", lambda i: f"{i},{'high' if i == 5 else i}")
    with pytest.raises(ConfigError, match="high in line 7") as error:
        load(tmp_path, text)
    assert str(error.value).endswith("or choose another --target_column.")
