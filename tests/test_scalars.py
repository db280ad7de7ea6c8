"""What other frameworks call the rate and the loss, and how they are joined."""

import pytest

from lr_plugin.reader.foreign.scalars import (
    find_loss_tags,
    find_rate_tags,
    join,
    name_run,
)


@pytest.mark.parametrize(
    ("framework", "tags", "rate", "loss"),
    [
        (
            "Keras, by epoch",
            ["epoch_accuracy", "epoch_learning_rate", "epoch_loss", "keras"],
            "epoch_learning_rate",
            "epoch_loss",
        ),
        (
            "Lightning",
            ["epoch", "lr-Adam", "lr-Adam-momentum", "train_loss", "val_loss"],
            "lr-Adam",
            "train_loss",
        ),
        (
            "Lightning, groups",
            ["lr-SGD/pg1", "lr-SGD/pg2", "train_loss_epoch", "train_loss_step"],
            "lr-SGD/pg1",
            "train_loss_step",
        ),
        (
            "Hugging Face",
            ["eval/loss", "train/epoch", "train/learning_rate", "train/loss"],
            "train/learning_rate",
            "train/loss",
        ),
        ("fastai", ["lr_0", "lr_1", "mom_0", "train_loss"], "lr_0", "train_loss"),
        ("Composer", ["lr-AdamW/group0", "loss/train/total"], "lr-AdamW/group0", None),
        ("by hand", ["Loss/train", "LR", "Accuracy"], "LR", "Loss/train"),
        (
            "by hand",
            ["Learning Rate", "training/loss"],
            "Learning Rate",
            "training/loss",
        ),
    ],
)
def test_the_tags_of_frameworks_are_known(framework, tags, rate, loss):
    assert find_rate_tags(tags)[0] == rate
    assert next(iter(find_loss_tags(tags)), None) == loss


@pytest.mark.parametrize(
    "tag",
    [
        "lr-Adam-momentum",
        "lr-Adam-weight_decay",
        "accuracy",
        "color",
        "val_loss",
        "mom_0",
    ],
)
def test_other_tags_are_no_rate(tag):
    assert find_rate_tags([tag]) == []


@pytest.mark.parametrize("tag", ["val_loss", "eval/loss", "epoch_val_loss", "gloss"])
def test_losses_of_other_data_are_no_training_loss(tag):
    assert find_loss_tags([tag]) == []


def test_keras_training_is_named_by_its_log_directory():
    assert name_run("logs/run1/train") == "logs/run1"
    assert name_run("train") == "."
    assert name_run("run1/retrain") == "run1/retrain"


def test_rate_and_loss_are_joined_on_equal_steps():
    rates = {"lr": {0: (10.0, 0.1), 10: (11.0, 0.2), 20: (12.0, 0.3)}}
    losses = {"loss": {10: (99.0, 5.0), 20: (99.0, 6.0), 30: (99.0, 7.0)}}

    rows, tags, (note,) = join(rates, losses)

    assert rows["step"].tolist() == [10, 20]
    assert rows["learning_rate"].tolist() == [0.2, 0.3]
    assert rows["loss"].tolist() == [5.0, 6.0]
    assert rows["wall_time"].tolist() == [11.0, 12.0]
    assert tags == {"learning_rate": "lr", "loss": "loss"}
    assert "lr (3 points kept" in note
    assert "loss (3): 2 steps are in both" in note


def test_the_pair_with_most_steps_in_common_is_taken():
    points = {step: (0.0, 1.0) for step in range(10)}
    losses = {"loss": {3: (0.0, 1.0)}, "train_loss": points}

    rows, tags, _ = join({"lr": points}, losses)

    assert tags["loss"] == "train_loss"
    assert len(rows["step"]) == 10


def test_a_rate_without_a_loss_stands_alone():
    for losses in ({}, {"loss": {5: (0.0, 1.0)}}):
        rows, tags, (note,) = join({"lr": {1: (0.0, 0.1)}}, losses)
        assert list(rows) == ["step", "learning_rate", "wall_time"]
        assert tags == {"learning_rate": "lr"}
        assert note == "No training loss shares a step with lr; the rate stands alone."


def test_what_keras_calls_batch_loss_is_said_to_be_a_mean():
    points = {1: (0.0, 1.0)}

    _, _, notes = join({"lr": points}, {"batch_loss": points})

    assert "not the loss of the batch" in notes[1]
