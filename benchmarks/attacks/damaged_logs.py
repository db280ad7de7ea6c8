"""Event files with one damage each: what is shown of them, and is any of it wrong?"""

import random
import tempfile
from pathlib import Path

import numpy as np
from attacks.damage import damage
from tensorboard.backend.event_processing import (
    data_provider,
    plugin_event_multiplexer,
)
from tensorboard.context import RequestContext

from lr_plugin.reader.run_directories import RunDirectories
from lr_plugin.reader.run_reader import LearningRateReader
from lr_plugin.reader.tensors import Scope
from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

NUM_STEPS = 8192
_SCOPE = Scope(RequestContext(), "")
_SAMPLES = {"scalars": 1, "learning_rate": 0, "learning_rate_raw": 32}


def attack_logs(num_damages: int) -> tuple[int, int, int, int]:
    """Damages a file of 8,192 iterations again and again.

    Returns:
        How many damages lost another run or ended in an error; how many showed a wrong
        number; how many took rows; how many of these were told in a notice. A file that
        is cut looks like one that is being written: that is told of no such file.
    """
    generator = random.Random(0)
    failed = wrong = lossy = told = 0
    with tempfile.TemporaryDirectory() as folder:
        logdir = Path(folder)
        path = _write(logdir / "damaged")
        _write(logdir / "good")
        content = path.read_bytes()
        for _ in range(num_damages):
            path.write_bytes(damage(content, generator))
            try:
                reader = _load(logdir)
                found = reader.list_runs(_SCOPE)
                is_good = _read(reader, "good") == (NUM_STEPS, 0)
                names = {run["run"] for run in found["runs"]}
                is_listed = "damaged" in names
                num_rows, num_wrong = _read(reader, "damaged") if is_listed else (0, 0)
                notices = reader.list_runs(_SCOPE)["notices"]
            except Exception as error:  # noqa: BLE001
                print(f"failed: {type(error).__name__}: {error}")
                failed += 1
                continue
            failed += not is_good
            wrong += num_wrong > 0
            lossy += num_rows < NUM_STEPS
            told += num_rows < NUM_STEPS and bool(notices)
    return failed, wrong, lossy, told


def _write(folder: Path) -> Path:
    with RunWriter(folder) as writer:
        writer.write_run_info(RunInfo(), wall_time=1.7e9)
        for begin in range(0, NUM_STEPS, 1024):
            steps = np.arange(begin, begin + 1024)
            # Each loss tells its step; both are exact in float32.
            rows = {"step": steps, "loss": steps + 1.0}
            writer.write_rows(rows, wall_time=1.7e9 + begin)
            writer.flush()
    (path,) = (folder / "learning_rate").iterdir()
    return path


def _load(logdir: Path) -> LearningRateReader:
    multiplexer = plugin_event_multiplexer.EventMultiplexer(
        size_guidance={"tensors": 10}, tensor_size_guidance=_SAMPLES
    )
    multiplexer.AddRunsFromDirectory(str(logdir))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(logdir))
    directories = RunDirectories(logdir=str(logdir))
    return LearningRateReader(provider, directories=directories, max_kept_blocks=32)


def _read(reader: LearningRateReader, run: str) -> tuple[int, int]:
    """Counts the rows of a run that are shown, and the wrong numbers among them."""
    columns = reader.list_runs(_SCOPE)["runs"]
    known = next(one["columns"] for one in columns if one["run"] == run)
    if "loss" not in known:
        return 0, 0
    window = reader.read_series(_SCOPE, run, ("step", "loss"), max_points=100_000)
    steps, losses = window.columns["step"], window.columns["loss"]
    is_row = losses == steps + 1
    if window.exactness == "envelope":
        # The ends of a stretch have the losses of other rows of it, within 256.
        is_known = is_row | (np.isin(losses, np.arange(NUM_STEPS) + 1))
    else:
        is_known = is_row
    return int(is_row.sum()), int(np.sum(~is_known & ~np.isnan(losses)))
