"""A `tensorboard` process: its routes, its memory, and the time that it takes."""

import contextlib
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from served.long_runs import NUM_STEPS


class Server:
    """A `tensorboard` process."""

    def __init__(self, process: subprocess.Popen, address: str):
        self._process = process
        self.address = address
        self._started = time.perf_counter()

    def get(self, route: str, **query: object) -> bytes:
        text = urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"{self.address}data/plugin/{route}?{text}") as r:
            return r.read()

    def post(self, route: str, body: str) -> bytes:
        url = f"{self.address}data/plugin/{route}"
        with urllib.request.urlopen(url, data=body.encode()) as response:
            return response.read()

    def series(self, run: str, **query: object) -> np.ndarray:
        answer = self.get("learning_rate/series", run=run, **query)
        return np.frombuffer(answer, "<f8").reshape(3, -1)

    def time_series(self, run: str, tag: str) -> bytes:
        requests = [{"plugin": "scalars", "tag": tag, "run": run}]
        return self.get("timeseries/timeSeries", requests=json.dumps(requests))

    def wait_for(self, is_done: Callable[[], bool]) -> float:
        """Waits until `is_done`; returns the seconds since the server's start."""
        while True:
            try:
                if is_done():
                    return time.perf_counter() - self._started
            except (OSError, LookupError):
                pass
            assert self._process.poll() is None, "The server ended."
            time.sleep(2)

    def wait_for_scalars(self, names: list[str]) -> float:
        """Waits for recorded runs of NUM_STEPS, without making this plugin read them.

        It asks the stock plugin for the scalars in the same files.
        """
        # The last of the thinned scalars is at the last multiple of 1024.
        last_step = (NUM_STEPS - 1) // 1024 * 1024
        runs = [f"{name}/learning_rate" for name in names]
        body = urllib.parse.urlencode(
            {"tag": "iteration_loss", "runs": runs}, doseq=True
        )

        def are_loaded() -> bool:
            found = json.loads(self.post("scalars/scalars_multirun", body))
            return len(found) == len(names) and all(
                points[-1][1] == last_step for points in found.values()
            )

        return self.wait_for(are_loaded)

    def wait_for_stock(self, run: str) -> float:
        """Waits for a run of which every iteration is a stock scalar."""

        def is_loaded() -> bool:
            found = self.get("scalars/scalars", run=run, tag="iteration_loss")
            return json.loads(found)[-1][1] == NUM_STEPS - 1

        return self.wait_for(is_loaded)

    def wait_for_runs(self, num_runs: int) -> float:
        """Waits until this plugin lists so many runs."""
        return self.wait_for(
            lambda: len(json.loads(self.get("learning_rate/runs"))["runs"]) == num_runs
        )

    def processor_secs(self) -> float:
        """Gives the processor time of the process without its data server, on Linux."""
        stat = Path(f"/proc/{self._process.pid}/stat").read_text()
        # Behind the name, which may hold spaces, 12th and 13th: user and system time.
        ticks = sum(map(int, stat.rpartition(")")[2].split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Adds up the private memory of the process and its data server, on Linux.

        That is without the libraries that are mapped from disk, which are 400 MB if
        TensorFlow is installed, because TensorBoard then imports it.
        """
        pids = [self._process.pid]
        for pid in pids:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                # A thread may end in the meantime.
                with contextlib.suppress(FileNotFoundError):
                    pids += map(int, (thread / "children").read_text().split())
        statuses = [Path(f"/proc/{pid}/status").read_text() for pid in pids]
        return sum(int(re.search(r"RssAnon:\s+(\d+)", s)[1]) for s in statuses) / 1024


@contextlib.contextmanager
def serve(logdir: Path, loader: str) -> Iterator[Server]:
    """Starts `tensorboard` and gives it as soon as it has a port."""
    flag = {"fast": "true", "python": "false"}[loader]
    command = [
        sys.executable,
        "-m",
        "tensorboard.main",
        "--port=0",
        f"--logdir={logdir}",
    ]
    with subprocess.Popen(
        [*command, f"--load_fast={flag}"], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            for line in process.stderr:
                if found := re.search(r"at (http://\S+/)", line):
                    yield Server(process, found[1])
                    break
            else:
                raise RuntimeError("TensorBoard did not start.")
        finally:
            process.terminate()
            # It still writes to the pipe, which therefore must be open until it ends.
            process.communicate()
