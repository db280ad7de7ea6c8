"""Which machines train together, as Slurm says it to each of its tasks.

Not through TensorFlow's SlurmClusterResolver: it sorts the nodes by their names, so
that node10 comes before node9 and tasks look for each other on the wrong ones, and it
fails on nodes without GPUs (TensorFlow 2.21).
"""

import json
import os
from collections.abc import Mapping

from tensorflow.python.distribute.cluster_resolver.slurm_cluster_resolver import (
    expand_hostlist,
    expand_tasks_per_node,
)

# Jobs that share a node should not share a port: each has some of its own.
_FIRST_PORT = 20_000
_NUM_PORTS = 20_000
_PORTS_OF_JOB = 16


def describe_cluster(environ: Mapping[str, str] = os.environ) -> str | None:
    """Describes the tasks of a Slurm job step as TF_CONFIG does.

    Returns:
        None outside of one: where `srun` has not started this program.
    """
    names = ("SLURM_PROCID", "SLURM_STEP_NODELIST", "SLURM_STEP_TASKS_PER_NODE")
    if not all(name in environ for name in names):
        return None
    hosts = expand_hostlist(environ["SLURM_STEP_NODELIST"])
    counts = expand_tasks_per_node(environ["SLURM_STEP_TASKS_PER_NODE"])
    job = int(environ.get("SLURM_JOB_ID", 0))
    port = _FIRST_PORT + _PORTS_OF_JOB * job % _NUM_PORTS
    workers = [
        f"{host}:{port + number}"
        for host, count in zip(hosts, counts, strict=True)
        for number in range(count)
    ]
    task = {"type": "worker", "index": int(environ["SLURM_PROCID"])}
    return json.dumps({"cluster": {"worker": workers}, "task": task})
