"""Files that cannot be written: told once, and the training goes on without them."""

import contextlib
import resource
import signal
import sys

import pytest

from lr_plugin import read_run
from lr_plugin.whole_file import replace_file
from trainer.__main__ import main
from trainer.training.lost_files import LostFiles, replace_text


def full(*_):
    raise OSError(28, "No space left on device")


def test_a_file_that_cannot_be_written_is_told_once(capsys):
    lost = LostFiles()
    for _ in range(3):
        with lost.keep("model.keras"):
            full()

    assert capsys.readouterr().err == (
        "\nwarning: model.keras could not be written (No space left on device). The "
        "run goes on without it.\n"
    )
    assert lost
    assert lost.describe() == "model.keras (No space left on device)"


def test_a_file_that_could_be_written_later_is_not_lost(capsys):
    lost = LostFiles()
    with lost.keep("history.csv"):
        full()
    with lost.keep("history.csv"):
        pass

    assert not lost
    assert "history.csv" not in lost


def test_what_a_run_lost_is_listed_with_its_folder(capsys):
    lost, of_run = LostFiles(), LostFiles()
    with of_run.keep("history.csv"):
        full()
    capsys.readouterr()
    lost.include(of_run, "01-lr0.01")

    of_run.discard("history.csv")

    assert not of_run
    assert lost.describe() == "01-lr0.01/history.csv (No space left on device)"
    # It was told when it was lost.
    assert not capsys.readouterr().err


def test_other_errors_are_not_kept():
    with pytest.raises(ValueError), LostFiles().keep("a"):
        raise ValueError


def test_what_cannot_be_written_leaves_what_was_there(tmp_path):
    path = tmp_path / "evaluation.json"
    replace_text(path, "old")

    def write_half(part):
        part.write_text("ha")
        full()

    with pytest.raises(OSError):
        replace_file(path, write_half)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no files.")
def test_a_training_ends_well_on_a_disk_that_is_full(tmp_path, capsys):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    flags = ["--dataset=digits", "--model=mlp", "--epochs=2", "--checkpoint_every=15"]
    # Reads what Keras and the disk's caches need before there is no room.
    assert main([*flags, f"--logdir={tmp_path}", "--run=whole"]) == 0
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, limits[1]))
        code = main([*flags, f"--logdir={tmp_path}", "--run=full"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

    said, errors = capsys.readouterr()
    assert code == 1
    assert "Traceback" not in errors
    for name in ("checkpoints/", "best weights", "model.keras", "history.png"):
        assert errors.count(f"warning: {name} could not be written (File too large)")
    assert "error: All files of a run must be written. Received: a training" in errors
    # Trained as if nothing had been: what fits is there, and nothing half written.
    history = (tmp_path / "full/history.csv").read_text()
    assert history == (tmp_path / "whole/history.csv").read_text()
    names = {path.name for path in (tmp_path / "full").rglob("*") if path.is_file()}
    with contextlib.suppress(KeyError):
        names.remove("training.lock")
    assert {name for name in names if "tfevents" not in name} == {
        "flags.txt",
        "history.csv",
        "evaluation.json",
    }
    rows, whole = read_run(tmp_path / "full"), read_run(tmp_path / "whole")
    assert 0 < len(rows) < len(whole)
    assert rows["loss"].tolist() == whole["loss"][: len(rows)].tolist()
    assert "best validation" not in said.rpartition("Trained")[2]
