"""Starts TensorBoard and a browser for the browser tests."""

import contextlib
import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tensorboard_program import STARTUP_SECS, start_tensorboard

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "lr_plugin" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
BUNDLE = ROOT / "lr_plugin" / "static" / "index.js"

# A page that only shows what a local server sends needs none of the browser's own
# connections, and root needs to do without its sandbox.
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Server:
    """A running TensorBoard; `address` ends without a slash."""

    def __init__(self, address: str):
        self.address = address

    def get(self, route: str) -> bytes:
        url = f"{self.address}/data/plugin/learning_rate/{route}"
        with urllib.request.urlopen(url, timeout=30) as response:
            return response.read()

    def wait_for_runs(self, num_runs: int) -> None:
        deadline = time.monotonic() + STARTUP_SECS
        while time.monotonic() < deadline:
            runs = json.loads(self.get("runs"))["runs"]
            if len(runs) == num_runs:
                return
            time.sleep(0.2)
        raise TimeoutError(f"Expected {num_runs} runs. Received: {runs}.")


@contextlib.contextmanager
def serve(
    logdir: Path,
    *,
    load_fast: bool,
    num_runs: int,
    port: int = 0,
    reload_interval: int = 1,
) -> Iterator[Server]:
    """Serves `logdir` with RustBoard or with the Python loader.

    Args:
        num_runs: To wait for before the caller goes on.
        port: A free one if 0.
        reload_interval: In seconds; TensorBoard's own default is 5.
    """
    if not BUNDLE.exists():
        raise FileNotFoundError(
            f"The browser code must be built before it is tested. Missing: {BUNDLE}. "
            "Run `make test`, or `npm ci && node build.mjs` in lr_plugin/frontend."
        )
    flags = [
        *(f"--logdir={logdir}", "--host=127.0.0.1", f"--port={port}"),
        f"--reload_interval={reload_interval}",
        f"--load_fast={'true' if load_fast else 'false'}",
    ]
    with start_tensorboard(*flags) as address:
        server = Server(address)
        server.wait_for_runs(num_runs)
        yield server
