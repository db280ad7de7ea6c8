"""Training on several workers, which are processes on this machine."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from event_files import read_columns

from trainer.__main__ import main
from trainer.errors import ConfigError
from trainer.training.tf_config import check_workers

# Programs of their own are compared with a training of this one.
pytestmark = pytest.mark.optimized_graphs

# 1438 digits in batches of 32 are 45 an epoch, the last of 30.
EPOCHS, NUM_STEPS = 3, 3 * 45
FLAGS = [
    f"--epochs={EPOCHS}",
    "--schedule=cosine",
    "--learning_rate=0.003",
    "--checkpoint_every=20",
]


def start_workers(*flags):
    """Starts two programs, the chief first."""
    ports = []
    sockets = [socket.socket() for _ in range(2)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
        ports.append(each.getsockname()[1])
    for each in sockets:
        each.close()
    cluster = {"worker": [f"127.0.0.1:{port}" for port in ports]}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "trainer", "--strategy=multi_worker", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **os.environ,
                "TF_CONFIG": json.dumps(
                    {"cluster": cluster, "task": {"type": "worker", "index": index}}
                ),
                "TF_NUM_INTRAOP_THREADS": "1",
            },
        )
        for index in range(2)
    ]


def end_of(program):
    """Waits for the end of a program; returns its exit code and its output."""
    said = program.communicate(timeout=240)[0]
    return program.returncode, said


@pytest.mark.slow
def test_workers_train_as_one_program_and_go_on_after_one_was_killed(tmp_path):
    where = [f"--logdir={tmp_path}", "--run=many"]
    chief, worker = start_workers(*FLAGS, *where)
    checkpoints = tmp_path / "many" / "checkpoints"
    deadline = time.monotonic() + 240
    while not any(checkpoints.glob("epoch-0000[12]-*.npz")):
        assert chief.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    worker.kill()
    code, said = end_of(chief)
    assert end_of(worker)[0] == -signal.SIGKILL
    assert code == 1
    assert "error: All workers must be there until the end. Received: no answer" in said
    assert len(read_columns(tmp_path / "many")["step"]) < NUM_STEPS

    ends = [end_of(each) for each in start_workers("--resume", *where)]
    assert [code for code, _ in ends] == [0, 0], ends
    # Only the chief keeps the run, and the other worker does not name its folder, which
    # is gone.
    assert f"in              {tmp_path / 'many'}" in ends[0][1]
    assert "See every iteration" not in ends[1][1]
    assert main([*FLAGS, f"--logdir={tmp_path}", "--run=one"]) == 0
    many, one = (read_columns(tmp_path / name) for name in ("many", "one"))
    np.testing.assert_array_equal(many["step"], np.arange(NUM_STEPS))
    np.testing.assert_array_equal(many["learning_rate"], one["learning_rate"])
    # Sums are computed in another order.
    np.testing.assert_allclose(many["loss"], one["loss"], rtol=2e-4)
    scores = [
        json.loads((tmp_path / name / "evaluation.json").read_text())
        for name in ("many", "one")
    ]
    assert scores[0]["validation"] == pytest.approx(scores[1]["validation"], rel=1e-3)
    assert keras.saving.load_model(tmp_path / "many" / "model.keras").built


@pytest.mark.parametrize(
    ("text", "received"),
    [
        (None, "none. Set it on each machine, such as TF_CONFIG='{"),
        ("worker 1", "worker 1. It must be JSON such as {"),
        ('{"cluster": {}}', '{"cluster": {}}. It must be JSON such as {'),
        (
            '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}',
            "worker 1 of {'worker': ['a:1']}. Correct the task",
        ),
    ],
)
def test_workers_that_are_not_described_are_refused(text, received, monkeypatch):
    monkeypatch.delenv("SLURM_PROCID", raising=False)
    if text is None:
        monkeypatch.delenv("TF_CONFIG", raising=False)
    else:
        monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ConfigError, match=re.escape(f"Received: {received}")) as error:
        check_workers()
    assert str(error.value).startswith("`--strategy=multi_worker` needs TF_CONFIG")


def test_slurm_says_who_trains_together(monkeypatch):
    slurm = {
        "SLURM_JOB_ID": "1234567",
        "SLURM_PROCID": "3",
        # In the order in which Slurm counts its tasks, which is not that of the names.
        "SLURM_STEP_NODELIST": "node[9-10],gpu1",
        "SLURM_STEP_TASKS_PER_NODE": "2(x2),1",
    }
    for name, value in slurm.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TF_CONFIG", "")

    check_workers()

    # 20000 + 16 * 1234567 % 20000
    assert json.loads(os.environ["TF_CONFIG"]) == {
        "cluster": {
            "worker": [
                "node9:33072",
                "node9:33073",
                "node10:33072",
                "node10:33073",
                "gpu1:33072",
            ]
        },
        "task": {"type": "worker", "index": 3},
    }


def test_a_tf_config_of_ones_own_comes_before_slurm(monkeypatch):
    text = '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 0}}'
    monkeypatch.setenv("TF_CONFIG", text)
    monkeypatch.setenv("SLURM_PROCID", "0")
    monkeypatch.setenv("SLURM_STEP_NODELIST", "node[1-2]")
    monkeypatch.setenv("SLURM_STEP_TASKS_PER_NODE", "1(x2)")

    check_workers()

    assert os.environ["TF_CONFIG"] == text
