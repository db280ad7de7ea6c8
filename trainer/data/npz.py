"""Reads the arrays of an .npz file, as numpy.savez writes it."""

import zipfile

import numpy as np

from trainer.data.array_names import name_arrays
from trainer.data.origin import Origin
from trainer.errors import ConfigError, first_line


def load_npz(path: str, origin: Origin) -> tuple[dict[str, np.ndarray], str]:
    """Reads the arrays of a dataset, whatever they are called.

    Returns:
        Those of x_train, y_train, w_train, x_val, ... that are there, and a line about
        names that differ, for the user to read.

    Raises:
        ConfigError: It is not such a file, or holds pickled objects or no x_train.
    """
    try:
        with open(path, "rb") as stream:
            if not zipfile.is_zipfile(stream):
                raise zipfile.BadZipFile("not the zip archive that this makes")
        with np.load(path, allow_pickle=False) as file:
            found = file.files
            names, line = name_arrays(found, origin)
            arrays = {meaning: file[name] for meaning, name in names.items()}
    except ConfigError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(
            "`--dataset` must be an .npz file as numpy.savez writes it, without "
            f"pickled objects. Received: --dataset={path}: {first_line(error)}. "
            "Write it again with numpy.savez."
        ) from error
    if not {"x_train", "y_train"} <= set(arrays):
        raise origin.error(
            "must hold x_train and y_train", ", ".join(found) or "nothing"
        )
    return arrays, line
