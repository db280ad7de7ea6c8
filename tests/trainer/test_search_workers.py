"""A search on many machines, which are processes here, and its interruptions."""

import contextlib
import os
import signal
import socket
import threading

import numpy as np
import pytest
from data_providers import wait_until
from event_files import read_columns
from search_runs import FLAGS, RUNS, read_results, start_search

from trainer.__main__ import main
from trainer.errors import ConfigError
from trainer.search.workers import find_role

# Programs of their own are compared with trainings of this one, bit by bit.
pytestmark = pytest.mark.optimized_graphs


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_without_the_variables_a_search_is_alone(monkeypatch):
    for name in ("TUNER_ID", "ORACLE_IP", "ORACLE_PORT"):
        monkeypatch.delenv(f"KERASTUNER_{name}", raising=False)
    assert find_role() == "alone"


def test_missing_variable_is_named(monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker1")
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.delenv("KERASTUNER_ORACLE_PORT", raising=False)
    with pytest.raises(ConfigError) as error:
        find_role()
    assert str(error.value) == (
        "A search on many machines needs KERASTUNER_TUNER_ID, KERASTUNER_ORACLE_IP, "
        "KERASTUNER_ORACLE_PORT. Received: all but KERASTUNER_ORACLE_PORT. Set them on "
        "each machine, KERASTUNER_TUNER_ID=chief on one."
    )


def test_worker_without_a_chief_gives_up(monkeypatch, port, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker1")
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", port)
    assert main(["--mode=search", "--run=a", "--chief_wait_secs=0.5"]) == 2
    assert capsys.readouterr().err.endswith(
        f"error: A worker needs a chief. Received: no answer from 127.0.0.1:{port} for "
        "0.5 seconds. Start the same command there with KERASTUNER_TUNER_ID=chief, or "
        "leave the KERASTUNER_ variables out to search on this machine alone.\n"
    )
    assert not list(tmp_path.iterdir())


def test_search_on_many_machines_must_have_a_name(monkeypatch, port, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", port)
    for tuner_id in ("chief", "worker1"):
        monkeypatch.setenv("KERASTUNER_TUNER_ID", tuner_id)
        assert main(["--mode=search"]) == 2
        error = capsys.readouterr().err
        assert "`--run` must name the search on every machine." in error
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Searches in one program, without a stop; gives the flags and the folder."""
    logdir = tmp_path_factory.mktemp("alone")
    flags = ["--epochs=6", "--noretrain_best"]
    assert main([*FLAGS, *flags, f"--logdir={logdir}", "--run=alone"]) == 0
    return flags, logdir / "alone"


@pytest.mark.slow
def test_chief_and_two_workers_search_whole_although_one_is_killed(
    port, tmp_path, alone, monkeypatch, capsys
):
    flags, alone_folder = alone
    flags = [*flags, f"--logdir={tmp_path}", "--run=many", "--nostop_hopeless"]
    flags.append("--lost_after_secs=5")
    variables = {"KERASTUNER_ORACLE_IP": "127.0.0.1", "KERASTUNER_ORACLE_PORT": port}
    programs = {
        name: start_search(*flags, KERASTUNER_TUNER_ID=name, **variables)
        for name in ("chief", "worker1", "worker2")
    }
    try:
        victim, pid = find_worker_in_mid_trial(programs, tmp_path / "many")
        os.kill(pid, signal.SIGKILL)

        # While its trial waits, another comes that has the name of the other worker.
        (other,) = {"worker1", "worker2"} - {victim}
        for name, value in {**variables, "KERASTUNER_TUNER_ID": other}.items():
            monkeypatch.setenv(name, value)
        assert main([*FLAGS, *flags]) == 2
        assert capsys.readouterr().err.endswith(
            "error: `KERASTUNER_TUNER_ID` must be another on every machine. Received: "
            f"{other}, which a worker of this search has already. Give each worker a "
            "name of its own.\n"
        )
        said = {
            name: each.communicate(timeout=300)[0] for name, each in programs.items()
        }
    finally:
        for program in programs.values():
            program.kill()
            program.communicate()
    codes = {name: each.returncode for name, each in programs.items()}
    assert codes.pop(victim) == -signal.SIGKILL
    assert set(codes.values()) == {0}, said
    assert f"Worker {victim} was silent for 5 seconds" in said["chief"]

    # Each trial once, with the results of a search by one program.
    folders = (tmp_path / "many", alone_folder)
    many, one = (read_results(folder) for folder in folders)
    assert many == one
    assert sorted(many) == RUNS
    ended = [many[run]["ended"] for run in RUNS]
    assert ended == ["", "", "diverged"]
    for run in RUNS[:2]:
        columns = [read_columns(folder / run) for folder in folders]
        np.testing.assert_array_equal(columns[0]["step"], np.arange(6 * 23))
        np.testing.assert_array_equal(columns[0]["loss"], columns[1]["loss"])

    # Only workers that trained a trial wrote its logs: one, or two with the killed one.
    for run in many:
        writers = writers_of(tmp_path / "many" / run)
        others = writers - {programs[victim].pid}
        assert len(others) == 1
        assert programs["chief"].pid not in writers


@pytest.mark.slow
def test_interrupted_search_goes_on_where_it_was(tmp_path, capsys, alone):
    flags, alone_folder = alone
    flags = [*FLAGS, *flags, f"--logdir={tmp_path}", "--run=stopped"]
    folder = tmp_path / "stopped"
    program = start_search(*flags)
    wait_until(lambda: is_in_mid_trial(folder), timeout_secs=180)
    program.kill()
    program.communicate()

    with interrupt_when(lambda: is_in_mid_trial(folder, trial="02")):
        code = main([*flags, "--resume"])
    assert code == 128 + signal.SIGINT
    assert (
        "Go on with: python -m trainer --mode=search --resume "
        f"--logdir={tmp_path} --run=stopped" in capsys.readouterr().out
    )

    assert main([*flags, "--resume"]) == 0
    assert read_results(folder) == read_results(alone_folder)
    for run in RUNS[:2]:
        rows = read_columns(folder / run)
        np.testing.assert_array_equal(rows["step"], np.arange(6 * 23))
        whole = read_columns(alone_folder / run)
        np.testing.assert_array_equal(rows["loss"], whole["loss"])


@contextlib.contextmanager
def interrupt_when(is_due):
    """Sends one Ctrl-C to this process."""

    def press():
        wait_until(is_due, timeout_secs=180)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    yield
    thread.join()


def is_in_mid_trial(folder, trial="01"):
    return bool(list(folder.glob(f"{trial}-*/checkpoints/epoch-00002-*.npz")))


def find_worker_in_mid_trial(programs, folder):
    """Waits until a worker is in the midst of a trial; gives its name and process."""
    names = {program.pid: name for name, program in programs.items()}
    found = []

    def is_found():
        found[:] = folder.glob("*/checkpoints/epoch-00002-*.npz")
        assert programs["chief"].poll() is None, programs["chief"].communicate()[0]
        return bool(found)

    wait_until(is_found, timeout_secs=180)
    (pid,) = writers_of(found[0].parents[1])
    return names[pid], pid


def writers_of(folder):
    """Finds the processes that wrote event files there, from the names of the files."""
    return {int(path.name.split(".")[-2]) for path in folder.rglob("events.out.*")}
