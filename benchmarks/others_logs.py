"""Measures how soon the logs of other programs are listed and drawn.

    python benchmarks/others_logs.py [--num_runs=300] [--loaders=fast]

Starts a real `tensorboard` with each of its loaders on many runs of two scalars, rate
and loss at each step, as PyTorch's SummaryWriter writes them, and on one run of a
million steps. What is drawn is checked: every run has a spike at a step of its own,
which TensorBoard's own sample loses. Times are those of whole HTTP requests; the
processor time of the server is the steadier figure on a machine that does other things.
Then the long run grows, and is looked at as often as the page does.
"""

import argparse
import concurrent.futures
import io
import json
import tempfile
import time
from pathlib import Path

import numpy as np
from served.server import Server, serve
from served.table import show, timed
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

LOSS, RATE = "train/loss", "train/lr"
SPIKE_LOSS = 93.0
NUM_STEPS_OF_ONE = 1_000_000
# How often the page asks, and how many points are logged in between.
POLL_SECS, NUM_POLLS, NUM_STEPS_OF_POLL = 3, 8, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--num_runs", type=int, default=300)
    parser.add_argument("--num_steps", type=int, default=10_000)
    parser.add_argument("--loaders", default="fast")
    parser.add_argument("--logdir", help="where runs are written, and kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        logdir = Path(options.logdir or temporary)
        write_runs(logdir / "many", options.num_runs, options.num_steps)
        write_runs(logdir / "one", 1, NUM_STEPS_OF_ONE)
        for loader in options.loaders.split(","):
            measure(logdir / "many", loader, options.num_runs, options.num_steps)
            measure(logdir / "one", loader, 1, NUM_STEPS_OF_ONE)
            measure_growth(logdir / "one", loader)


def measure(logdir: Path, loader: str, num_runs: int, num_steps: int) -> None:
    """Measures the first list of all runs, their drawing, and both again."""
    names = [name_of(i) for i in range(num_runs)]
    with serve(logdir, loader) as server:
        load_secs = server.wait_for(lambda: are_loaded(server, names, num_steps))
        begin = server.processor_secs()
        list_secs, _ = timed(lambda: count_points(server, num_runs, num_steps))
        draw_secs, _ = timed(lambda: draw_all(server, names, num_steps))
        processor_secs = server.processor_secs() - begin
        show(loader, f"{num_runs} runs of {num_steps:,}: loaded after", load_secs, "s")
        show(loader, "  listed the first time", list_secs, "s")
        show(loader, "  all drawn", draw_secs, "s")
        show(loader, "  both", list_secs + draw_secs, "s", 5)
        show(loader, "  both, processor time of the server", processor_secs, "s")
        list_secs, _ = timed(lambda: count_points(server, num_runs, num_steps))
        draw_secs, _ = timed(lambda: draw_all(server, names, num_steps))
        show(loader, "  both again", list_secs + draw_secs, "s")
        show(loader, "  memory of TensorBoard", server.memory_mb(), "MB", 1000)


def measure_growth(logdir: Path, loader: str) -> None:
    """Measures how much of a processor a long run takes that grows while shown."""
    (path,) = (logdir / name_of(0)).iterdir()
    size = path.stat().st_size
    with serve(logdir, loader) as server:
        server.wait_for(lambda: are_loaded(server, [name_of(0)], NUM_STEPS_OF_ONE))
        look_at(server)
        begin, num_steps = server.processor_secs(), NUM_STEPS_OF_ONE
        for _ in range(NUM_POLLS):
            with open(path, "ab") as file:
                for step in range(num_steps, num_steps + NUM_STEPS_OF_POLL):
                    file.write(make_record(LOSS, 0.5, step))
                    file.write(make_record(RATE, 1e-3, step))
            num_steps += NUM_STEPS_OF_POLL
            time.sleep(POLL_SECS)
            look_at(server)
        secs = server.processor_secs() - begin
        share = 100 * secs / (NUM_POLLS * POLL_SECS)
        show(loader, "  growing by 100 points in 3 s: of a processor", share, "%", 10)
        # Whatever has been logged is shown soon.
        server.wait_for(lambda: look_at(server) == num_steps)
    with open(path, "ab") as file:
        file.truncate(size)


def look_at(server: Server) -> int:
    """Asks what the page asks for; returns how many rows the run has."""
    (run,) = json.loads(server.get("learning_rate/runs"))["runs"]
    server.series(run["run"])
    return run["num_iterations"]


def are_loaded(server: Server, names: list[str], num_steps: int) -> bool:
    """Tells whether TensorBoard has loaded all points, without asking this plugin."""
    found = json.loads(server.get("scalars/tags"))
    if len(found) < len(names):
        return False
    points = json.loads(server.get("scalars/scalars", run=names[-1], tag=LOSS))
    return points[-1][1] == num_steps - 1


def count_points(server: Server, num_runs: int, num_steps: int) -> None:
    runs = json.loads(server.get("learning_rate/runs"))["runs"]
    assert len(runs) == num_runs
    assert all(run["num_iterations"] == num_steps for run in runs)


def draw_all(server: Server, names: list[str], num_steps: int) -> None:
    # A browser has six connections to a host.
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        drawn = list(pool.map(lambda name: server.series(name), names))
    for i, (steps, _, losses) in enumerate(drawn):
        assert losses.max() == SPIKE_LOSS
        assert steps[losses.argmax()] == spike_of(i, num_steps)


def name_of(number: int) -> str:
    return f"run{number:03d}"


def spike_of(number: int, num_steps: int) -> int:
    return (7919 * (number + 1)) % num_steps


def write_runs(logdir: Path, num_runs: int, num_steps: int) -> None:
    """Writes runs, unless they exist; they differ by the places of their spikes."""
    shares = np.arange(num_steps) / num_steps
    rates, losses = 1e-3 * np.cos(shares), 2 * np.exp(-shares)
    records = [
        make_record(tag, float(values[step]), step)
        for step in range(num_steps)
        for tag, values in ((LOSS, losses), (RATE, rates))
    ]
    for number in range(num_runs):
        folder = logdir / name_of(number)
        if folder.exists():
            continue
        folder.mkdir(parents=True)
        spike = spike_of(number, num_steps)
        # Two records for each step, the loss first.
        of_run = [*records]
        of_run[2 * spike] = make_record(LOSS, SPIKE_LOSS, spike)
        path = folder / "events.out.tfevents.1700000000.host"
        path.write_bytes(b"".join(of_run))


def make_record(tag: str, value: float, step: int) -> bytes:
    summary = summary_pb2.Summary(
        value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)]
    )
    event = event_pb2.Event(wall_time=1.7e9 + step, step=step, summary=summary)
    record = io.BytesIO()
    RecordWriter(record).write(event.SerializeToString())
    return record.getvalue()


if __name__ == "__main__":
    main()
