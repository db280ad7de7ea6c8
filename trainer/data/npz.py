"""Reads the arrays of an .npz file, as numpy.savez writes it."""

import zipfile

import numpy as np

from trainer.data.arrays import NAMES
from trainer.data.origin import Origin
from trainer.errors import ConfigError, first_line


def load_npz(path: str, origin: Origin) -> dict[str, np.ndarray]:
    """Reads those of x_train, y_train, x_val, y_val, x_test, y_test that are there.

    Raises:
        ConfigError: It is not such a file, or holds pickled objects or no x_train.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in NAMES if name in file.files}
            found = file.files
    # The last two are raised for an .npy file, which holds one array without a name.
    except (
        OSError,
        ValueError,
        EOFError,
        zipfile.BadZipFile,
        AttributeError,
        TypeError,
    ) as error:
        raise ConfigError(
            "`--dataset` must be an .npz file as numpy.savez writes it, without "
            f"pickled objects. Received: --dataset={path}: {first_line(error)}. "
            "Write it again with numpy.savez."
        ) from error
    if not {"x_train", "y_train"} <= set(arrays):
        raise origin.error(
            "must hold x_train and y_train", ", ".join(found) or "nothing"
        )
    return arrays
