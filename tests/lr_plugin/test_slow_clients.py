"""Clients that do not read, or slowly, at the server of TensorBoard itself."""

import argparse
import contextlib
import socket
import threading
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from data_providers import python_loader, wait_until
from plugin_client import make_client
from tensorboard import program

from lr_plugin import answer_limits
from lr_plugin.writer.run_writer import RunWriter

PATH = "/data/plugin/learning_rate/"
EXPORT = f"{PATH}export.csv?run=run1"
NUM_ROWS = 200_000
STUCK_SECS = 1.0


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    logdir = tmp_path_factory.mktemp("logs")
    with RunWriter(logdir / "run1") as writer:
        steps = np.arange(NUM_ROWS)
        rates = 0.1 / (1 + steps)
        writer.write_rows({"step": steps, "learning_rate": rates, "loss": rates})
    with python_loader() as load:
        yield make_client(load(logdir), logdir).application


@pytest.fixture
def server(app, monkeypatch):
    monkeypatch.setattr(answer_limits, "_STUCK_SECS", STUCK_SECS)
    flags = argparse.Namespace(
        host="127.0.0.1", port=0, bind_all=False, path_prefix="", reuse_port=False
    )
    server = program.WerkzeugServer(app, flags)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server, num_bytes=4096):
    """Asks for an export and reads nothing of it.

    Args:
        num_bytes: How much the system takes from the server unasked.
    """
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, num_bytes)
    client.connect(server.server_address)
    client.sendall(f"GET {EXPORT} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return client


def read_all(client, pause_secs=0.0):
    """Reads until the server ends the connection."""
    parts = []
    with client:
        while True:
            try:
                part = client.recv(1 << 16)
            except ConnectionError:
                break
            if not part:
                break
            parts.append(part)
            time.sleep(pause_secs)
    return b"".join(parts)


def get(server, path):
    host, port = server.server_address
    with urllib.request.urlopen(f"http://{host}:{port}{path}") as response:
        return response.read()


@pytest.mark.slow
def test_a_client_that_does_not_read_is_cut_off_and_gives_its_place_back(
    server, monkeypatch
):
    # Long enough to ask for something else meanwhile, on a busy machine too.
    monkeypatch.setattr(answer_limits, "_STUCK_SECS", 5 * STUCK_SECS)
    num_before = threading.active_count()
    with contextlib.ExitStack() as stack:
        stuck = [stack.enter_context(ask(server)) for _ in range(4)]
        wait_until(lambda: threading.active_count() == num_before + 4)
        begin = time.monotonic()

        # Others wait for nothing.
        assert len(get(server, f"{PATH}series?run=run1&columns=step&max_points=500"))
        with pytest.raises(urllib.error.HTTPError, match="503"):
            get(server, EXPORT)
        wait_until(lambda: threading.active_count() == num_before)
        assert time.monotonic() - begin < 20 * STUCK_SECS

        # What had been sent until then is all that there is.
        for client in stuck:
            assert not read_all(client).endswith(b"\r\n0\r\n\r\n")
    assert get(server, EXPORT).count(b"\n") == NUM_ROWS + 1


def test_a_client_that_reads_slowly_and_steadily_gets_all(server):
    begin = time.monotonic()
    answer = read_all(ask(server, num_bytes=1 << 16), pause_secs=0.03)
    assert time.monotonic() - begin > 2 * STUCK_SECS
    assert f"\n{NUM_ROWS - 1},".encode() in answer
    # As HTTP ends an answer of pieces.
    assert answer.endswith(b"\r\n0\r\n\r\n")


def test_a_client_that_leaves_gives_its_place_back(server):
    for _ in range(8):
        ask(server).close()
    wait_until(
        lambda: not [t for t in threading.enumerate() if "process_request" in t.name]
    )
    assert get(server, EXPORT).count(b"\n") == NUM_ROWS + 1
