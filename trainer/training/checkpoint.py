"""Everything that a training depends on, in a file that is complete at every moment.

A checkpoint is written under another name and renamed when it is complete, so that a
kill while it is written leaves the one before. It holds the variables of model,
optimizer and metrics, the state of the random generators, the place in the data and
what callbacks count. The order of the data follows from the seed.
"""

import dataclasses
import io
import json
import logging
import os
import pathlib
import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import keras
import numpy as np

from lr_plugin.whole_file import replace_file
from trainer.errors import ConfigError

_KEPT = 2
_VERSION = 1

_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The state of a training between two iterations.

    Attributes:
        epoch: The epoch that is under way, or comes next.
        num_batches: How many batches of this epoch have been trained.
        counters: What callbacks count, by their name; values that JSON knows.
        arrays: The values of the variables by `<group>/<number>`.
        names: The names of the variables in Keras by the same keys.
        random_state: The states of the generators of Python and NumPy.
    """

    epoch: int
    num_batches: int
    counters: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    names: Mapping[str, str]
    random_state: Mapping[str, Any]


def take_checkpoint(
    model: keras.Model, *, epoch: int, num_batches: int, counters: Mapping[str, Any]
) -> Checkpoint:
    """Copies the state of a compiled and built model, and of the generators."""
    arrays, names = {}, {}
    for key, variable in _variables(model):
        arrays[key] = np.asarray(variable.value.numpy())
        names[key] = variable.path
    kind, keys, *rest = np.random.get_state()
    python_state = random.getstate()
    return Checkpoint(
        epoch=epoch,
        num_batches=num_batches,
        counters=counters,
        arrays=arrays,
        names=names,
        random_state={
            "python": [python_state[0], list(python_state[1]), python_state[2]],
            "numpy": [kind, [int(key) for key in keys], *rest],
        },
    )


def restore_checkpoint(
    checkpoint: Checkpoint, model: keras.Model, *, with_optimizer: bool = True
) -> None:
    """Puts a built model and the generators into the state of the checkpoint.

    Leaves the metrics alone, because Keras resets them where an epoch begins. See
    `restore_metrics`.

    Args:
        with_optimizer: False leaves the optimizer as it is, fresh.

    Raises:
        ConfigError: It is the checkpoint of another model or optimizer.
    """
    groups = ("model/", "optimizer/") if with_optimizer else ("model/",)
    variables = [pair for pair in _variables(model) if pair[0].startswith(groups)]
    stored = {key for key in checkpoint.arrays if key.startswith(groups)}
    for key, variable in variables:
        array = checkpoint.arrays.get(key)
        if array is None or tuple(array.shape) != tuple(variable.shape):
            raise _another_model_error(
                f"a checkpoint with {_shape(array)} where {variable.path} has "
                f"{_shape(variable)}"
            )
    if len(stored) != len(variables):
        raise _another_model_error(
            f"a checkpoint of {len(stored)} variables, a model of {len(variables)}"
        )
    for key, variable in variables:
        variable.assign(checkpoint.arrays[key])
    version, numbers, gauss = checkpoint.random_state["python"]
    random.setstate((version, tuple(numbers), gauss))
    kind, keys, *rest = checkpoint.random_state["numpy"]
    np.random.set_state((kind, np.array(keys, np.uint32), *rest))


def restore_metrics(checkpoint: Checkpoint, model: keras.Model) -> None:
    """Gives the metrics what they had; to be called after the epoch has begun."""
    for key, variable in _variables(model):
        if _is_metric(key) and key in checkpoint.arrays:
            variable.assign(checkpoint.arrays[key])


def write_checkpoint(checkpoint: Checkpoint, folder: pathlib.Path) -> pathlib.Path:
    """Writes the newest checkpoint of `folder`, and keeps the one before.

    Raises:
        OSError: It could not be written; those that were there stay.
    """
    facts = dataclasses.asdict(dataclasses.replace(checkpoint, arrays={}))
    facts["version"] = _VERSION
    arrays = {"facts": np.array(json.dumps(facts)), **checkpoint.arrays}

    def write(part: pathlib.Path) -> None:
        with part.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            # Otherwise a power cut may leave an empty file under the new name.
            os.fsync(file.fileno())

    path = folder / f"epoch-{checkpoint.epoch:05d}-{checkpoint.num_batches:08d}.npz"
    for part in folder.glob(".part-*"):
        # Of a training that was killed.
        part.unlink()
    replace_file(path, write)
    for old in sorted(folder.glob("epoch-*.npz"))[:-_KEPT]:
        old.unlink()
    return path


def read_checkpoint(
    folder: pathlib.Path, *, on_damage: Callable[[pathlib.Path], None] | None = None
) -> Checkpoint | None:
    """Reads the newest checkpoint that is whole; None without any.

    Args:
        on_damage: Told of each newer one that is not.
    """
    for path in sorted(folder.glob("epoch-*.npz"), reverse=True):
        try:
            return _read(path)
        # What reading a damaged archive may raise has no end.
        except Exception as error:  # noqa: BLE001
            _logger.debug("%s cannot be read: %s", path, error)
            if on_damage is not None:
                on_damage(path)
    return None


def _read(path: pathlib.Path) -> Checkpoint:
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    facts = json.loads(str(arrays.pop("facts")))
    facts.pop("version")
    checkpoint = Checkpoint(**{**facts, "arrays": arrays})
    # The archive has checksums of what is in its files, but not of their names.
    if checkpoint.names.keys() != arrays.keys():
        raise ValueError("It must hold the arrays that it names.")
    return checkpoint


def _variables(model: keras.Model) -> Iterable[tuple[str, keras.Variable]]:
    groups = {
        "model": model.variables,
        "optimizer": model.optimizer.variables,
        "metrics": model.metrics_variables,
    }
    for group, variables in groups.items():
        for number, variable in enumerate(variables):
            yield f"{group}/{number}", variable


def _is_metric(key: str) -> bool:
    return key.startswith("metrics/")


def _shape(array: Any) -> str:
    if array is None:
        return "nothing"
    return " x ".join(str(length) for length in array.shape) or "one number"


def _another_model_error(received: str) -> ConfigError:
    return ConfigError(
        "`--resume` must find the model and optimizer that the run began with. "
        f"Received: {received}. Begin another run with another --run."
    )
