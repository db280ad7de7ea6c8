"""Transfer learning: the head alone, then all layers at a lower rate, in one run."""

import contextlib
import json
import os
import shutil
from unittest import mock

import keras
import numpy as np
import pytest
from data_providers import SCOPE, python_loader
from event_files import load_events, load_values, read_columns

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from trainer.__main__ import main
from trainer.training import checkpointing
from trainer.training.checkpoint import read_checkpoint

STEPS_PER_EPOCH, EPOCHS, UNFROZEN_FROM = 16, 4, 2
FLAGS = [
    "--model=cnn",
    "--batch_size=10",
    f"--epochs={EPOCHS}",
    "--freeze",
    f"--unfreeze_after={UNFROZEN_FROM}ep",
    "--learning_rate=0.01",
    "--unfreeze_learning_rate=0.0001",
    "--schedule=linear",
    "--checkpoint_every=7",
    "--plateau=val_loss",
    "--plateau_patience=0",
    "--augment=shift",
]

pytestmark = [pytest.mark.slow, pytest.mark.optimized_graphs]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Trains a run without a stop; gives its logdir and flags of data and weights."""
    logdir = tmp_path_factory.mktemp("logs")
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (200, 12, 12), dtype=np.uint8)
    np.savez(logdir / "old.npz", x_train=x, y_train=np.arange(200) % 5)
    y = x.mean(axis=(1, 2))
    np.savez(logdir / "new.npz", x_train=x, y_train=np.digitize(y, [126, 129]))
    old = [f"--dataset={logdir / 'old.npz'}", "--model=cnn", "--epochs=1"]
    assert main([*old, f"--logdir={logdir}", "--run=pretrained"]) == 0
    flags = [
        *FLAGS,
        f"--dataset={logdir / 'new.npz'}",
        f"--weights={logdir / 'pretrained' / 'model.keras'}",
        f"--logdir={logdir}",
    ]
    # As in a program of its own, the names of layers begin anew.
    keras.utils.clear_session()
    with copied_at_checkpoints(logdir, {"00001": "frozen", "00003": "unfrozen"}):
        assert main([*flags, "--run=whole"]) == 0
    return logdir, flags


@contextlib.contextmanager
def copied_at_checkpoints(logdir, parts):
    """Copies the run's folder as a program that is killed would leave it.

    Args:
        parts: The name of a copy by the epoch of the checkpoint after which it is made.
    """
    write = checkpointing.write_checkpoint

    def write_and_copy(checkpoint, folder):
        path = write(checkpoint, folder)
        for epoch in list(parts):
            if list(folder.glob(f"epoch-{epoch}-*")):
                shutil.copytree(folder.parent, logdir / f"ended_{parts.pop(epoch)}")
        return path

    with mock.patch.object(checkpointing, "write_checkpoint", write_and_copy):
        yield
    assert not parts


def kernel_of(path):
    return keras.saving.load_model(path, compile=False).layers[1].get_weights()[0]


def test_run_has_one_axis_and_a_rate_for_each_part(whole):
    logdir, _ = whole
    rows = read_columns(logdir / "whole")
    frozen, steps = UNFROZEN_FROM * STEPS_PER_EPOCH, EPOCHS * STEPS_PER_EPOCH
    np.testing.assert_array_equal(rows["step"], np.arange(steps))
    assert not list(logdir.glob("whole/fit_2"))
    rates = rows["learning_rate"]
    assert rates[[0, frozen]] == pytest.approx([0.01, 0.0001])
    assert rates[frozen - 1] < 0.001


def test_first_steps_of_what_was_frozen_are_those_of_a_fresh_optimizer(whole):
    logdir, _ = whole
    rows = read_columns(logdir / "whole")
    # Kingma & Ba: rate * sqrt(1 - 0.999^1) / (1 - 0.9^1).
    expected = 0.0001 * np.sqrt(0.001) / 0.1
    step = UNFROZEN_FROM * STEPS_PER_EPOCH
    assert rows["step_size"][step] == pytest.approx(expected, rel=1e-4)


def test_moment_of_unfreezing_is_marked(whole):
    logdir, _ = whole
    (event,) = load_events(logdir / "whole", "unfrozen")
    assert event.step == UNFROZEN_FROM * STEPS_PER_EPOCH
    assert event.text == "After epoch 2 all layers are trained, with a fresh adam."


def test_body_is_that_of_the_weights_until_it_is_unfrozen(whole):
    logdir, flags = whole
    frozen = [flag for flag in flags if "unfreeze" not in flag]
    assert main([*frozen, "--epochs=1", "--run=frozen"]) == 0
    pretrained = kernel_of(logdir / "pretrained" / "model.keras")
    np.testing.assert_array_equal(
        kernel_of(logdir / "frozen" / "model.keras"), pretrained
    )
    tuned = kernel_of(logdir / "whole" / "model.keras")
    assert not np.array_equal(tuned, pretrained)
    # 32 steps of Adam at 0.0001 and less.
    np.testing.assert_allclose(tuned, pretrained, atol=0.004)


def test_layers_in_the_tab_show_both_parts(whole):
    logdir, _ = whole
    with python_loader() as load:
        reader = LearningRateReader(load(logdir), directories=RunDirectories())
        layers = reader.read_layers(SCOPE, "whole")
    assert {"scores/kernel", "conv2d/kernel"} <= set(layers["layers"])
    steps = np.array(layers["steps"])
    body = layers["layers"].index("conv2d/kernel")
    head = layers["layers"].index("scores/kernel")
    rates = np.array(layers["values"]["effective_rate:p50"], float)
    boundary = UNFROZEN_FROM * STEPS_PER_EPOCH
    assert np.isnan(rates[steps < boundary, body]).all()
    assert np.isfinite(rates[steps >= boundary, body]).all()
    assert np.isfinite(rates[:, head]).all()
    # A hundredth of the rate, with a fresh optimizer of the same kind.
    before, after = rates[steps < boundary, head], rates[steps >= boundary, head]
    assert after[0] < before[0] / 10


@pytest.mark.parametrize("part", ["frozen", "unfrozen"])
def test_run_that_ended_in_either_part_goes_on_as_if_it_had_not(whole, part):
    logdir, _ = whole
    folder = logdir / f"ended_{part}"
    assert main([f"--logdir={logdir}", f"--run={folder.name}", "--resume"]) == 0
    one, other = read_columns(logdir / "whole"), read_columns(folder)
    for column in ("step", "learning_rate", "loss", "step_size"):
        np.testing.assert_array_equal(other[column], one[column], err_msg=column)
    for name in ("history.csv", "evaluation.json"):
        assert (folder / name).read_text() == (logdir / "whole" / name).read_text()
    ends = [
        read_checkpoint(each / "checkpoints") for each in (logdir / "whole", folder)
    ]
    assert ends[0].counters == ends[1].counters
    for key, array in ends[0].arrays.items():
        np.testing.assert_array_equal(ends[1].arrays[key], array, err_msg=key)


def test_best_model_is_the_one_with_the_best_score(whole):
    logdir, _ = whole
    scores = json.loads((logdir / "whole" / "evaluation.json").read_text())
    assert scores["best validation"]["loss"] <= scores["validation"]["loss"]
    state = read_checkpoint(logdir / "whole" / "checkpoints").counters["best"]
    assert scores["best validation"]["loss"] == pytest.approx(state["val_loss"])
    assert keras.saving.load_model(logdir / "whole" / "best.keras").built
    assert os.path.getsize(logdir / "whole" / "history.png") > 10_000


def test_nothing_else_is_in_the_record(whole):
    logdir, _ = whole
    tags = {tag for tag, _, _ in load_values(logdir / "whole")}
    assert sum(tag.startswith("layers/") for tag in tags) == 2
