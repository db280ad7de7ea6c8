"""How the tests start TensorBoard as another process."""

import contextlib
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

STARTUP_SECS = 90

# Each is a copy of a process that has imported TensorBoard, which is half of a start.
_COPIES = multiprocessing.get_context("forkserver")
_COPIES.set_forkserver_preload(
    ["tensorboard.main", "tensorboard.data.server_ingester", "lr_plugin.plugin"]
)


@contextlib.contextmanager
def start_tensorboard(*flags: str, with_tensorflow: bool = False) -> Iterator[str]:
    """Runs `tensorboard` on a free port; gives its address.

    Args:
        flags: As on the command line. A port among them is taken instead.
        with_tensorflow: Whether it may import TensorFlow, which takes most of its time.
    """
    with tempfile.TemporaryDirectory() as directory:
        log = Path(directory) / "log"
        log.touch()
        arguments = (["--port=0", *flags], log, with_tensorflow)
        process = _COPIES.Process(target=_run, args=arguments, daemon=True)
        process.start()
        try:
            yield _wait_for_address(process, log)
        finally:
            process.terminate()
            process.join(timeout=20)


def _run(flags: list[str], log: Path, with_tensorflow: bool) -> None:
    with log.open("w") as output:
        os.dup2(output.fileno(), sys.stdout.fileno())
        os.dup2(output.fileno(), sys.stderr.fileno())
    if not with_tensorflow:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    from tensorboard.main import run_main

    sys.argv = ["tensorboard", *flags]
    run_main()


def _wait_for_address(process: multiprocessing.Process, log: Path) -> str:
    deadline = time.monotonic() + STARTUP_SECS
    while time.monotonic() < deadline and process.is_alive():
        if found := re.search(r"at (http://[^/]+)", log.read_text()):
            return found[1]
        time.sleep(0.03)
    raise RuntimeError(f"TensorBoard did not start: {log.read_text()}")
