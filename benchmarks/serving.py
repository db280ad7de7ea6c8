"""How fast a million iterations are served, and hundreds of such runs.

    python benchmarks/serving.py [--num_runs=300] [--zoom_secs=60] [--loaders=fast]

Starts a real `tensorboard` with each of its loaders: on one run of a million iterations
recorded by this package, on the same run as stock scalars, and on many recorded runs.
What is asked of this plugin is checked against the rows that were written. Times are
those of whole HTTP requests. Writing takes about two minutes, and 14 MB for each run.
"""

import argparse
import concurrent.futures
import contextlib
import itertools
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

from lr_plugin.schema import RunInfo
from lr_plugin.writer import RunWriter

NUM_STEPS = 1_000_000
SPIKE_STEP, SPIKE_LOSS = 777_777, 93.0
NUM_REPEATS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--num_runs", type=int, default=300)
    parser.add_argument("--zoom_secs", type=float, default=60.0)
    parser.add_argument("--loaders", default="fast,python")
    parser.add_argument("--logdir", help="where runs are written, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        logdir = Path(options.logdir or temporary)
        write_runs(logdir, options.num_runs)
        for loader in options.loaders.split(","):
            measure_one_run(logdir / "one", loader)
            measure_stock(logdir / "stock", loader)
            measure_many_runs(
                logdir / "many", loader, options.num_runs, options.zoom_secs
            )


def measure_one_run(logdir: Path, loader: str) -> None:
    """Measures a single recorded run."""
    with serve(logdir, loader) as server:
        load_secs = server.wait_for(lambda: count_loaded(server) == 1)
        cold_secs, series = timed(lambda: server.series("run000"))
        warm = [timed(lambda: server.series("run000"))[0] for _ in range(NUM_REPEATS)]
        assert series[2].max() == SPIKE_LOSS
        assert series[0][series[2].argmax()] == SPIKE_STEP
        zooms = [timed(lambda: zoom(server, "run000")) for _ in range(NUM_REPEATS)]
        show(loader, "this plugin, 1 run of 1M: loaded after", load_secs, "s")
        show(loader, "  series of 2000 points, cold", 1000 * cold_secs, "ms", 300)
        warm_ms = 1000 * statistics.median(warm)
        show(loader, "  series of 2000 points, warm", warm_ms, "ms", 20)
        show(loader, "  bytes of that answer", series.nbytes / 1000, "kB", 100)
        worst = 1000 * max(secs for secs, _ in zooms)
        show(loader, "  zoom to 100 iterations, exact, slowest", worst, "ms", 150)


def measure_stock(logdir: Path, loader: str) -> None:
    """Measures the stock plugins on a million points of two scalars."""
    tags = ("learning_rate", "batch_loss")
    with serve(logdir, loader) as server:

        def is_loaded() -> bool:
            found = server.get("scalars/scalars", run="run000", tag="batch_loss")
            return json.loads(found)[-1][1] == NUM_STEPS - 1

        load_secs = server.wait_for(is_loaded)
        show(loader, "stock plugins, 1 run of 1M: loaded after", load_secs, "s")
        for name, ask in (
            (
                "Scalars",
                lambda tag: server.get("scalars/scalars", run="run000", tag=tag),
            ),
            ("Time Series", lambda tag: server.time_series("run000", tag)),
        ):
            secs, answers = timed(lambda ask=ask: [ask(tag) for tag in tags])
            show(loader, f"  {name}, both tags, 1000 points", 1000 * secs, "ms")
            show(
                loader, "  bytes of these answers", sum(map(len, answers)) / 1000, "kB"
            )
            has_spike = any(point == SPIKE_LOSS for point in read_values(answers[1]))
            print(f"{loader:7}   {name} shows the spike: {has_spike}")


def read_values(answer: bytes) -> list[float]:
    """Takes the values out of an answer of either of the stock plugins."""
    found = json.loads(answer)
    if isinstance(found[0], dict):
        (series,) = found[0]["runToSeries"].values()
        return [point["value"] for point in series]
    return [value for _, _, value in found]


def measure_many_runs(
    logdir: Path, loader: str, num_runs: int, zoom_secs: float
) -> None:
    """Measures many recorded runs, and the stock plugins on their thinned scalars."""
    with tempfile.TemporaryDirectory() as empty, serve(Path(empty), loader) as server:
        server.get("learning_rate/runs")
        show(loader, "no runs: memory", server.memory_mb(), "MB")
    names = [f"run{i:03d}" for i in range(num_runs)]
    with serve(logdir, loader) as server:
        # Asked of the stock plugin, so that ours has read nothing yet.
        load_secs = server.wait_for(lambda: are_scalars_loaded(server, names))
        show(loader, f"{num_runs} runs of 1M: loaded after", load_secs, "s")
        show(loader, "  memory, loaded", server.memory_mb(), "MB")
        drawn_secs, _ = timed(lambda: draw_all(server, names))
        show(loader, "  listed, and all overviews drawn", drawn_secs, "s", 5)
        drawn_secs, _ = timed(lambda: draw_all(server, names))
        show(loader, "  again", drawn_secs, "s")
        zooms = []
        for name in random.Random(0).sample(names, min(50, num_runs)):
            zooms.append(timed(lambda name=name: zoom(server, name))[0])
        median, worst = statistics.median(zooms), max(zooms)
        show(loader, "  first zoom to 100 in a run, median", 1000 * median, "ms", 150)
        show(loader, "  first zoom to 100 in a run, slowest", 1000 * worst, "ms", 150)
        for name in names:
            zoom(server, name)
        show(loader, "  memory, all runs zoomed into", server.memory_mb(), "MB", 1000)
        measure_clients(server, loader, names, zoom_secs)
        show(loader, "  memory, at the end", server.memory_mb(), "MB", 1000)
        for name, ask in (
            (
                "Scalars",
                lambda run: server.get(
                    "scalars/scalars", run=f"{run}/learning_rate", tag="batch_loss"
                ),
            ),
            (
                "Time Series",
                lambda run: server.time_series(f"{run}/learning_rate", "batch_loss"),
            ),
        ):
            secs, _ = timed(lambda ask=ask: in_parallel(ask, names))
            show(loader, f"  stock {name}, 1 tag of each run, 1000 points", secs, "s")


def count_loaded(server: "Server") -> int:
    found = json.loads(server.get("learning_rate/runs"))["runs"]
    return sum(run["num_iterations"] == NUM_STEPS for run in found)


def are_scalars_loaded(server: "Server", names: list[str]) -> bool:
    # The last of the thinned scalars is at the last multiple of 1024.
    last_step = (NUM_STEPS - 1) // 1024 * 1024
    runs = [f"{name}/learning_rate" for name in names]
    body = urllib.parse.urlencode({"tag": "batch_loss", "runs": runs}, doseq=True)
    found = json.loads(server.post("scalars/scalars_multirun", body))
    return len(found) == len(names) and all(
        points[-1][1] == last_step for points in found.values()
    )


def draw_all(server: "Server", names: list[str]) -> None:
    assert count_loaded(server) == len(names)
    for series in in_parallel(server.series, names):
        assert series[2].max() == SPIKE_LOSS


def in_parallel(ask: Callable, names: list[str]) -> list:
    # A browser has six connections to a host.
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        return list(pool.map(ask, names))


def zoom(server: "Server", name: str) -> None:
    """Zooms to 100 iterations anywhere and checks each of them."""
    start = random.randrange(NUM_STEPS - 100)
    steps, rates, losses = server.series(name, start=start, stop=start + 100)
    expected = np.arange(start, start + 100)
    np.testing.assert_array_equal(steps, expected)
    np.testing.assert_array_equal(rates, rate_at(expected))
    np.testing.assert_array_equal(losses, loss_at(expected))


def measure_clients(
    server: "Server", loader: str, names: list[str], num_secs: float
) -> None:
    """Lets 4 clients zoom in and out of random runs."""
    deadline = time.monotonic() + num_secs

    def run_client(seed: int) -> list[float]:
        choose, times = random.Random(seed), []
        while time.monotonic() < deadline:
            width = int(10 ** choose.uniform(1, 6))
            start = choose.randrange(NUM_STEPS - width + 1)
            window = {"start": start, "stop": start + width}
            name = choose.choice(names)
            secs, series = timed(lambda: server.series(name, **window))  # noqa: B023
            assert series[0][0] == start and series[0][-1] == start + width - 1
            times.append(secs)
        return times

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        times = sorted(itertools.chain(*pool.map(run_client, range(4))))
    show(loader, f"  4 clients zoom for {num_secs:.0f} s: requests", len(times), "")
    show(loader, "  median", 1000 * times[len(times) // 2], "ms")
    show(loader, "  99th percentile", 1000 * times[int(0.99 * len(times))], "ms", 500)


class Server:
    """A `tensorboard` process."""

    def __init__(self, process: subprocess.Popen, address: str):
        self._process = process
        self._address = address
        self._started = time.perf_counter()

    def get(self, route: str, **query: object) -> bytes:
        text = urllib.parse.urlencode(query)
        with urllib.request.urlopen(f"{self._address}data/plugin/{route}?{text}") as r:
            return r.read()

    def post(self, route: str, body: str) -> bytes:
        url = f"{self._address}data/plugin/{route}"
        with urllib.request.urlopen(url, data=body.encode()) as response:
            return response.read()

    def series(self, run: str, **query: object) -> np.ndarray:
        answer = self.get("learning_rate/series", run=run, **query)
        return np.frombuffer(answer, "<f8").reshape(3, -1)

    def time_series(self, run: str, tag: str) -> bytes:
        requests = [{"plugin": "scalars", "tag": tag, "run": run}]
        return self.get("timeseries/timeSeries", requests=json.dumps(requests))

    def wait_for(self, is_done: Callable[[], bool]) -> float:
        """Waits until it answers as it should; gives the seconds since its start."""
        while True:
            try:
                if is_done():
                    return time.perf_counter() - self._started
            except (OSError, LookupError):
                pass
            assert self._process.poll() is None, "The server ended."
            time.sleep(2)

    def memory_mb(self) -> float:
        """Adds up what the process and its data server hold, on Linux.

        Counted is private memory, without the libraries that are mapped from disk (400
        MB of them where TensorFlow is installed, which TensorBoard then imports).
        """
        pids = [self._process.pid]
        for pid in pids:
            for task in Path(f"/proc/{pid}/task").iterdir():
                # A thread may end meanwhile.
                with contextlib.suppress(FileNotFoundError):
                    pids += map(int, (task / "children").read_text().split())
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
            # It says goodbye on a pipe that must still be open.
            process.communicate()


def timed(ask: Callable) -> tuple[float, object]:
    start = time.perf_counter()
    answer = ask()
    return time.perf_counter() - start, answer


def show(loader: str, what: str, value: float, unit: str, target: float = 0) -> None:
    limit = f"(target: {target:g})" if target else ""
    print(f"{loader:7} {what:52} {value:10.1f} {unit:3} {limit}", flush=True)


def rate_at(steps: np.ndarray) -> np.ndarray:
    return (5e-4 * (1 + np.cos(np.pi * steps / NUM_STEPS))).astype(np.float32)


def loss_at(steps: np.ndarray) -> np.ndarray:
    noise = np.sin(steps * 12.9898) * 43758.5453 % 1
    losses = (2 * np.exp(-steps / 2e5) + 0.1 * noise).astype(np.float32)
    return np.where(steps == SPIKE_STEP, np.float32(SPIKE_LOSS), losses)


def write_runs(logdir: Path, num_runs: int) -> None:
    """Writes what is not there yet: one run, copies of it, and the same as scalars."""
    source = logdir / "one" / "run000"
    if not source.exists():
        with RunWriter(source) as writer:
            writer.write_run_info(RunInfo(steps_per_epoch=10_000, epochs=100))
            for begin in range(0, NUM_STEPS, 50_000):
                steps = np.arange(begin, begin + 50_000)
                rows = {"learning_rate": rate_at(steps), "loss": loss_at(steps)}
                writer.write_rows({"step": steps, **rows, "step_size": rate_at(steps)})
    for i in range(num_runs):
        copy = logdir / "many" / f"run{i:03d}"
        if not copy.exists():
            shutil.copytree(source, copy)
    if not (logdir / "stock").exists():
        write_scalars(logdir / "stock" / "run000")


def write_scalars(directory: Path) -> None:
    """Writes every iteration as two stock scalars, as `tf.summary.scalar` would."""
    os.makedirs(directory)
    steps = np.arange(NUM_STEPS)
    columns = {"learning_rate": rate_at(steps), "batch_loss": loss_at(steps)}
    with open(directory / "events.out.tfevents.0.stock", "wb") as file:
        records = RecordWriter(file)
        for step in steps.tolist():
            for tag, values in columns.items():
                value = summary_pb2.Summary.Value(
                    tag=tag,
                    metadata=scalar_metadata.create_summary_metadata(tag, ""),
                    tensor=tensor_util.make_tensor_proto(values[step]),
                )
                summary = summary_pb2.Summary(value=[value])
                event = event_pb2.Event(wall_time=step, step=step, summary=summary)
                records.write(event.SerializeToString())


if __name__ == "__main__":
    main()
