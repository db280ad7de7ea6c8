"""Tests of Keras on JAX and on PyTorch, each in an environment of its own.

    KERAS_BACKEND=jax .venv-jax/bin/python -m pytest tests/backends

On TensorFlow there is nothing here to collect.
"""

import os

# Before JAX is imported: two devices, for data parallelism.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"

BACKEND = os.environ["KERAS_BACKEND"]

if BACKEND not in ("jax", "torch"):
    collect_ignore_glob = ["test_*.py"]
else:
    other = {"jax": "torch", "torch": "jax"}[BACKEND]
    collect_ignore_glob = [f"test_{other}*.py"]
