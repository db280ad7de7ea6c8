"""Loads real event files with each of TensorBoard's two loaders."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext
from tensorboard.data import server_ingester
from tensorboard.data.provider import DataProvider
from tensorboard.util import grpc_util

from lr_plugin.reader.tensors import Scope

SCOPE = Scope(RequestContext(), "")
ALL = {"learning_rate": 0, "learning_rate_raw": 0}

Load = Callable[..., DataProvider]


@contextlib.contextmanager
def fast_loader() -> Iterator[Load]:
    """Loads with the data server, which is another process."""
    with contextlib.ExitStack() as stack:
        yield lambda logdir, samples=ALL: stack.enter_context(_serve(logdir, samples))


@contextlib.contextmanager
def python_loader() -> Iterator[Load]:
    """Loads in this process, as `tensorboard --load_fast=false` does."""

    def load(logdir: Path, samples: dict[str, int] = ALL) -> DataProvider:
        multiplexer = plugin_event_multiplexer.EventMultiplexer(
            size_guidance={"tensors": 10},
            tensor_size_guidance={"scalars": 1000, **samples},
        )
        multiplexer.AddRunsFromDirectory(str(logdir))
        multiplexer.Reload()
        return data_provider.MultiplexerDataProvider(multiplexer, str(logdir))

    yield load


LOADERS = {"fast": fast_loader, "python": python_loader}


@contextlib.contextmanager
def _serve(logdir: Path, samples: dict[str, int]) -> Iterator[DataProvider]:
    with tempfile.TemporaryDirectory() as directory:
        port_file = Path(directory) / "port"
        command = [
            server_ingester.get_server_binary().path,
            f"--logdir={logdir}",
            "--reload=once",
            "--samples-per-plugin="
            + ",".join(f"{k}={v or 'all'}" for k, v in samples.items()),
            "--port=0",
            f"--port-file={port_file}",
            "--die-after-stdin",
        ]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            wait_until(lambda: port_file.exists() and "\n" in port_file.read_text())
            ingester = server_ingester.ExistingServerDataIngester(
                f"localhost:{int(port_file.read_text())}",
                channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
            )
            provider = ingester.data_provider
            _wait_for_all_runs(provider, logdir)
            yield provider
            process.stdin.close()


def _wait_for_all_runs(provider: DataProvider, logdir: Path) -> None:
    """Waits until every directory is a run and nothing more comes."""
    directories = {path.parent for path in logdir.rglob("*tfevents*")}
    seen: list[object] = []

    def is_complete() -> bool:
        runs = provider.list_runs(SCOPE.context, experiment_id="")
        tags = [
            provider.list_tensors(SCOPE.context, experiment_id="", plugin_name=name)
            for name in ALL
        ]
        seen.append([(run, vars(t)) for tag in tags for run, t in _flatten(tag)])
        return len(runs) == len(directories) and seen[-3:] == [seen[-1]] * 3

    wait_until(is_complete)


def _flatten(listing):
    return [(run, tag) for run, tags in listing.items() for tag in tags.values()]


def wait_until(is_done: Callable[[], bool], *, timeout_secs: float = 30.0) -> None:
    """Waits for something that another process does."""
    deadline = time.monotonic() + timeout_secs
    while not is_done():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.03)


def directory_of(run: str | os.PathLike[str]) -> Path:
    """Gives the directory of a run's event files."""
    return Path(run) / "learning_rate"
