"""A search with the user's data and compiled model, to predict numbers."""

import numpy as np
import pytest
from event_files import load_events, read_columns
from search_runs import read_results

from trainer.__main__ import main

pytestmark = pytest.mark.slow

MODULE = """
import keras
import numpy as np

def load():
    x = np.random.default_rng(0).normal(size=(100, 3)).astype("float32")
    return x, x @ np.float32([1, 2, 3])

def build():
    model = keras.Sequential([keras.Input([3]), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(0.5, momentum=0.25)
    model.compile(optimizer, "mean_absolute_error", metrics=["mse"])
    return model
"""


def test_rate_of_a_compiled_model_is_searched_by_a_metric_of_its_own(
    user_module, tmp_path
):
    user_module("mine_to_search", MODULE)
    flags = [
        "--mode=search",
        "--dataset=mine_to_search:load",
        "--model=mine_to_search:build",
        "--learning_rate=0.0001,0.01",
        "--tuner=grid",
        "--objective=val_mse",
        "--epochs=2",
        "--batch_size=8",
        f"--logdir={tmp_path}",
        "--run=search",
    ]
    assert main(flags) == 0
    folder = tmp_path / "search"
    # Steps of 0.0001 along gradients of about 1 do not get to weights of 1 to 3.
    results = read_results(folder)
    assert list(results) == ["02-lr0.01", "01-lr0.0001"]
    for run, rate in (("01-lr0.0001", 0.0001), ("02-lr0.01", 0.01)):
        ends = load_events(folder / run, "epoch_end")
        best = min(event.details["val_mse"] for event in ends)
        assert float(results[run]["val_mse"]) == pytest.approx(best, rel=1e-9)
        # 80 of 100 examples in batches of 8, twice.
        rows = read_columns(folder / run)
        np.testing.assert_array_equal(rows["step"], np.arange(20))
        np.testing.assert_allclose(rows["learning_rate"], rate, rtol=1e-6)
    again = read_columns(folder / "best")
    np.testing.assert_array_equal(again["loss"], rows["loss"])
