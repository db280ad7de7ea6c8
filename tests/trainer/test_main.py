"""The command line as the user runs it, in another process where that matters."""

import csv
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from event_files import read_columns
from image_folders import write_images

from trainer.__main__ import main

# Programs of their own are compared with trainings of this one, bit by bit.
pytestmark = pytest.mark.optimized_graphs


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            ["--lerning_rate=0.1"],
            "Every flag must be known. Received: --lerning_rate (did you mean "
            "learning_rate?). See python -m trainer --help.",
        ),
        (
            ["--learning_rate=0"],
            "`--learning_rate` must be a number above 0 or auto. Received: "
            "--learning_rate=0.0. Leave --learning_rate out for its default.",
        ),
        (
            ["--learning_rate=fast"],
            "`--learning_rate` must be a number above 0 or auto. Received: "
            "--learning_rate=fast. Leave --learning_rate out for its default.",
        ),
        (
            ["--dataset=digit"],
            "`--dataset` must be one of digits, mnist, fashion_mnist, cifar10 (did you "
            "mean digits?), an .npz or .csv file, a folder of class folders, or "
            "module:function. Received: --dataset=digit. For example --dataset=digits.",
        ),
        (
            ["--resume", "--run=gone"],
            "`--resume` must name a run that exists. Received: --run=gone "
            "--logdir=logs, where logs/gone/flags.txt is missing. Correct --run or "
            "--logdir, or leave --resume out to begin.",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_nothing_is_written(
    flags, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(flags) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    assert not list(tmp_path.iterdir())


# These are found out where the data is known; training has not begun.
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--optimizer=addam"], "did you mean adam?"),
        (["--optimizer=sgd", "--beta_1=0.9"], "must be a parameter of the optimizer"),
        (["--model=cnn"], "needs images of at least 10 x 10 pixels"),
        (["--warmup=5ep"], "must be shorter than the run"),
        (["--plateau=vall_loss"], "did you mean val_loss?"),
        (["--validation_split=0.0001"], "must leave examples on both sides"),
    ],
)
def test_what_does_not_fit_is_said_before_training(
    flags, message, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main(["--nodeterministic", *flags]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: `--")
    assert message in error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("more", "received"),
    [
        # The hidden layer has 128 weights for each of 4,000,000 * 4,000,000 * 3 inputs,
        # which is more than can be addressed, however much memory a machine promises.
        ([], "OOM when allocating tensor with shape[48000000000000,128] and type"),
        (["--cache_images"], "Unable to allocate 437. TiB for an array with shape ("),
    ],
)
def test_what_does_not_fit_into_memory_is_said(
    more, received, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    photos = write_images(tmp_path / "photos", ["cats", "dogs"], 5)
    flags = [f"--dataset={photos}", "--image_size=4000000x4000000"]
    assert main([*flags, *more]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(
        f"error: Model and batches must fit into memory. Received: {received}"
    )
    assert error.endswith(
        "Lower --batch_size or --image_size, or use a smaller --model."
    )


def test_wrong_flag_and_help_do_not_wait_for_tensorflow(tmp_path):
    program = (
        "import sys; from trainer.__main__ import main; code = main(sys.argv[1:]); "
        "assert not {'tensorflow', 'keras'} & set(sys.modules); sys.exit(code)"
    )
    space = ["--mode=search", "--schedule=constant,cosine", "--decay_factor=0.1..0.5"]
    for flags, code in [(["--epochs=0"], 2), (space, 2), (["--help"], 0)]:
        command = [sys.executable, "-c", program, *flags]
        assert subprocess.run(command, capture_output=True).returncode == code


def test_missing_tensorflow_is_said_with_the_way_to_install_it(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main([]) == 2
    assert capsys.readouterr().err == (
        "error: Training needs TensorFlow. Received: a Python without it. Install it "
        "with: pip install 'tensorboard-plugin-lr[train]'\n"
    )


@pytest.mark.slow
def test_nine_year_old_question_is_answered(tmp_path, capsys):
    flags = ["--optimizer=adam", "--learning_rate=0.003", "--decay=0.0002"]
    # 1011 iterations were asked about: 1438 digits in batches of 8 are 180 an epoch.
    flags += ["--batch_size=8", "--epochs=6", f"--logdir={tmp_path}", "--run=asked"]
    assert main(flags) == 0
    said = capsys.readouterr().out
    rows = read_columns(tmp_path / "asked")
    steps = np.arange(6 * 180)
    np.testing.assert_array_equal(rows["step"], steps)
    expected = 0.003 / (1 + 0.0002 * steps)
    np.testing.assert_allclose(rows["learning_rate"], expected, rtol=1e-6)
    assert rows["learning_rate"][1000] == pytest.approx(0.0025)
    assert "first 0.003, last 0.00246751" in said
    assert f"tensorboard --logdir={tmp_path}" in said


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Trains one run with all that has settings of its own; gives its folder."""
    logdir = tmp_path_factory.mktemp("trained")
    flags = ["--epochs=2", "--seed=7", "--schedule=one_cycle", "--optimizer=sgd"]
    flags += ["--cycle_momentum=0.85,0.95", "--learning_rate=0.02"]
    assert main([*flags, f"--logdir={logdir}", "--run=run1"]) == 0
    return logdir / "run1"


@pytest.mark.slow
def test_same_seed_gives_the_same_run_and_its_flags_repeat_it(trained, tmp_path):
    logdir, flagfile = f"--logdir={tmp_path}", f"--flagfile={trained / 'flags.txt'}"
    # Another process has other hashes of texts, and began with nothing. It does without
    # keras-tuner, which takes seconds to import.
    program = (
        "import sys; from trainer.__main__ import main; code = main(sys.argv[1:]); "
        "assert 'keras_tuner' not in sys.modules; sys.exit(code)"
    )
    command = [sys.executable, "-c", program, flagfile, logdir, "--run=again"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert main([flagfile, "--seed=8", logdir, "--run=other"]) == 0
    folders = (trained, tmp_path / "again", tmp_path / "other")
    one, again, other = (read_columns(folder) for folder in folders)
    for column in ("learning_rate", "loss", "momentum"):
        np.testing.assert_array_equal(again[column], one[column])
    assert not np.array_equal(other["loss"], one["loss"])


@pytest.mark.slow
def test_folder_holds_model_history_and_flags(trained, tmp_path):
    with (trained / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    # The model needs nothing of this package, and knows the last rate it used.
    program = (
        "import sys, keras; model = keras.saving.load_model(sys.argv[1]); "
        "print(float(model.optimizer.learning_rate.numpy()), "
        "int(model.optimizer.iterations.numpy())); "
        "assert not {'trainer', 'lr_plugin'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", program, str(trained / "model.keras")]
    loaded = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert loaded.returncode == 0, loaded.stderr
    rate, iterations = loaded.stdout.split()
    recorded = read_columns(trained)
    assert float(rate) == pytest.approx(recorded["learning_rate"][-1])
    assert int(iterations) == 90
    # 90 updates: momentum 0.95, lowest after 45 % of them, 0.95 at last.
    assert recorded["momentum"][[0, 40, 80, 89]] == pytest.approx(
        [0.95, 0.85, 0.95, 0.95]
    )


@pytest.mark.slow
def test_two_runs_never_share_a_folder(capsys, trained):
    before = sorted(path.stat().st_mtime_ns for path in trained.rglob("*"))
    assert main([f"--logdir={trained.parent}", "--run=run1"]) == 2
    assert "`--run` must name a new run" in capsys.readouterr().err
    assert sorted(path.stat().st_mtime_ns for path in trained.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    "flags",
    [
        ["--steps_per_execution=7", "--staircase", "--schedule=linear"],
        ["--jit_compile", "--accumulate=4"],
        ["--mixed_precision"],
        ["--plateau=loss", "--plateau_every=10", "--plateau_patience=0"],
    ],
)
def test_every_mode_trains_and_records_every_iteration(flags, tmp_path):
    try:
        code = main(["--epochs=2", f"--logdir={tmp_path}", "--run=run1", *flags])
    finally:
        keras.config.set_dtype_policy("float32")
    assert code == 0
    assert_trained(tmp_path / "run1")


@pytest.mark.slow
def test_mirrored_strategy_trains_and_records_every_iteration(tmp_path):
    flags = ["--epochs=2", "--strategy=mirrored", f"--logdir={tmp_path}", "--run=run1"]
    command = [sys.executable, "-m", "trainer", *flags]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert_trained(tmp_path / "run1")


def assert_trained(folder):
    np.testing.assert_array_equal(read_columns(folder)["step"], np.arange(90))
    assert keras.saving.load_model(folder / "model.keras").built


@pytest.mark.slow
def test_articles_cnn_trains_on_mnist(mnist_npz, tmp_path, capsys):
    # A twentieth of it, for the time it takes.
    with np.load(mnist_npz) as arrays:
        part = {name: arrays[name][: len(arrays[name]) // 20] for name in arrays}
    np.savez(tmp_path / "mnist.npz", **part)
    flags = [f"--dataset={tmp_path / 'mnist.npz'}", "--model=cnn", "--epochs=1"]
    flags += ["--batch_size=25", f"--logdir={tmp_path}", "--run=run1"]
    assert main(flags) == 0
    test_scores = capsys.readouterr().out.split("\n  test ")[1].split("\n")[0]
    assert float(test_scores.split("accuracy ")[1].split(",")[0]) > 0.85


def test_a_pipe_that_closes_ends_in_silence(monkeypatch, capsys):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main(["--help"]) == 141
    assert capsys.readouterr().err == ""
