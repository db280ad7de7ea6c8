"""Measures how fast a million iterations are served, and hundreds of such runs.

    python benchmarks/serving.py [--num_runs=300] [--zoom_secs=60] [--loaders=fast]

Starts a real `tensorboard` with each of its loaders: on one run of a million iterations
recorded by this package, on the same run as stock scalars, and on many recorded runs.
What this plugin answers is checked against the rows that were written. Times are those
of whole HTTP requests. Writing takes about two minutes, and 14 MB for each run.
"""

import argparse
import concurrent.futures
import itertools
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from served.long_runs import (
    NUM_STEPS,
    SPIKE_LOSS,
    SPIKE_STEP,
    loss_at,
    rate_at,
    write_runs,
)
from served.server import Server, serve
from served.table import show, timed

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
    tags = ("learning_rate", "iteration_loss")
    with serve(logdir, loader) as server:
        load_secs = server.wait_for_stock("run000")
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
        # The stock plugin is asked, so that this one has not read anything yet.
        load_secs = server.wait_for_scalars(names)
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
                    "scalars/scalars", run=f"{run}/learning_rate", tag="iteration_loss"
                ),
            ),
            (
                "Time Series",
                lambda run: server.time_series(
                    f"{run}/learning_rate", "iteration_loss"
                ),
            ),
        ):
            secs, _ = timed(lambda ask=ask: in_parallel(ask, names))
            show(loader, f"  stock {name}, 1 tag of each run, 1000 points", secs, "s")


def count_loaded(server: Server) -> int:
    found = json.loads(server.get("learning_rate/runs"))["runs"]
    return sum(run["num_iterations"] == NUM_STEPS for run in found)


def draw_all(server: Server, names: list[str]) -> None:
    assert count_loaded(server) == len(names)
    for series in in_parallel(server.series, names):
        assert series[2].max() == SPIKE_LOSS


def in_parallel(ask: Callable, names: list[str]) -> list:
    # A browser has six connections to a host.
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        return list(pool.map(ask, names))


def zoom(server: Server, name: str) -> None:
    """Zooms to 100 iterations anywhere and checks each of them."""
    start = random.randrange(NUM_STEPS - 100)
    steps, rates, losses = server.series(name, start=start, stop=start + 100)
    expected = np.arange(start, start + 100)
    np.testing.assert_array_equal(steps, expected)
    np.testing.assert_array_equal(rates, rate_at(expected))
    np.testing.assert_array_equal(losses, loss_at(expected))


def measure_clients(
    server: Server, loader: str, names: list[str], num_secs: float
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


if __name__ == "__main__":
    main()
