"""Files of whole log directories, compared with what is in the event files."""

import csv
import resource
import sys

import numpy as np
import pyarrow.parquet
import pytest
from scalar_files import write_scalars

from lr_plugin import RunWriter, export, read_run


@pytest.fixture
def logdir(tmp_path):
    for name, count in (("a/one", 3000), ("two", 5)):
        with RunWriter(tmp_path / "logs" / name) as run:
            steps = np.arange(count)
            run.write_rows(
                {
                    "step": steps,
                    "learning_rate": 0.1 / (1 + steps),
                    "loss": np.where(steps == 3, np.nan, 1 / 3),
                    "accuracy": steps / count,
                }
            )
    return tmp_path / "logs"


@pytest.mark.slow
def test_every_row_of_every_run_is_there(logdir, tmp_path):
    assert export.main([str(logdir), f"--output={tmp_path / 'out'}"]) == 0

    files = sorted(
        str(p.relative_to(tmp_path / "out")) for p in tmp_path.glob("out/**/*.*")
    )
    assert files == ["a/one.csv", "two.csv"]
    for name in ("a/one", "two"):
        rows = read_run(logdir / name)
        with open(tmp_path / "out" / f"{name}.csv", newline="") as file:
            header, *lines = csv.reader(file)
        columns = dict(zip(header, zip(*lines, strict=True), strict=True))
        assert set(columns) == set(rows)
        for column in ("step", "learning_rate", "loss", "accuracy", "applied"):
            found = np.array(columns[column], rows[column].dtype)
            np.testing.assert_array_equal(found, rows[column])


@pytest.mark.slow
def test_parquet_keeps_the_types(logdir, tmp_path):
    export.main([str(logdir), "--format=parquet", f"--output={tmp_path / 'out'}"])

    table = pyarrow.parquet.read_table(tmp_path / "out" / "a" / "one.parquet")
    rows = read_run(logdir / "a" / "one")
    assert len(table) == 3000
    for column in ("step", "learning_rate", "loss", "accuracy"):
        found = table[column].to_numpy()
        assert found.dtype == rows[column].dtype
        np.testing.assert_array_equal(found, rows[column])
    assert table["wall_time"].to_numpy().dtype == np.float64


@pytest.mark.slow
def test_runs_of_other_programs_are_there_too(logdir, tmp_path, capsys):
    write_scalars(
        logdir / "other",
        [(i, {"lr": 0.1 / (1 + i), "train_loss": 1 / (1 + i)}) for i in range(1500)],
    )

    export.main([str(logdir), f"--output={tmp_path / 'out'}"])

    assert capsys.readouterr().out == f"Wrote 3 files to {tmp_path / 'out'}.\n"
    with open(tmp_path / "out" / "other.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1500))
    losses = np.array([row["loss"] for row in rows], np.float32)
    np.testing.assert_array_equal(losses, np.float32(1 / (1 + np.arange(1500))))


def test_run_in_the_folder_itself_has_its_name(logdir, tmp_path):
    export.main([str(logdir / "two"), f"--output={tmp_path}"])
    assert len((tmp_path / "two.csv").read_text().splitlines()) == 6


@pytest.mark.slow
def test_runs_of_a_folder_elsewhere_are_there_too(logdir, tmp_path, monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    for path in logdir.rglob("*tfevents*"):
        files.put_file(str(path), f"/exported/{path.relative_to(logdir)}")
    files.pipe_file("/exported/../../hostile.tfevents.1", b"")
    kept = tmp_path / "kept"
    kept.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(kept))

    assert export.main([str(logdir), f"--output={tmp_path / 'here'}"]) == 0
    assert export.main(["memory://exported/", f"--output={tmp_path / 'there'}"]) == 0
    export.main(["memory://exported/two", f"--output={tmp_path / 'there'}"])

    for name in ("a/one.csv", "two.csv"):
        here, there = (
            (tmp_path / each / name).read_bytes() for each in ("here", "there")
        )
        assert here == there
    assert not list(kept.iterdir())


def test_folder_without_runs_is_said(tmp_path, capsys):
    assert export.main([str(tmp_path)]) == 1
    text = f"There is no run with a rate or a loss in {tmp_path}.\n"
    assert capsys.readouterr().out == text


def test_help_says_what_is_written(capsys):
    with pytest.raises(SystemExit):
        export.main(["--help"])
    assert (
        "Writes every row of every run to a file of its own." in capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["missing"],
            "LOGDIR must be an existing folder with runs. Received: 'missing'",
        ),
        (
            ["memory://export", "--output=memory://files"],
            "--output must be a folder of this machine. Received: 'memory://files'. "
            "Copy the files from here to there.",
        ),
        (
            ["memory://nothing/there"],
            "LOGDIR must be readable, and --output writable. Received: memory://nothing"
            "/there cannot be reached: no network. Correct their names, or what gives "
            "access to them.",
        ),
        (
            ["memory://"],
            "`LOGDIR` must name a folder behind memory://. Received: memory://. Add "
            "it, as in s3://bucket/logs.",
        ),
        ([".", "--format=xlsx"], "invalid choice: 'xlsx'"),
        (
            [".", "--format=parquet"],
            "--format=parquet needs pyarrow, which cannot be imported here. Install it "
            "with `pip install pyarrow`, or use --format=csv.",
        ),
    ],
)
def test_wrong_arguments_are_one_sentence(arguments, message, capsys, monkeypatch):
    pytest.importorskip("fsspec")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setattr(
        "fsspec.implementations.memory.MemoryFileSystem.find", no_network
    )
    with pytest.raises(SystemExit):
        export.main(arguments)
    assert message in " ".join(capsys.readouterr().err.split())


def no_network(*args, **kwargs):
    raise RuntimeError("no network")


def test_file_that_cannot_be_finished_is_not_there(logdir, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            export.export_runs(str(logdir), str(tmp_path / "out"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not [path for path in tmp_path.glob("out/**/*") if path.is_file()]
