"""Runs are found in the log directory, and nothing outside of it is read."""

import os
import sys

import pytest

from lr_plugin.reader.run_directories import RunDirectories


@pytest.fixture
def logdir(tmp_path):
    (tmp_path / "logs" / "run1" / "learning_rate").mkdir(parents=True)
    (tmp_path / "outside" / "learning_rate").mkdir(parents=True)
    return tmp_path / "logs"


def test_a_run_lies_below_the_log_directory(logdir):
    directories = RunDirectories(logdir=str(logdir))

    found = directories.find("run1/learning_rate")

    assert found == os.path.realpath(logdir / "run1" / "learning_rate")
    assert directories.find(".") == os.path.realpath(logdir)


@pytest.mark.parametrize(
    "run", ["none", "../outside/learning_rate", "/etc", "run1/../../outside"]
)
def test_what_is_not_below_it_is_not_found(logdir, run):
    assert RunDirectories(logdir=str(logdir)).find(run) is None


def test_a_link_that_leads_outside_is_not_followed(logdir):
    (logdir / "link").symlink_to(logdir.parent / "outside")
    (logdir / "inner").symlink_to(logdir / "run1")
    directories = RunDirectories(logdir=str(logdir))

    assert directories.find("link/learning_rate") is None
    assert directories.find("inner/learning_rate") is not None


def test_the_log_directory_itself_may_be_a_link(logdir, tmp_path):
    (tmp_path / "link").symlink_to(logdir)

    assert RunDirectories(logdir=str(tmp_path / "link")).find("run1") is not None


def test_a_directory_whose_name_only_begins_alike_is_outside(logdir):
    (logdir.parent / "logs2" / "run1").mkdir(parents=True)

    assert RunDirectories(logdir=str(logdir)).find("../logs2/run1") is None


def test_groups_of_a_spec_name_their_runs(logdir, tmp_path):
    spec = f"mine:{logdir},{tmp_path / 'outside'}"
    directories = RunDirectories(logdir_spec=spec)

    found = directories.find("mine/run1/learning_rate")
    assert found == os.path.realpath(logdir / "run1" / "learning_rate")
    assert directories.find("mine") == os.path.realpath(logdir)
    assert directories.find("learning_rate") == os.path.realpath(
        tmp_path / "outside" / "learning_rate"
    )


def test_a_name_that_two_directories_have_is_not_guessed(logdir, tmp_path):
    (tmp_path / "outside" / "run1").mkdir()
    spec = f"{logdir},{tmp_path / 'outside'}"

    assert RunDirectories(logdir_spec=spec).find("run1") is None


@pytest.mark.parametrize(
    "flags", [{"logdir": "gs://bucket/logs"}, {"logdir_spec": "a:gs://bucket/logs"}]
)
def test_directories_that_cannot_be_reached_are_left_to_tensorboard(
    flags, monkeypatch, caplog
):
    monkeypatch.setitem(sys.modules, "fsspec", None)

    assert RunDirectories(**flags).find("run1") is None
    assert caplog.messages == [
        "Single iterations are not read from there. `--logdir` elsewhere needs fsspec, "
        "which cannot be imported here. Received: gs://bucket/logs. Install it with "
        "`pip install 'tensorboard-plugin-lr[remote]'`."
    ]


def test_without_directories_nothing_is_found():
    assert RunDirectories(logdir=None, logdir_spec=None).find("run1") is None
