"""The trainer with a --logdir elsewhere: all of a run comes there, and goes on."""

import json
import logging
import pathlib
import sys

import numpy as np
import pytest

from lr_plugin import folders, read_run
from trainer.__main__ import main
from trainer.errors import ConfigError
from trainer.flagfile import expand_flagfiles
from trainer.remote_logdir import (
    LostCopyError,
    claim_run,
    local_logdir,
    mirrored_logdir,
    shown_path,
)
from trainer.runs.folder import begin_run
from trainer.settings.config import Config

pytest.importorskip("fsspec")


@pytest.fixture
def logdir(request, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return f"memory://{request.node.name}"


def names_in(logdir):
    return {
        path.removeprefix(f"{logdir}/") for path in folders.find_remote_files(logdir)
    }


@pytest.mark.slow
def test_a_run_is_trained_and_resumed_elsewhere(logdir, tmp_path, capsys):
    flags = [f"--logdir={logdir}", "--run=one", "--quiet"]
    assert main(["--epochs=1", *flags]) == 0
    assert not list(tmp_path.iterdir())
    assert names_in(logdir) >= {
        "one/best.keras",
        "one/checkpoints/epoch-00001-00000000.npz",
        "one/evaluation.json",
        "one/flags.txt",
        "one/history.csv",
        "one/history.png",
        "one/model.keras",
    }
    flags_file = folders.read_remote(f"{logdir}/one/flags.txt", 0, 10_000).decode()
    assert f"\n--logdir={logdir}\n" in flags_file

    more = ["--resume", "--resume_with_changes", "--epochs=3"]
    assert main([*more, *flags[:2]]) == 0

    assert f"  in              {logdir}/one\n" in capsys.readouterr().out
    # 45 batches in an epoch.
    assert np.array_equal(read_run(f"{logdir}/one").steps, np.arange(3 * 45))
    # Two are kept, and older ones removed there, too.
    assert {name for name in names_in(logdir) if "checkpoints/epoch" in name} == {
        "one/checkpoints/epoch-00002-00000000.npz",
        "one/checkpoints/epoch-00003-00000000.npz",
    }
    assert not any("claim" in name for name in names_in(logdir))
    assert main(flags) == 2
    assert f"--run=one, which exists in {logdir}. Choose" in capsys.readouterr().err


def test_runs_without_a_name_are_numbered_across_machines(logdir):
    folders.write_remote_file(f"{logdir}/digits-mlp-adam-constant/flags.txt", b"")
    config = Config(logdir=logdir)
    with mirrored_logdir(logdir, resumed_run=None):
        second = begin_run(config)
        # Begun by another machine since the names were listed.
        folders.write_remote_file(f"{logdir}/digits-mlp-adam-constant-3/a", b"")
        fourth = begin_run(config)
        assert second.name == "digits-mlp-adam-constant-2"
        assert fourth.name == "digits-mlp-adam-constant-4"


def test_two_programs_cannot_claim_one_name(logdir):
    with mirrored_logdir(logdir, resumed_run=None):
        assert claim_run(logdir, "a")
        assert not claim_run(logdir, "a")
    assert names_in(logdir) == set()


def test_what_is_printed_names_the_place_elsewhere(logdir):
    with mirrored_logdir(logdir, resumed_run=None):
        folder = local_logdir(logdir) / "run1"
        assert folder.parent.is_dir()
        assert shown_path(folder) == f"{logdir}/run1"
    assert shown_path(pathlib.Path("logs")) == "logs"


def test_a_resumed_run_is_fetched_once_and_others_are_not(logdir, monkeypatch):
    sent = []
    monkeypatch.setattr(folders, "send_file", lambda path, target: sent.append(target))
    folders.write_remote_file(f"{logdir}/one/checkpoints/c", b"123")
    folders.write_remote_file(f"{logdir}/two/checkpoints/c", b"123")
    with mirrored_logdir(logdir, resumed_run="one"):
        local = local_logdir(logdir)
        assert (local / "one" / "checkpoints" / "c").read_bytes() == b"123"
        assert not any((local / "two").iterdir())
    assert not sent


def test_without_the_program_nothing_is_written_to_a_wrong_place(logdir):
    with pytest.raises(ConfigError) as refused:
        local_logdir(logdir)
    assert str(refused.value) == (
        "`logdir` must be a folder of this machine where the program is not started by "
        f"its command. Received: {logdir}. Start python -m trainer."
    )


def test_a_folder_that_does_not_answer_is_refused_before_training(
    logdir, monkeypatch, capsys, tmp_path
):
    def open_remote(folder):
        raise RuntimeError("no route to host")

    monkeypatch.setattr(folders, "open_remote", open_remote)

    assert main([f"--logdir={logdir}"]) == 2

    assert capsys.readouterr().err == (
        "error: `--logdir` must be a folder that can be reached and written. Received: "
        f"--logdir={logdir} ({logdir} cannot be reached: no route to host). Correct "
        "its name, or what gives access to it.\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_package_that_is_missing_is_named_before_training(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "gcsfs", None)

    assert main(["--logdir=gs://bucket/logs"]) == 2

    assert "Install it with `pip install gcsfs`." in capsys.readouterr().err


@pytest.mark.slow
def test_a_search_is_elsewhere_with_all_that_it_needs_to_go_on(
    logdir, tmp_path, capsys
):
    flags = ["--mode=search", "--tuner=grid", "--learning_rate=0.01,0.1"]
    flags += ["--optimizer=sgd", "--epochs=1", "--batch_size=256", "--noretrain_best"]
    flags += [f"--logdir={logdir}", "--run=s"]
    assert main([*flags, "--max_trials=1"]) == 0
    assert not list(tmp_path.iterdir())
    first = names_in(logdir)
    assert first >= {
        "s/01-lr0.01/history.csv",
        "s/best.flags",
        "s/flags.txt",
        "s/keras_tuner/oracle.json",
        "s/results.csv",
    }

    assert main([*flags, "--max_trials=2", "--resume", "--resume_with_changes"]) == 0

    # The first trial is not trained again, and the names say where they are.
    added = names_in(logdir) - first
    assert {name.split("/")[1] for name in added} == {"02-lr0.1", "keras_tuner"}
    trained_flags = folders.read_file(f"{logdir}/s/02-lr0.1/flags.txt").decode()
    assert f"\n--logdir={logdir}/s\n" in trained_flags
    # 1438 digits in batches of 256.
    assert np.array_equal(read_run(f"{logdir}/s/02-lr0.1").steps, np.arange(6))
    header, *rows = folders.read_file(f"{logdir}/s/results.csv").decode().splitlines()
    assert header == "trial,run,val_accuracy,learning_rate,epochs,ended"
    assert {row.partition(",")[0] for row in rows} == {"01", "02"}
    best = f"{logdir}/s/best.flags"
    assert f"Repeat the best: python -m trainer --flagfile={best}\n" in (
        capsys.readouterr().out
    )
    assert "--epochs=1" in expand_flagfiles([f"--flagfile={best}"])


def test_a_search_by_many_machines_elsewhere_is_none_of_checkpoints(
    monkeypatch, capsys
):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker1")
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", "8000")
    flags = ["--mode=search", "--tuner=hyperband", "--run=s"]

    assert main([*flags, "--logdir=memory://logs"]) == 2

    assert capsys.readouterr().err == (
        "error: `--tuner=hyperband` on many machines needs a --logdir that all of them "
        "mount, as one goes on from another's checkpoint. Received: "
        "--logdir=memory://logs. Choose another --tuner or --logdir.\n"
    )


def test_what_cannot_be_copied_is_said_and_stays_here(
    logdir, monkeypatch, caplog, tmp_path
):
    def send_file(path, target):
        raise OSError("no route to host")

    monkeypatch.setattr(folders, "send_file", send_file)
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(LostCopyError) as lost,
        mirrored_logdir(logdir, resumed_run=None),
    ):
        for name in "abcdef":
            (local_logdir(logdir) / name).write_text(json.dumps(name))
        local = local_logdir(logdir)

    assert [record.message for record in caplog.records] == [
        f"The record of the runs in {logdir} cannot be written (no route to host). "
        "Training goes on; the record will be written as soon as that is possible.",
        f"Not all of the record of the runs is in {logdir}: a, b, c, d, e, ... could "
        f"not be copied there. It is in {local} on this machine; copy it by hand.",
    ]
    assert str(lost.value) == (
        f"All files must be copied to --logdir={logdir}. Received: some that could not "
        f"be, as said above. All are in {local} on this machine: copy them from there."
    )
    assert len(list(local.iterdir())) == 6
