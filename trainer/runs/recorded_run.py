"""What was recorded of a run, read once for all that is made of it at its end."""

import pathlib

from lr_plugin import read_run
from lr_plugin.reader.read_run import RunRecord


def read_recorded(folder: pathlib.Path) -> RunRecord | None:
    """Reads the record of a run; None where there is none, as on a full disk."""
    try:
        return read_run(folder)
    except (OSError, ValueError):
        return None
