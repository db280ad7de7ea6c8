"""Event files with one damage each: what is shown of them, and is any of it wrong?"""

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from attacks.damage import damage
from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext
from tensorboard.data import server_ingester
from tensorboard.data.provider import DataProvider
from tensorboard.util import grpc_util

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope
from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

NUM_STEPS = 8192
STEPS_PER_EPOCH = 1024
# Runs that are loaded at once.
_NUM_TOGETHER = 100
_SCOPE = Scope(RequestContext(), "")
_SAMPLES = {"scalars": 1, "learning_rate": 0, "learning_rate_raw": 32}


def attack_logs(num_damages: int, loader: str) -> tuple[int, int, int, int]:
    """Damages copies of a file of 8,192 iterations, each of which is a run.

    Args:
        loader: "fast", TensorBoard's data server, or "python", its multiplexer.

    Returns:
        How many damages ended in an error, or took the run beside them; how many showed
        a wrong number; how many took rows; how many of these were told in a notice. A
        file that is cut looks like one that is being written: that is told of no such
        file.
    """
    generator = random.Random(0)
    failed = wrong = lossy = told = 0
    for begin in range(0, num_damages, _NUM_TOGETHER):
        with tempfile.TemporaryDirectory() as folder:
            logdir = Path(folder)
            content = _write(logdir / "good").read_bytes()
            names = [
                f"run{i}" for i in range(begin, min(begin + _NUM_TOGETHER, num_damages))
            ]
            for name in names:
                path = logdir / name / "learning_rate" / "events.out.tfevents.1.x"
                path.parent.mkdir(parents=True)
                path.write_bytes(damage(content, generator))
            with _LOADERS[loader](logdir) as provider:
                reader = LearningRateReader(
                    provider,
                    directories=RunDirectories(logdir=str(logdir)),
                    max_kept_blocks=32,
                )
                listed = {one["run"]: one for one in reader.list_runs(_SCOPE)["runs"]}
                failed += _read(reader, listed["good"]) != (NUM_STEPS, 0)
                found = {}
                for name in names:
                    try:
                        is_listed = name in listed
                        found[name] = (
                            _read(reader, listed[name]) if is_listed else (0, 0)
                        )
                    except Exception as error:  # noqa: BLE001
                        print(f"failed: {type(error).__name__}: {error}")
                        failed += 1
                notices = reader.list_runs(_SCOPE)["notices"]
            for name, (num_rows, num_wrong) in found.items():
                wrong += num_wrong > 0
                lossy += num_rows < NUM_STEPS
                is_told = any(f"Run {name}:" in notice for notice in notices)
                told += num_rows < NUM_STEPS and is_told
    return failed, wrong, lossy, told


def _write(folder: Path) -> Path:
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(steps_per_epoch=STEPS_PER_EPOCH), wall_time=1.7e9)
        for begin in range(0, NUM_STEPS, 1024):
            steps = np.arange(begin, begin + 1024)
            # Each loss tells its step; both are exact in float32.
            rows = {"step": steps, "loss": steps + 1.0}
            writer.write_rows(rows, wall_time=1.7e9 + begin)
            writer.flush()
    (path,) = (folder / "learning_rate").iterdir()
    return path


@contextlib.contextmanager
def _load_with_python(logdir: Path) -> Iterator[DataProvider]:
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance={"tensors": 10}, tensor_size_guidance=_SAMPLES
    )
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    yield data_provider.MultiplexerDataProvider(multiplexer, str(logdir))


@contextlib.contextmanager
def _load_fast(logdir: Path) -> Iterator[DataProvider]:
    ingester = server_ingester.SubprocessServerDataIngester(
        server_ingester.get_server_binary(),
        str(logdir),
        reload_interval=0,
        channel_creds_type=grpc_util.ChannelCredsType.LOCAL,
        samples_per_plugin=_SAMPLES,
    )
    ingester.start()
    provider = ingester.data_provider
    seen: list[object] = []
    # It loads side by side with its first answers.
    while len(seen) < 4 or seen[-4:] != 4 * seen[-1:]:
        time.sleep(0.3)
        listing = provider.list_tensors(
            _SCOPE.context, experiment_id="", plugin_name="learning_rate"
        )
        seen.append([(run, sorted(tags)) for run, tags in sorted(listing.items())])
    yield provider
    # With it the data server ends.
    ingester._stdin_handle.close()


_LOADERS = {"fast": _load_fast, "python": _load_with_python}


def _read(reader: LearningRateReader, listed: Mapping[str, Any]) -> tuple[int, int]:
    """Counts the rows of a run that are shown, and the wrong numbers among them."""
    if "loss" not in listed["columns"]:
        return 0, 0
    window = reader.read_series(
        _SCOPE, listed["run"], ("step", "loss"), max_points=100_000
    )
    steps, losses = window.columns["step"], window.columns["loss"]
    is_row = losses == steps + 1
    if window.exactness == "envelope":
        # The ends of a stretch have the losses of other rows of it, within 256.
        is_known = is_row | (np.isin(losses, np.arange(NUM_STEPS) + 1))
    else:
        is_known = is_row
    num_wrong = int(np.sum(~is_known & ~np.isnan(losses)))
    # What the list says of the run.
    first, last = listed["first_step"], listed["last_step"]
    is_sane = 0 <= first <= last < NUM_STEPS and listed["num_iterations"] <= NUM_STEPS
    is_sane &= listed["steps_per_epoch"] in (STEPS_PER_EPOCH, None)
    return int(is_row.sum()), num_wrong + (not is_sane)
