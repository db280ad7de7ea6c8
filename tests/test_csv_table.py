import numpy as np
import pytest

from trainer.data.csv_table import load_csv
from trainer.data.origin import Origin
from trainer.errors import ConfigError


def load(tmp_path, text, column=None):
    path = tmp_path / "table.csv"
    path.write_text(text)
    return load_csv(str(path), column, Origin("--dataset=table.csv", "Correct it."))


def test_last_column_is_predicted_unless_another_is_named(tmp_path):
    text = "a,b,c\n1,2.5,3\n4,5.5,6\n"
    arrays, _ = load(tmp_path, text)
    np.testing.assert_array_equal(arrays["x_train"], [[1, 2.5], [4, 5.5]])
    np.testing.assert_array_equal(arrays["y_train"], [3, 6])
    for column in ("b", "2"):
        arrays, _ = load(tmp_path, text, column)
        np.testing.assert_array_equal(arrays["x_train"], [[1, 3], [4, 6]])
        np.testing.assert_array_equal(arrays["y_train"], [2.5, 5.5])


def test_whole_numbers_stay_whole_and_others_are_floats(tmp_path):
    assert load(tmp_path, "1,0\n2,1\n")[0]["y_train"].dtype == np.int64
    assert load(tmp_path, "1,0\n2,1.0\n")[0]["y_train"].dtype == np.float64


def test_numbers_longer_than_integers_are_floats(tmp_path):
    y = load(tmp_path, f"1,{10**25}\n2,{10**26}\n")[0]["y_train"]
    np.testing.assert_array_equal(y, [1e25, 1e26])


@pytest.mark.parametrize("header", ["x1,x2,species\n", ""])
def test_names_of_classes_are_numbered(tmp_path, header):
    arrays, names = load(tmp_path, header + "1,2,virginica\n3,4,setosa\n5,6,setosa\n")
    assert names == ("setosa", "virginica")
    np.testing.assert_array_equal(arrays["y_train"], [1, 0, 0])


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_and_empty_lines_are_understood(tmp_path, delimiter):
    text = "\ufeffa,b\n1,2\n\n3,4\n".replace(",", delimiter)
    arrays, _ = load(tmp_path, text, "a")
    np.testing.assert_array_equal(arrays["y_train"], [1, 3])


def test_delimiter_is_not_looked_for_in_quoted_names(tmp_path):
    text = '"width, in mm, here";"weight"\n1;2\n3;4\n'
    arrays, _ = load(tmp_path, text, "weight")
    np.testing.assert_array_equal(arrays["y_train"], [2, 4])


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", None, "must hold rows of two columns at least. Received: an empty file."),
        ("a,b\n", None, "two columns at least. Received: 0 rows of 2 columns."),
        ("1\n2\n", None, "two columns at least. Received: 2 rows of 1 columns."),
        ("a,b\n1,2\n3\n", None, "Received: 1 columns in line 3, 2 before."),
        (
            "a,b\n1,2\n,3\n",
            None,
            "must hold a finite number in every row of column a. Received: nothing in "
            "line 3. Fill the gap, write the column as numbers, or leave the row out.",
        ),
        ("a,b\n1,2\nnan,3\n", None, "of column a. Received: nan in line 3."),
        ("a,b\n1,2\nred,3\n", None, "of column a. Received: red in line 3."),
        ("a,b\n1,2\n3,\n", None, "a value in every row of column b. Received: nothing"),
        ("a,b\n1,2\n3,--4\n", None, "row of column b. Received: --4 in line 3."),
        ("a,b\n1,2\n1e39,3\n", None, "row of column a. Received: 1e39 in line 3."),
        ("a,b\n1,2.5\n1,1e39\n", None, "row of column b. Received: 1e39 in line 3."),
        ("a,b\n1,2\n3,x\n", None, "every row of column b. Received: x in line 3."),
        (
            "age,price\n1,2\n",
            "prise",
            "`--target_column` must be one of age, price (did you mean price?), or a "
            "place from 1 to 2. Received: --target_column=prise. Leave it out for the "
            "last column.",
        ),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(tmp_path, text, column, message):
    with pytest.raises(ConfigError) as error:
        load(tmp_path, text, column)
    assert message in str(error.value)
