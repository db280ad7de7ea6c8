"""A folder is one of this machine or elsewhere, and nothing else by mistake."""

import importlib
import pathlib
import sys

import pytest

from lr_plugin.folders import (
    join_folder,
    list_remote_files,
    open_file,
    remove_remote_file,
    resolve_folder,
    resolve_written_folder,
    write_remote_file,
)


def test_home_is_expanded(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")

    assert resolve_folder("~/logs") == "/home/ann/logs"
    assert resolve_folder(pathlib.Path("~/logs")) == "/home/ann/logs"


@pytest.mark.parametrize(
    "folder", ["logs", "/tmp/logs", "C:/logs", "a:b", "logs/s3:x", "", "."]
)
def test_other_folders_of_this_machine_stay_as_they_are(folder):
    assert resolve_folder(folder) == folder


@pytest.mark.parametrize("begin", ["file://", "file://localhost"])
def test_a_file_url_is_a_folder_of_this_machine(begin):
    assert resolve_folder(f"{begin}/tmp/logs") == "/tmp/logs"


def test_a_file_url_of_pathlib_is_the_folder_it_was_made_of():
    folder = pathlib.Path("/tmp/my logs/100%")
    assert resolve_folder(folder.as_uri()) == str(folder)


@pytest.mark.parametrize("url", ["file://logs/a", "file://~/logs", "file://"])
def test_a_file_url_without_a_whole_path_is_refused(url):
    with pytest.raises(ValueError) as refused:
        resolve_folder(url)
    assert str(refused.value) == (
        f"`logdir` must have its whole path behind file://. Received: {url}. Write "
        "file:///home/ann/logs, or the path alone."
    )


def test_a_scheme_alone_is_no_folder():
    pytest.importorskip("fsspec")
    for url in ("memory://", "memory:///"):
        with pytest.raises(ValueError) as refused:
            resolve_folder(url)
        assert str(refused.value) == (
            f"`logdir` must name a folder behind memory://. Received: {url}. Add it, "
            "as in s3://bucket/logs."
        )


def test_a_web_server_takes_no_files():
    pytest.importorskip("aiohttp")
    url = "http://host/logs"
    assert resolve_folder(url) == url
    with pytest.raises(ValueError) as refused:
        resolve_written_folder(url, name="--logdir")
    assert str(refused.value) == (
        "`--logdir` must be a folder that takes files. Received: http://host/logs, and "
        "a web server takes none. Name a folder of this machine, or a bucket such as "
        "s3://bucket/logs."
    )


def test_a_package_that_is_imported_late_is_asked_for_at_once(monkeypatch):
    pytest.importorskip("fsspec")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(
        ImportError, match=r"needs the package for hdfs://.*fsspec\[hdfs\]"
    ):
        resolve_folder("hdfs://host/logs")


def test_a_url_that_pathlib_has_spoilt_is_refused():
    with pytest.raises(ValueError) as refused:
        resolve_folder(pathlib.PurePosixPath("s3://bucket/logs"))
    assert str(refused.value) == (
        "`logdir` must have two slashes behind its scheme. Received: s3:/bucket/logs. "
        "Give it as text: pathlib joins the slashes to one."
    )


def test_remote_folders_need_fsspec(monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ImportError) as refused:
        resolve_folder("s3://bucket/logs")
    assert str(refused.value) == (
        "`logdir` elsewhere needs fsspec, which cannot be imported here. Received: "
        "s3://bucket/logs. Install it with `pip install "
        "'tensorboard-plugin-lr[remote]'`."
    )


def test_a_scheme_needs_its_package(monkeypatch):
    pytest.importorskip("fsspec")
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(ImportError) as refused:
        resolve_folder("gs://bucket/logs", name="--logdir")
    assert str(refused.value) == (
        "`--logdir` needs the package for gs://, which cannot be imported here (Please "
        "install gcsfs to access Google Storage). Received: gs://bucket/logs. Install "
        "it with `pip install gcsfs`."
    )


@pytest.mark.parametrize("folder", ["s4://bucket", "S3://bucket", "a::s3://bucket"])
def test_an_unknown_scheme_is_refused(folder):
    pytest.importorskip("fsspec")
    with pytest.raises(ValueError) as refused:
        resolve_folder(folder)
    assert str(refused.value) == (
        "`logdir` must be on this machine, or where fsspec knows the way, such as "
        f"s3://bucket/logs. Received: {folder}. Correct what is before ://."
    )


def test_names_are_joined_as_each_kind_does(tmp_path):
    assert join_folder(str(tmp_path), "a", "b") == str(tmp_path / "a" / "b")
    assert join_folder("s3://bucket/", "a", "b") == "s3://bucket/a/b"


def test_files_elsewhere_are_written_listed_read_and_removed():
    pytest.importorskip("fsspec")
    folder = "memory://test_folders/x"
    write_remote_file(f"{folder}/b", b"12345")
    write_remote_file(f"{folder}/a", b"")
    write_remote_file(f"{folder}/below/c", b"1")

    assert list_remote_files(folder) == {f"{folder}/a": 0, f"{folder}/b": 5}
    with open_file(f"{folder}/b") as file:
        file.seek(3)
        assert file.read(1) == b"4"
    remove_remote_file(f"{folder}/b")
    assert list_remote_files(folder) == {f"{folder}/a": 0}
    assert list_remote_files("memory://test_folders/none") == {}


def test_a_local_folder_needs_no_fsspec():
    loaded = importlib.util.find_spec("fsspec") and "fsspec" in sys.modules
    resolve_folder("logs")
    assert ("fsspec" in sys.modules) == bool(loaded)
