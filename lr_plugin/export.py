"""Writes every row of every run to files: `python -m lr_plugin.export LOGDIR`.

Recorded runs and those of other programs alike: what the tab's CSV links give, for a
whole log directory and without a server. Rows are read and written in pieces, so that a
run may be larger than memory.
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

from lr_plugin import metadata
from lr_plugin.reader.csv_text import format_rows
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
    if not os.path.isdir(os.path.expanduser(options.logdir)):
        parser.error(
            "LOGDIR must be an existing folder with runs. Received: "
            f"{options.logdir!r}. Check its name."
        )
    if options.format == "parquet" and not _has_pyarrow():
        parser.error(
            "--format=parquet needs pyarrow, which cannot be imported here. Install it "
            "with `pip install pyarrow`, or use --format=csv."
        )
    paths = export_runs(options.logdir, options.output, file_format=options.format)
    if not paths:
        print(f"There is no run with a rate or a loss in {options.logdir}.")
        return 1
    print(f"Wrote {len(paths)} files to {options.output}.")
    return 0


def export_runs(logdir: str, output: str, *, file_format: str = "csv") -> list[str]:
    """Writes every run of a log directory to `<output>/<run>.<file_format>`.

    What cannot be read is said on stderr.

    Args:
        file_format: "csv", as the tab writes it, or "parquet", with `step` as int64,
            `wall_time` as float64 and all others as they were recorded.

    Returns:
        The paths of the files.

    Raises:
        OSError: A file cannot be written.
    """
    logdir = os.path.abspath(os.path.expanduser(logdir))
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
