"""Which output is which class, and which input which column: in the run's folder."""

import json
import pathlib
import zipfile

from trainer.data.loading import Data

CLASSES_FILE = "classes.txt"
INPUTS_FILE = "inputs.txt"
# Beside Keras' own parts of a .keras file, of which none can hold more than it knows.
_IN_MODEL = "class_names.json"


def write_names(data: Data, folder: pathlib.Path) -> None:
    """Writes classes.txt and inputs.txt, a name a line in their order, if known."""
    for name, names in (
        (CLASSES_FILE, _class_names(data)),
        (INPUTS_FILE, data.input_names),
    ):
        if names:
            (folder / name).write_text("".join(f"{each}\n" for each in names), "utf-8")


def add_names_to_model(data: Data, path: pathlib.Path) -> None:
    """Adds class_names.json to a .keras file, which Keras loads as before."""
    names = _class_names(data)
    if names:
        with zipfile.ZipFile(path, "a") as file:
            file.writestr(_IN_MODEL, json.dumps(names))


def _class_names(data: Data) -> tuple[str, ...]:
    return () if data.target is None else data.target.class_names
