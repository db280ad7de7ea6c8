"""Every sentence that is said of a run of another program, with a run for it."""

import numpy as np
import pytest

from lr_plugin.reader.files.scalar_records import POINT
from lr_plugin.reader.foreign.conventions import CONVENTIONS
from lr_plugin.reader.foreign.foreign_notes import write_notes
from lr_plugin.reader.foreign.foreign_rows import make_rows
from lr_plugin.reader.foreign.points import take_points
from lr_plugin.reader.foreign.scalar_source import Reading
from lr_plugin.reader.foreign.tag_choice import choose_tags


def notes_of(scalars, *, wanted=None, left_out=(), **reading):
    """Writes the notes of a run.

    Args:
        scalars: By tag its steps and times, or its steps, which are its times, too.
    """
    points = {}
    for tag, written in scalars.items():
        steps, times = written if isinstance(written, tuple) else (written, written)
        rows = zip(range(len(steps)), steps, times, np.ones(len(steps)), strict=True)
        points[tag] = take_points([np.array(list(rows), POINT)])
    choice = choose_tags(frozenset(scalars), wanted or {})
    rows = make_rows(choice, points)
    return write_notes(rows, choice, Reading(points, **reading), left_out)


TEN = list(range(10))
NOTES = [
    ({"lr": TEN, "loss": TEN}, ["lr and loss at the same steps."]),
    (
        {"lr": [0, 4, 8], "loss": TEN},
        ["loss, each with the last lr at or before its step."],
    ),
    (
        {"lr": TEN, "loss": [0, 4, 9]},
        [
            "loss, each with the last lr at or before its step. Not drawn: 7 rates in "
            "force at no loss."
        ],
    ),
    (
        {"lr": [1, 4, 8], "loss": TEN},
        [
            "loss, each with the last lr at or before its step. 1 loss before the "
            "first rate."
        ],
    ),
    (
        {"lr": list(range(1, 100, 10)), "loss": list(range(0, 100, 10))},
        ["loss, each with the lr of 1 step later."],
    ),
    (
        {"lr": ([0, 1, 2], [0, 100, 200]), "loss": list(range(1, 300))},
        [
            "lr and loss count different steps: each loss has the last rate that was "
            "written before it."
        ],
    ),
    (
        {"lr": ([0, 1, 2], [9, 9, 9]), "loss": (list(range(300)), [9] * 300)},
        [
            "lr stands alone; what is said of the loss is said of loss, which is not "
            "joined, for they count different steps, and their times do not tell.",
        ],
    ),
    (
        {"lr": ([0, 1, 2], [99, 199, 299]), "loss": list(range(300))},
        [
            "lr stands alone; what is said of the loss is said of loss, which is not "
            "joined, for they count different steps, and the rate is written after the "
            "losses, so that it may be that of the losses before it or after it.",
        ],
    ),
    ({"lr": TEN}, ["lr stands alone: no loss of the training is chosen."]),
    (
        {"lr": [*TEN, 5, 6], "loss": [*TEN, 5, 6]},
        [
            "lr and loss at the same steps. 5 points replaced by later ones of their "
            "steps."
        ],
    ),
    (
        {"lr": ([0] * 9, TEN[:9]), "loss": ([0] * 9, TEN[:9])},
        [
            "lr and loss at the same steps. Logged without a step (or with one and the "
            "same): numbered in the order of writing."
        ],
    ),
    (
        {"lr": ([0, 1] * 4, TEN[:8]), "loss": ([0, 1] * 4, TEN[:8])},
        [
            "lr and loss at the same steps. Logged with steps that begin anew again "
            "and again: counted on."
        ],
    ),
    (
        {f"lr/pg{i}": TEN for i in range(7)} | {"loss": TEN},
        [
            "lr/pg0 and loss at the same steps.",
            "Other rates: lr/pg1, lr/pg2, lr/pg3, lr/pg4 and 2 more.",
        ],
    ),
    (
        {"lr": TEN, "loss": TEN, "cls_loss": TEN},
        ["lr and loss at the same steps.", "Other losses: cls_loss."],
    ),
]


@pytest.mark.parametrize(("scalars", "expected"), NOTES)
def test_a_run_says_what_was_joined_and_what_was_left_out(scalars, expected):
    assert notes_of(scalars) == expected


@pytest.mark.parametrize(
    ("tags", "caveat"),
    [
        (
            ("epoch_learning_rate", "epoch_loss"),
            "Keras writes one point for each epoch: the mean loss of the epoch, and "
            "the rate after its last update.",
        ),
        (
            ("batch_learning_rate", "batch_loss", "batch_steps_per_second"),
            "Keras writes as batch_loss the mean loss since the start of the epoch, "
            "not the loss of the batch.",
        ),
        (
            ("train/learning_rate", "train/loss", "train/grad_norm"),
            "The Hugging Face Trainer writes the mean loss since the last time it "
            "logged.",
        ),
        (
            ("lr/pg0", "train/box_loss", "train/dfl_loss"),
            "Ultralytics writes the parts of the loss once an epoch, as means over it; "
            "their sum is what it minimizes.",
        ),
        (
            ("x/lr0", "x/lr1", "train/box_loss", "train/obj_loss"),
            "YOLOv5 writes the parts of the loss once an epoch, as means over it; "
            "their sum is what it minimizes. x/lr0 is the rate of the biases.",
        ),
        (
            ("lr", "total_loss", "eta_seconds"),
            "detectron2 writes medians of the last 20 iterations.",
        ),
        (
            ("Train/Samples/lr", "Train/Samples/train_loss"),
            "DeepSpeed counts samples, not steps.",
        ),
    ],
)
def test_what_a_program_means_by_its_numbers_is_said(tags, caveat):
    assert caveat in notes_of(dict.fromkeys(tags, TEN))


def test_points_that_were_numbered_alike_are_said_to_be_paired():
    scalars = {"lr": ([0] * 9, TEN[:9]), "loss": ([0, 1, 2] * 3, TEN[:9])}
    assert notes_of(scalars)[0].startswith(
        "loss and lr in the order in which they were written."
    )


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (
            {"is_kept": True},
            "The event files cannot be read from here: drawn is what TensorBoard keeps "
            "of each scalar, at most 1,000 points by default, chosen at random.",
        ),
        (
            {"is_kept": True, "is_too_long": True},
            "There are too many points to read them all: drawn is what TensorBoard "
            "keeps of each scalar, at most 1,000 points by default, chosen at random.",
        ),
        ({"num_damaged": 2}, "2 damaged records of the event files left out."),
        (
            {"damaged_files": ["events.out.tfevents.1"]},
            "The event file events.out.tfevents.1 is damaged: what comes behind cannot "
            "be read.",
        ),
        (
            {"left_out": ["val_loss", "val_acc"]},
            "val_loss, val_acc left out: what they count as steps is not known.",
        ),
    ],
)
def test_what_could_not_be_read_is_said(reading, expected):
    assert notes_of({"lr": TEN, "loss": TEN}, **reading)[1:] == [expected]


@pytest.mark.parametrize(
    "convention", [c for c in CONVENTIONS if c.caveat], ids=lambda c: c.program
)
def test_a_caveat_is_said_of_the_program_that_it_is_true_of(convention):
    tags = [convention.rates[0], convention.proof[0], convention.losses[0]]
    # The patterns are plain but for these; two losses make a sum.
    tags += ["train/box_loss"] if convention.losses[0].startswith("+") else []
    tags = [
        tag.replace(r"\d+", "0")
        .replace("(_.+)?", "")
        .replace("(grad_norm|epoch|global_step)", "epoch")
        .replace("+train/[a-z]+_loss", "train/cls_loss")
        for tag in tags
    ]

    assert convention.caveat in notes_of(dict.fromkeys(tags, TEN))
