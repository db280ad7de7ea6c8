"""Writes every row of every run to files: `python -m lr_plugin.export LOGDIR`.

Recorded runs and those of other programs alike: what the tab's CSV links give, for a
whole log directory and without a server. Rows are read and written in pieces, so that a
run may be larger than memory. Of a log directory elsewhere, such as s3://bucket/logs,
the event files are fetched first.
"""

import argparse
import contextlib
import functools
import importlib
import importlib.util
import os
import pathlib
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext

from lr_plugin import folders, metadata
from lr_plugin.reader.csv_text import format_rows
from lr_plugin.reader.places.fetch import fetched_logdir
from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope
from lr_plugin.rows import Rows, select_columns
from lr_plugin.whole_file import replace_file

Write = Callable[..., None]


def main(args: list[str] | None = None) -> int:
    """Parses the command line and writes the files; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m lr_plugin.export",
        description="Writes every row of every run to a file of its own.",
    )
    parser.add_argument("logdir", help="what TensorBoard is given as --logdir")
    parser.add_argument(
        "--format", choices=sorted(_WRITERS), default="csv", help="default: csv"
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        default="export",
        help="where the files go, created if needed (default: export)",
    )
    options = parser.parse_args(args)
    try:
        logdir = folders.resolve_folder(options.logdir, name="LOGDIR")
        output = folders.resolve_folder(options.output, name="--output")
    except (ImportError, ValueError) as error:
        parser.error(str(error))
    if folders.is_remote(output):
        parser.error(
            "--output must be a folder of this machine. Received: "
            f"{options.output!r}. Copy the files from here to there."
        )
    if not folders.is_remote(logdir) and not os.path.isdir(logdir):
        parser.error(
            "LOGDIR must be an existing folder with runs. Received: "
            f"{options.logdir!r}. Check its name."
        )
    if options.format == "parquet" and not _has_pyarrow():
        parser.error(
            "--format=parquet needs pyarrow, which cannot be imported here. Install it "
            "with `pip install pyarrow`, or use --format=csv."
        )
    try:
        paths = export_runs(logdir, output, file_format=options.format)
    except OSError as error:
        parser.error(
            f"LOGDIR must be readable, and --output writable. Received: {error}. "
            "Correct their names, or what gives access to them."
        )
    if not paths:
        print(f"There is no run with a rate or a loss in {options.logdir}.")
        return 1
    files = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    print(f"Wrote {files} to {options.output}.")
    return 0


def export_runs(logdir: str, output: str, *, file_format: str = "csv") -> list[str]:
    """Writes every run of a log directory to `<output>/<run>.<file_format>`.

    What cannot be read is said on stderr.

    Args:
        logdir: Also elsewhere, such as s3://bucket/logs: then there must be room here
            for its event files, which are removed at the end.
        file_format: "csv", as the tab writes it, or "parquet", with `step` as int64,
            `wall_time` as float64 and all others as they were recorded.

    Returns:
        The paths of the files.

    Raises:
        OSError: A file cannot be written, or fetched.
    """
    logdir = folders.resolve_folder(logdir)
    if folders.is_remote(logdir):
        with fetched_logdir(logdir) as directory:
            return export_runs(directory, output, file_format=file_format)
    logdir = os.path.abspath(logdir)
    reader, scope = _open(logdir), Scope(RequestContext(), "")
    found = reader.list_runs(scope)
    for notice in found["notices"]:
        print(notice, file=sys.stderr)
    paths = []
    for run in [summary["run"] for summary in found["runs"]]:
        name = os.path.basename(logdir) if run == "." else run
        path = os.path.join(output, f"{name}.{file_format}")
        columns, pieces = reader.export_rows(scope, run)
        write = functools.partial(_WRITERS[file_format], columns=columns, pieces=pieces)
        replace_file(pathlib.Path(path), write)
        paths.append(path)
    return paths


def _open(logdir: str) -> LearningRateReader:
    """Loads what TensorBoard loads with its Python loader, but no rows."""
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance={"tensors": 10},
        tensor_size_guidance={
            "scalars": 1000,
            metadata.PLUGIN_NAME: 0,
            metadata.RAW_PLUGIN_NAME: 1,
        },
    )
    multiplexer.AddRunsFromDirectory(logdir)
    multiplexer.Reload()
    return LearningRateReader(
        data_provider.MultiplexerDataProvider(multiplexer, logdir),
        directories=RunDirectories(logdir=logdir, logdir_spec=None),
        max_kept_blocks=1,
    )


def _write_csv(
    path: pathlib.Path, columns: Sequence[str], pieces: Iterable[Rows]
) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.writelines(format_rows(columns, pieces))


def _write_parquet(
    path: pathlib.Path, columns: Sequence[str], pieces: Iterable[Rows]
) -> None:
    arrow = importlib.import_module("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    table_schema = None
    with contextlib.ExitStack() as stack:
        writer: Any = None
        for rows in pieces:
            chosen = select_columns(rows, columns)
            if table_schema is None:
                table_schema = arrow.table(chosen).schema
                writer = stack.enter_context(parquet.ParquetWriter(path, table_schema))
            writer.write_table(arrow.table(chosen, schema=table_schema))


def _has_pyarrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None


_WRITERS: dict[str, Write] = {"csv": _write_csv, "parquet": _write_parquet}

if __name__ == "__main__":
    sys.exit(main())
