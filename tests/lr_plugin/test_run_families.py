"""Which directories of a log are one run."""

import os

import pytest

from lr_plugin.reader.foreign.run_families import find_families


def families(**listing):
    found = find_families(
        {run.replace("/", os.sep): tags for run, tags in listing.items()}
    )
    return {
        family.name: {tag: place.run for tag, place in family.places.items()}
        for family in found.values()
    }


@pytest.mark.parametrize(
    ("runs", "name"),
    [
        (["run/train", "run/validation"], "run"),
        (["run/train", "run/eval"], "run"),
        (["detect/train", "detect/train2"], "detect/train"),
        (["train"], "train"),
        (["train", "validation"], "train"),
        (["run/retrain", "run/validation"], "run/retrain"),
    ],
)
def test_a_run_is_named_by_its_log_directory(runs, name):
    assert name in families(**{run: ["lr", "loss"] for run in runs})


def test_keras_is_known_without_validation():
    assert list(families(**{"run/train": ["epoch_learning_rate"]})) == ["run"]


def test_validation_beside_the_training_belongs_to_it():
    found = families(**{"run/train": ["epoch_loss"], "run/validation": ["epoch_loss"]})
    assert found["run"] == {
        "epoch_loss": os.path.join("run", "train"),
        "validation/epoch_loss": os.path.join("run", "validation"),
    }


def test_validation_below_the_training_belongs_to_it():
    found = families(**{"run": ["loss"], "run/eval": ["loss"], ".": ["lr"]})
    assert "validation/loss" in found["run"]
    assert found["."] == {"lr": "."}


@pytest.mark.parametrize(
    ("folder", "tag"),
    [
        ("run/loss_train", "loss"),  # PyTorch
        ("run/Loss_total_train", "Loss/total"),
        ("run/loss/train", "loss"),  # tensorboardX
        ("run/Loss/total/train", "Loss/total"),
    ],
)
def test_the_curves_of_add_scalars_belong_to_the_run_above(folder, tag):
    found = families(**{"run": ["lr"], folder: [tag]})
    assert list(found) == ["run"]
    assert f"{tag}/train" in found["run"]


def test_curves_at_the_top_belong_to_the_whole_log():
    found = families(**{".": ["lr"], "loss_train": ["loss"]})
    assert list(found["."]) == ["lr", "loss/train"]


def test_a_rate_in_a_folder_beside_that_of_keras_gets_its_loss():
    found = families(**{"run/metrics": ["learning rate"], "run/train": ["epoch_loss"]})
    assert found["run"].keys() >= {"learning rate", "epoch_loss"}


def test_a_rate_in_the_folder_above_that_of_keras_gets_its_loss():
    found = families(**{"run": ["lr"], "run/train": ["epoch_loss"]})
    assert list(found) == ["run"]
    assert found["run"].keys() == {"lr", "epoch_loss"}
