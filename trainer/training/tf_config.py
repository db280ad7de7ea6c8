"""Checks TF_CONFIG, or takes it from Slurm: who trains together, and who this is."""

import json
import os

from trainer.errors import ConfigError
from trainer.training.slurm import describe_cluster

VARIABLE = "TF_CONFIG"
_EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


def check_workers() -> None:
    """Refuses what would end in a traceback of TensorFlow, or in training alone.

    Within a job step of Slurm, sets the variable where it is not.

    Raises:
        ConfigError: The variable is missing, or does not say what it must.
    """
    text = os.environ.get(VARIABLE) or describe_cluster()
    if not text:
        raise _error(
            "none",
            f"Set it on each machine, such as {VARIABLE}='{_EXAMPLE}', or start the "
            "program with Slurm's srun",
        )
    try:
        described = json.loads(text)
        this = described["task"]
        members = described["cluster"][this["type"]]
        is_member = 0 <= int(this["index"]) < len(members)
    except (ValueError, TypeError, LookupError):
        raise _error(text, f"It must be JSON such as {_EXAMPLE}") from None
    if not is_member or this["type"] not in ("chief", "worker"):
        raise _error(
            f"{this['type']} {this['index']} of {described['cluster']}",
            "Correct the task, which is one of the chief and the workers of the "
            "cluster, counted from 0",
        )
    os.environ[VARIABLE] = text


def _error(received: str, advice: str) -> ConfigError:
    return ConfigError(
        f"`--strategy=multi_worker` needs {VARIABLE}, which names all workers and says "
        f"which of them this is. Received: {received}. {advice}."
    )
