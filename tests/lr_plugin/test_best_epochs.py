"""The best epoch by each metric that epochs ended with."""

import numpy as np
import pytest

from lr_plugin.reader.epochs import find_epochs
from lr_plugin.reader.outcome.best_epochs import (
    BestEpoch,
    find_best_epochs,
    is_higher_better,
)
from lr_plugin.reader.outcome.known_rows import know_all
from lr_plugin.schema import Event, RunInfo


def find(metrics, *more_events):
    """Finds in a run of 4 epochs of 10 iterations, whose rate is step + 1."""
    steps = np.arange(40)
    rows = {"step": steps, "learning_rate": steps + 1.0, "loss": np.ones(40)}
    events = [
        Event("epoch_end", 10 * epoch + 9, "Ended.", {"epoch": epoch, **values})
        for epoch, values in enumerate(metrics)
    ]
    epochs = find_epochs([RunInfo(steps_per_epoch=10)], events, 39)
    return find_best_epochs(know_all(rows), [*events, *more_events], epochs)


def test_the_best_value_has_its_epoch_and_the_rate_of_its_last_update():
    losses, accuracies = (0.5, 0.3, 0.3, 0.4), (0.7, 0.8, 0.9, 0.85)

    found = find(
        [
            {"val_loss": loss, "val_accuracy": accuracy}
            for loss, accuracy in zip(losses, accuracies, strict=True)
        ]
    )

    # Of two that are as good, the first.
    assert found == {
        "val_loss": BestEpoch(0.3, 1, 19, 20.0, higher_is_better=False),
        "val_accuracy": BestEpoch(0.9, 2, 29, 30.0, higher_is_better=True),
    }


def test_values_that_are_no_finite_numbers_are_left_out():
    found = find([{"val_loss": float("nan")}, {"val_loss": 0.4}, {"val_loss": "0.1"}])

    assert found["val_loss"].value == 0.4


def test_a_metric_whose_direction_nobody_knows_has_no_best():
    assert find([{"val_false_positives": 3.0}]) == {}


def test_a_search_says_in_which_direction_its_objective_goes():
    details = {"objective": "val_speed", "direction": "max", "score": 2.0}
    score = Event("score", 39, "Ended.", details)

    found = find([{"val_speed": 1.0}, {"val_speed": 2.0}], score)

    assert (found["val_speed"].value, found["val_speed"].higher_is_better) == (2, True)


def test_what_keras_said_of_a_metric_counts_more_than_its_name():
    said = {"higher_is_better": {"val_gap": True, "val_error_free": True}}

    found = find(
        [{"val_gap": gap, "val_error_free": gap, **said} for gap in (1.0, 3.0, 2.0)]
    )

    assert {name: best.value for name, best in found.items()} == {
        "val_gap": 3.0,
        "val_error_free": 3.0,
    }


@pytest.mark.parametrize("said", ["yes", None, {"val_gap": "up"}, [True]])
def test_a_direction_that_is_none_is_not_taken(said):
    assert find([{"val_gap": 1.0, "higher_is_better": said}]) == {}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("val_loss", False),
        ("val_sparse_categorical_accuracy", True),
        ("val_acc", True),
        ("f1_score[0]", True),
        ("auc_1", True),
        ("mean_absolute_error", False),
        ("RootMeanSquaredError", False),
        ("val_crossentropy", False),
        ("val_kl_divergence", False),
        ("learning_rate", None),
        ("cosine_similarity", None),
        ("val_true_positives", None),
    ],
)
def test_names_tell_whether_a_metric_is_to_rise(metric, expected):
    assert is_higher_better(metric) is expected
