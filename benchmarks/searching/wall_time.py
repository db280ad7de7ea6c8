"""Measures the wall time of one search: alone, and with a chief and workers."""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

_ROOT = pathlib.Path(__file__).resolve().parents[2]


def print_wall_time(*, num_trials: int) -> None:
    """Prints the table of part 2."""
    print(
        f"\nWall time of a search of {num_trials} trials of the digits, 20 epochs, on "
        f"{os.cpu_count()} cores, start of the programs included:"
    )
    with tempfile.TemporaryDirectory() as logdir:
        for name, num_workers in (
            ("one program alone", 0),
            ("chief and 1 worker", 1),
            ("chief and 2 workers", 2),
        ):
            secs = _search(pathlib.Path(logdir), num_trials, num_workers)
            print(f"    {name:<22}{secs:7.0f} s")


def _search(logdir: pathlib.Path, num_trials: int, num_workers: int) -> float:
    names = ["chief", *(f"worker{i + 1}" for i in range(num_workers))]
    port = _free_port()
    started = time.monotonic()
    programs = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "trainer", "--mode=search"),
                *("--learning_rate=1e-4..1e-1", "--epochs=20", "--noretrain_best"),
                *("--nostop_hopeless", f"--max_trials={num_trials}"),
                *(f"--logdir={logdir}", f"--run=workers{num_workers}"),
            ],
            env={**os.environ, **(_variables(name, port) if num_workers else {})},
            cwd=_ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    for program in programs:
        if program.wait() != 0:
            raise RuntimeError(f"A search failed: {program.args}")
    return time.monotonic() - started


def _variables(name: str, port: int) -> dict[str, str]:
    return {
        "KERASTUNER_TUNER_ID": name,
        "KERASTUNER_ORACLE_IP": "127.0.0.1",
        "KERASTUNER_ORACLE_PORT": str(port),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
