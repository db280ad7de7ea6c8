"""The plugin within a real `tensorboard`, as it is installed, with both loaders."""

import contextlib
import json
import shutil
import urllib.error
import urllib.parse
import urllib.request

import numpy as np
import pytest
from data_providers import directory_of, wait_until
from tensorboard_program import start_tensorboard

from lr_plugin.schema import RunInfo
from lr_plugin.writer.run_writer import RunWriter

pytestmark = pytest.mark.slow
LOADERS = {"fast": "--load_fast=true", "python": "--load_fast=false"}


@contextlib.contextmanager
def tensorboard(*flags, path="", with_tensorflow=False):
    """Starts TensorBoard; gives a function that asks it for a path."""
    with start_tensorboard(*flags, with_tensorflow=with_tensorflow) as address:

        def get(route, **query):
            text = urllib.parse.urlencode(query)
            url = f"{address}{path}/data/{route}?{text}"
            with urllib.request.urlopen(url, timeout=30) as response:
                return response.read()

        yield get


def runs_of(get):
    found = json.loads(get("plugin/learning_rate/runs"))
    return {run["run"]: run["num_iterations"] for run in found["runs"]}


def steps_of(get, run, **query):
    answer = get("plugin/learning_rate/series", run=run, columns="step", **query)
    return np.frombuffer(answer, "<f8")


def write(writer, first, last):
    steps = np.arange(first, last)
    writer.write_rows({"step": steps, "learning_rate": 0.1 / (1 + steps)})
    writer.flush()


@pytest.mark.parametrize("loader", LOADERS)
def test_a_run_lives_on_screen(tmp_path, loader):
    flags = [f"--logdir={tmp_path}", "--reload_interval=1", LOADERS[loader]]
    flags.append("--path_prefix=/some/where")
    # TensorBoard's own loader reads files by means of TensorFlow where it is installed.
    asked = {"path": "/some/where", "with_tensorflow": loader == "python"}
    with tensorboard(*flags, **asked) as get:
        assert runs_of(get) == {}

        # It appears,
        with RunWriter(tmp_path / "run1") as writer:
            writer.write_run_info(RunInfo())
            write(writer, 0, 3000)
            wait_until(lambda: runs_of(get) == {"run1": 3000})
            (plugin,) = [
                plugin
                for name, plugin in json.loads(get("plugins_listing")).items()
                if name == "learning_rate"
            ]
            assert plugin["enabled"]
            assert plugin["tab_name"] == "Learning Rate"
            assert steps_of(get, "run1", start=2990).tolist() == list(range(2990, 3000))

            # grows,
            write(writer, 3000, 4000)
            wait_until(lambda: runs_of(get) == {"run1": 4000})
            assert len(steps_of(get, "run1", max_points=9000)) == 4000

        # and goes back to an earlier step.
        with RunWriter(tmp_path / "run1") as writer:
            writer.write_run_info(RunInfo(first_step=1000))
            write(writer, 1000, 1500)
        wait_until(lambda: runs_of(get) == {"run1": 1500})
        found = steps_of(get, "run1", max_points=9000)
        assert found.tolist() == list(range(1500))

        # Another comes, and the first is deleted.
        with RunWriter(tmp_path / "run2") as writer:
            write(writer, 0, 10)
        wait_until(lambda: "run2" in runs_of(get))
        shutil.rmtree(tmp_path / "run1")

        def is_gone_or_kept():
            try:
                return len(steps_of(get, "run1")) in (0, 1500)
            except urllib.error.HTTPError as error:
                return error.code == 404

        assert is_gone_or_kept()
        assert runs_of(get)["run2"] == 10


@pytest.mark.parametrize("loader", LOADERS)
def test_every_iteration_is_exact_although_one_block_is_kept(tmp_path, loader):
    with RunWriter(tmp_path / "run1") as writer:
        writer.write_run_info(RunInfo())
        write(writer, 0, 50_000)
    flags = [f"--logdir={tmp_path}", "--lr_raw_blocks=1", LOADERS[loader]]
    with tensorboard(*flags) as get:
        wait_until(lambda: runs_of(get) == {"run1": 50_000})

        for start in (0, 12_345, 49_900):
            found = steps_of(get, "run1", start=start, stop=start + 100)
            assert found.tolist() == list(range(start, start + 100))

        # Without its file, the last block is what is left.
        shutil.rmtree(directory_of(tmp_path / "run1"))
        found = steps_of(get, "run1", start=49_900, stop=50_000)
        assert found.tolist() == list(range(49_900, 50_000))
        assert len(steps_of(get, "run1", start=12_345, stop=12_445)) == 2


def test_groups_of_a_logdir_spec_are_read_from_their_files(tmp_path):
    with RunWriter(tmp_path / "a" / "run1") as writer:
        write(writer, 0, 20_000)
    flags = [f"--logdir_spec=mine:{tmp_path / 'a'}", "--lr_raw_blocks=1"]
    with tensorboard(*flags) as get:
        wait_until(lambda: runs_of(get) == {"mine/run1": 20_000})

        found = steps_of(get, "mine/run1", start=5000, stop=5100)
        assert found.tolist() == list(range(5000, 5100))
