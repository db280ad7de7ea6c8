"""The user's data and model through the command line, from flags to results."""

import csv
import json
import zipfile

import keras
import numpy as np
import pytest
from event_files import read_columns
from image_folders import write_images

from trainer.__main__ import main

MODULE = """
import keras
import numpy as np
import tensorflow as tf

X = np.random.default_rng(0).random((64, 3)).astype(np.float32)
Y = X.sum(axis=1)

def batches():
    train = tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)
    return {"train": train, "val": (X[:20], Y[:20]), "test": (X[:30], Y[:30])}

def build(input_shape):
    model = keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1)])
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 4, 0.5)
    model.compile(keras.optimizers.SGD(rate), "mae", metrics=["mse"])
    return model

def wrong():
    return keras.Sequential([keras.Input([5]), keras.layers.Dense(1)])
"""

pytestmark = pytest.mark.slow


@pytest.fixture
def module(user_module):
    user_module("my_own", MODULE)


def train(folder, *flags):
    return main([*flags, f"--logdir={folder}", "--run=run1", "--epochs=2"])


def test_compiled_model_trains_as_its_owner_compiled_it(module, tmp_path):
    flags = ["--dataset=my_own:batches", "--model=my_own:build"]
    assert train(tmp_path, *flags) == 0
    rows = read_columns(tmp_path / "run1")
    # Four batches an epoch, and half the rate every four updates.
    expected = 0.1 * 0.5 ** (np.arange(8) / 4)
    np.testing.assert_allclose(rows["learning_rate"], expected, rtol=1e-6)
    with (tmp_path / "run1" / "history.csv").open() as file:
        (first, _) = csv.DictReader(file)
    assert set(first) == {"epoch", "loss", "mse", "val_loss", "val_mse"}
    found = json.loads((tmp_path / "run1" / "evaluation.json").read_text())
    assert set(found) == {"validation", "test", "best validation", "best test"}
    model = keras.saving.load_model(tmp_path / "run1" / "model.keras")
    x = np.random.default_rng(0).random((64, 3)).astype(np.float32)[:30]
    error = np.abs(model.predict(x, verbose=0)[:, 0] - x.sum(axis=1)).mean()
    assert found["test"]["loss"] == pytest.approx(error, rel=1e-5)


def test_images_from_disk_train_in_every_way_that_arrays_do(tmp_path):
    for part, count in (("train", 12), ("val", 4), ("test", 4)):
        folder = tmp_path / "photos" / part
        write_images(folder, ["a", "b"], count, size=(14, 12), seed=count)
    flags = [f"--dataset={tmp_path / 'photos'}", "--model=cnn", "--augment=flip,rotate"]
    flags += ["--nocache_images", "--batch_size=8", "--image_size=10"]
    flags += ["--mixed_precision", "--accumulate=2"]
    assert train(tmp_path / "logs", *flags, "--steps_per_execution=2") == 0
    rows = read_columns(tmp_path / "logs" / "run1")
    np.testing.assert_array_equal(rows["step"], np.arange(6))
    found = json.loads((tmp_path / "logs" / "run1" / "evaluation.json").read_text())
    assert set(found["test"]) == {"loss", "accuracy"}


def test_table_is_predicted_by_a_model_that_needs_nothing_of_this_package(tmp_path):
    x = np.random.default_rng(0).random((100, 2)) * [1, 1000]
    y = 5000 + 100 * x[:, 0] + x[:, 1]
    path = tmp_path / "table.csv"
    np.savetxt(path, np.column_stack([y, x]), "%.4f", ",", header="y,a,b", comments="")
    flags = [f"--dataset={path}", "--target_column=y", "--learning_rate=0.01"]
    assert train(tmp_path, *flags) == 0
    saved = tmp_path / "run1" / "best.keras"
    # Keras names the module of each class that it has to import.
    with zipfile.ZipFile(saved) as archive:
        config = archive.read("config.json").decode()
    assert '"module": "keras.layers"' in config
    assert "trainer" not in config and "lr_plugin" not in config
    model = keras.saving.load_model(saved)
    (predicted,) = model.predict(np.array([[0.5, 500.0]]), verbose=0)[0]
    # In the units of the table after ten updates: 5550 there, 5000 to 6100 anywhere.
    assert 4500 < predicted < 6600


def test_training_that_diverges_fails_and_leaves_what_happened(tmp_path, capsys):
    flags = ["--optimizer=sgd", "--learning_rate=1e30"]
    assert train(tmp_path, *flags) == 1
    assert capsys.readouterr().err == (
        "error: The training must end with a finite loss. Received: nan in "
        f"{tmp_path / 'run1'}. Lower --learning_rate, or find one with "
        "--mode=range_test.\n"
    )
    assert (tmp_path / "run1" / "model.keras").exists()
    assert not (tmp_path / "run1" / "best.keras").exists()


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--model=my_own:wrong"], "must take the examples of --dataset. Received: "),
        (["--model=my_own:gone"], "`--model` must name a function of my_own"),
        (["--dataset=my_own:build"], "must name a function that needs no arguments"),
        (["--model=MobilNetV2"], "(did you mean MobileNetV2?)"),
        (["--model=MobileNetV2"], "must take the images. Received: images of 8 x 8 x"),
        (["--freeze", "--weights=old.keras"], "--weights=old.keras. Correct the path."),
        (["--task=regression", "--model=cnn"], "images of at least 10 x 10 pixels"),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    flags, message, module, tmp_path, capsys
):
    logs = tmp_path / "logs"
    assert train(logs, *flags) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: `--")
    assert message in error
    assert error.count("\n") == 1
    assert not logs.exists()
