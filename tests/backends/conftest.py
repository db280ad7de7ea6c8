"""Tests of Keras on JAX and on PyTorch, each in an environment of its own.

    KERAS_BACKEND=jax .venv-jax/bin/python -m pytest tests/backends

On TensorFlow there is nothing here to collect.
"""

import atexit
import os
import shutil
import tempfile

# Before JAX is imported: two devices, for data parallelism.
os.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
# Many tests train the same small network, which JAX compiles once for all of them. The
# processes of pytest-xdist take the folder from the one that starts them.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    folder = tempfile.mkdtemp(prefix="jax_cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["JAX_COMPILATION_CACHE_DIR"] = folder
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"

BACKEND = os.environ["KERAS_BACKEND"]

if BACKEND not in ("jax", "torch"):
    collect_ignore_glob = ["test_*.py"]
else:
    other = {"jax": "torch", "torch": "jax"}[BACKEND]
    collect_ignore_glob = [f"test_{other}*.py"]
