"""Starts the trainer as another process, to be interrupted and killed."""

import subprocess
import sys


def start(flags, *more):
    """Starts `python -m trainer` without its output."""
    return subprocess.Popen(
        [sys.executable, "-m", "trainer", *flags, *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
