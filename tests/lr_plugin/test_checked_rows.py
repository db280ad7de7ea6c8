"""Rows as people write them: taken where they can be, else refused by their column."""

import numpy as np
import pytest
from event_files import load_values
from tensorboard.util import tensor_util

from lr_plugin import RunWriter, read_run, schema
from lr_plugin.schema import Event
from lr_plugin.writer.checked_rows import check_rows


def test_numbers_are_a_row_and_lists_are_rows():
    one = check_rows({"step": 7, "learning_rate": 0.1, "loss": np.float32(2)})
    assert {name: values.tolist() for name, values in one.items()} == {
        "step": [7],
        "learning_rate": [0.1],
        "loss": [2],
    }
    two = check_rows({"step": [0.0, 1.0], "learning_rate": [0.1, None]})
    assert two["step"].dtype == np.int64
    np.testing.assert_array_equal(two["learning_rate"], [0.1, np.nan])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([1, 2], "`rows` must be a mapping from the names of columns"),
        (
            {"step": [0], "loss": [1], 7: [2]},
            "The name of a column must be a printable text of 1 to 100 letters",
        ),
        (
            {"step": [0], "loss": [1], "learning_rate:\ud800": [2]},
            "Received: 'learning_rate:\\ud800'.",
        ),
        (
            {"learning_rate": np.ones(3), "loss": np.ones(3)},
            "`rows` must have a column `step`, which counts iterations from 0. "
            "Received: learning_rate, loss.",
        ),
        (
            {"step": np.arange(3), "learning_rate": np.ones(2)},
            "Column `learning_rate` must have a value for each of the 3 steps. "
            "Received: 2 values.",
        ),
        ({"step": [0, 1]}, "`rows` must have a column of measurements beside `step`"),
        ({"step": [0.5], "loss": [1]}, "Column `step` must hold whole numbers"),
        ({"step": [-1], "loss": [1]}, "Received: -1."),
        ({"step": [np.nan], "loss": [1]}, "Received: nan."),
        ({"step": [2**60], "loss": [1]}, f"Received: {2**60}."),
        ({"step": ["a"], "loss": [1]}, "Column `step` must hold numbers"),
        ({"step": [0], "loss": ["low"]}, "Column `loss` must hold numbers"),
        ({"step": [0], "loss": [[1], [2]]}, "Received: shape [2, 1]."),
        ({"step": [0], "loss": [object()]}, "Received: values that are no numbers."),
    ],
)
def test_other_rows_are_refused_by_their_column(rows, sentence):
    with pytest.raises(ValueError) as error:
        check_rows(rows)
    assert sentence in str(error.value)


def test_what_was_refused_leaves_the_run_as_it_was(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": [0, 1], "loss": [1.0, 2.0]})
        for refused in ({"step": [2], "loss": ["x"]}, {"loss": [3.0]}):
            with pytest.raises(ValueError):
                writer.write_rows(refused)
        with pytest.raises(ValueError, match="`wall_time` must be a moment"):
            writer.write_rows({"step": [2], "loss": [3]}, wall_time=float("nan"))
        with pytest.raises(ValueError, match="`wall_time` must be a moment"):
            writer.write_event(Event("a", 1, "t"), wall_time=float("inf"))
        with pytest.raises(ValueError, match="a number for each of the 2 layers"):
            writer.write_layers(1, ["a", "b"], {"x": np.ones(3)})
        with pytest.raises(ValueError, match="`samples` must hold what was measured"):
            writer.write_layers(1, ["a", "b"], {})
        writer.write_rows({"step": [], "loss": []})
        writer.write_rows({"step": 2, "loss": 3.0})

    assert read_run(tmp_path)["loss"].tolist() == [1, 2, 3]


def test_what_no_float32_is_as_large_as_is_infinite_everywhere(tmp_path):
    with RunWriter(tmp_path) as writer:
        writer.write_rows({"step": [0, 1, 2], "loss": [1e300, -1e39, 3e38]})
        writer.write_layers(1, ["a"], {"x": np.array([1e300])})
    run = read_run(tmp_path)
    assert run["loss"].tolist() == [np.inf, -np.inf, float(np.float32(3e38))]
    assert run.layers.values["x"].tolist() == [[np.inf]]
    (overview,) = (
        tensor_util.make_ndarray(value.tensor)
        for tag, _, value in load_values(tmp_path)
        if tag.startswith("overview/")
    )
    names = schema.overview_columns(("loss",))
    bucket = dict(zip(names, overview[0].tolist(), strict=True))
    assert bucket["loss:num_nonfinite"] == 2
    assert bucket["loss:max"] == float(np.float32(3e38))
