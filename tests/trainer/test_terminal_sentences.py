"""What the terminal says of a run and of a range test, and what their pictures say.

The numbers of a run are computed from its rows; a range test has a record of its own.
"""

import dataclasses
import itertools

import numpy as np
from found_rates import FOUND

from lr_plugin import read_run
from lr_plugin.keras.range_test.plot import draw_range_test
from lr_plugin.keras.training_summary import extend_summary
from lr_plugin.schema import RunInfo
from lr_plugin.writer import RunWriter
from trainer.find_rate import _describe
from trainer.runs.summary import next_command, print_summary
from trainer.settings.config import Config

NOTHING = dataclasses.replace(
    FOUND, suggestion=None, interval=None, usable_band=None, reason="It is flat."
)


def test_summary_of_a_run_says_what_its_rows_say(tmp_path, capsys):
    losses = np.float32(2.3 * 0.99 ** np.arange(300))
    losses[[7, 8]] = np.nan
    applied = np.ones(300)
    applied[30:35] = 0
    rates = np.geomspace(0.1, 0.001, 300, dtype=np.float32)
    rows = {"step": np.arange(300) + 50, "learning_rate": rates, "loss": losses}
    logdir = tmp_path / "my logs"
    with RunWriter(logdir / "run") as writer:
        writer.write_run_info(RunInfo())
        writer.write_rows({**rows, "applied": applied})
    recorded = extend_summary(None, {**rows, "applied": applied})
    scores = {"validation": {"loss": 0.25, "accuracy": 0.9}}

    folder = logdir / "run"
    config = Config(logdir=str(logdir), run="run")
    print_summary(scores, recorded, read_run(folder), folder, config)

    # The lowest of the medians of three is the last but one row: the loss falls.
    assert capsys.readouterr().out.splitlines() == [
        "Trained mlp on digits: 300 iterations from 50 on.",
        "  learning rate   first 0.1, last 0.001",
        f"  batch loss      first 2.3, last {losses[-1]:.4g}",
        "  skipped         5 updates",
        "  not finite      2 losses",
        f"  final loss      {losses[-30:].astype(float).mean():.4g}, the mean of the "
        "last 30 iterations",
        f"  lowest loss     {losses[298]:.4g} at iteration 348, the median of 3",
        "  validation      loss 0.2500, accuracy 0.9000",
        f"  in              {folder}",
        f"See every iteration: tensorboard --logdir='{logdir}'",
    ]


def test_the_next_command_says_where_tensorboard_reads_a_bucket():
    assert next_command("gs://bucket/logs") == (
        "See every iteration: tensorboard --logdir=gs://bucket/logs"
    )
    assert next_command("s3://bucket/logs") == (
        "See every iteration, in an environment without TensorFlow: "
        "tensorboard --logdir=s3://bucket/logs"
    )
    assert next_command("memory://logs") == (
        "memory:// is the memory of this program: the run is gone when it ends."
    )


def test_a_range_test_says_what_its_record_says(tmp_path):
    assert _describe(FOUND, tmp_path).splitlines() == [
        "Range test: suggested learning rate 0.001, 90 % interval 0.0006 to 0.0016.",
        "  The loss falls fastest here.",
        "  usable band    0.0002 to 0.1, from the first clear improvement to "
        "divergence",
        "  by rule        steepest 0.001, valley 0.002",
        "  ended          the loss was four times its lowest value",
        f"  in             {tmp_path}",
    ]
    assert _describe(NOTHING, tmp_path).splitlines() == [
        "Range test: no suggestion.",
        "  It is flat.",
        "  ended          the loss was four times its lowest value",
        f"  in             {tmp_path}",
    ]


def test_the_picture_of_a_range_test_says_what_its_record_says():
    (axes,) = draw_range_test(FOUND).axes
    _, labels = axes.get_legend_handles_labels()

    assert sorted(labels) == [
        "90 % interval 0.0006 to 0.0016",
        "smoothed loss",
        "suggestion 0.001",
        "usable band 0.0002 to 0.1",
    ]
    assert [text.get_text() for text in axes.texts] == ["valley"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("learning rate", "batch loss")


def test_names_of_rules_that_agree_are_not_written_over_each_other():
    suggestions = {"steepest": 1e-3, "valley": 1.1e-3, "slide": 1.15e-3}
    suggestions["minimum/10"] = 1.2e-3
    figure = draw_range_test(dataclasses.replace(FOUND, suggestions=suggestions))
    figure.draw_without_rendering()
    (axes,) = figure.axes

    boxes = [text.get_window_extent() for text in axes.texts]

    assert len(boxes) == 3
    for below, above in itertools.pairwise(boxes):
        assert below.y1 < above.y0
    assert boxes[-1].y1 < axes.get_window_extent().y1


def test_the_picture_without_a_suggestion_says_so():
    (axes,) = draw_range_test(NOTHING).axes

    assert axes.get_title() == "No suggestion (see the reason)"
