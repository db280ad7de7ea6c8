"""Clients that ask for large answers and never read them."""

import socket
import tempfile
import time
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
from served.server import serve

from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

_ROUTES = (
    "export.csv?run={run}",
    "series?run={run}&max_points=1000000",
    "runs",
)


def attack_server(num_clients: int) -> dict[str, float]:
    """Opens connections that ask and do not read, and asks like a user beside them.

    Returns:
        Memory of the server in MB before, during and after; the longest that a usual
        request took, in seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        run = "long"
        _write(Path(folder) / run)
        with serve(Path(folder), "fast") as server:
            server.wait_for_runs(1)
            server.series(run)
            found = {"before_mb": server.memory_mb()}
            place = urlparse(server.address)
            stuck = []
            for i in range(num_clients):
                client = socket.create_connection((place.hostname, place.port))
                # As little as the system allows is taken from the server.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                route = _ROUTES[i % len(_ROUTES)].format(run=run)
                path = f"/data/plugin/learning_rate/{route}"
                client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                stuck.append(client)
            waits = []
            for _ in range(20):
                start = time.perf_counter()
                server.series(run, max_points=2000)
                waits.append(time.perf_counter() - start)
                time.sleep(0.2)
            found["during_mb"] = server.memory_mb()
            for client in stuck:
                client.close()
            time.sleep(3)
            found["after_mb"] = server.memory_mb()
            found["longest_wait_secs"] = max(waits)
    return found


def _write(folder: Path) -> None:
    """Writes a run of a million iterations."""
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo())
        for begin in range(0, 1_000_000, 62_500):
            steps = np.arange(begin, begin + 62_500)
            losses = 2.3 * np.exp(-steps / 9e4)
            rows = {"step": steps, "learning_rate": 0.1 / (1 + steps), "loss": losses}
            writer.write_rows(rows)
