"""Loads the data: examples in memory or on disk, or batches from a pipeline."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from trainer.data.arrays import PARTS, check_arrays
from trainer.data.examples import ArrayExamples, Examples
from trainer.data.find_target import find_target
from trainer.data.images.image_examples import choose_image_size, image_examples
from trainer.data.images.image_folder import read_folder
from trainer.data.nested_examples import NestedExamples
from trainer.data.npz import load_npz
from trainer.data.origin import Origin
from trainer.data.pipeline import (
    check_ends,
    find_pipeline_target,
    require_length,
)
from trainer.data.tables.csv_table import load_csv
from trainer.data.target import Target
from trainer.data.user_function import Batched, load_function
from trainer.data.validation_split import split_indices
from trainer.errors import ConfigError, first_line
from trainer.settings.config import Config
from trainer.settings.data import DATASETS, is_csv
from trainer.settings.model import is_user_model


@dataclasses.dataclass(frozen=True)
class Data:
    """The data that a model is trained and evaluated with.

    Attributes:
        train: Examples, or the batches of the user's pipeline.
        validation: Held out of the training; None without.
        test: For the score at the end; None where the dataset has none.
        target: What is to be predicted; None where only the user's model knows it.
        example_shape: The shape of one example; None where an example is more than one
            array.
        normalization: Mean and variance of each input of a table, for the model to
            normalize them; None for other data.
        input_names: What each number of an example is; empty where it has no name.
        lines: What was found, for the user to read.
    """

    train: Examples | Batched
    validation: Examples | Batched | None
    test: Examples | Batched | None
    target: Target | None
    example_shape: tuple[int, ...] | None
    normalization: tuple[np.ndarray, np.ndarray] | None = None
    input_names: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def load_data(config: Config) -> Data:
    """Loads `config.dataset`; holds out a part where it brings no validation data.

    Raises:
        ConfigError: The dataset cannot be reached, or is not what it should be.
    """
    name = config.dataset
    if name in DATASETS:
        origin = Origin(f"--dataset={name}", "Load it anew.")
        return _from_arrays(_load_known(name), origin, config)
    path = pathlib.Path(name)
    suffix = path.suffix.lower()
    origin = Origin(f"--dataset={path.name or name}", _ADVICE.get(suffix, ""))
    if path.is_dir():
        return _from_folder(name, config)
    if is_csv(name):
        return _from_table(name, origin, config)
    if suffix == ".npz":
        found, line = load_npz(name, origin)
        data = _from_arrays(found, origin, config)
        lines = (*data.lines, line) if line else data.lines
        return dataclasses.replace(data, lines=lines)
    origin = Origin(f"--dataset={name}", f"Correct what {name} returns.")
    found = load_function(name, origin, steps_per_epoch=config.steps_per_epoch)
    if any(isinstance(array, Mapping) for array in found.values()):
        return _from_nested(found, origin, config)
    if isinstance(found["train" if "train" in found else "x_train"], Batched):
        return _from_batches(found, origin, config)
    return _from_arrays(found, origin, config)


_ADVICE = {
    ".npz": "Write the file again with numpy.savez(path, x_train=..., y_train=...).",
    ".csv": "Correct the file.",
    ".tsv": "Correct the file.",
}


def _from_arrays(
    arrays: Mapping[str, np.ndarray],
    origin: Origin,
    config: Config,
    class_names: tuple[str, ...] = (),
) -> Data:
    found = check_arrays(
        arrays,
        origin,
        task=config.task,
        class_names=class_names,
        keep_as_given=is_user_model(config.model),
    )
    data = _split(found.parts, found.target, config.validation_split)
    more = _describe_scale(found.parts["train"])
    return dataclasses.replace(data, lines=(*data.lines, *found.notes, *more))


def _from_nested(arrays: Mapping[str, Any], origin: Origin, config: Config) -> Data:
    """Takes dicts of arrays as they are, for a model of the user."""
    parts = {}
    for part in PARTS:
        names = [f"{axis}_{part}" for axis in "xyw" if f"{axis}_{part}" in arrays]
        if not names:
            continue
        lengths = {
            f"{name}" + (f"[{key!r}]" if key else ""): len(array)
            for name in names
            for key, array in _named(arrays[name])
        }
        if len(set(lengths.values())) != 1:
            raise origin.error(
                "must return arrays of one length in each of its parts",
                ", ".join(f"{n} of {name}" for name, n in lengths.items()),
            )
        parts[part] = NestedExamples(tuple(arrays[name] for name in names))
    return _split(parts, None, config.validation_split)


def _named(value: Any) -> list[tuple[str, np.ndarray]]:
    return list(value.items()) if isinstance(value, Mapping) else [("", value)]


def _describe_scale(examples: ArrayExamples) -> tuple[str, ...]:
    """Tells, in at most one line, that pixels are not scaled as bytes would be."""
    if len(examples.example_shape) != 3:
        return ()
    lowest, highest = examples.value_range
    if lowest < 0 or highest <= 1:
        return ()
    return (
        f"Pixels from {lowest:g} to {highest:g} are taken as they are; of bytes "
        "(uint8) they would be 0 to 1.",
    )


def _from_table(path: str, origin: Origin, config: Config) -> Data:
    table = load_csv(
        path,
        origin,
        target_column=config.target_column,
        ignore_columns=config.ignore_columns or (),
        decimal=config.decimal,
    )
    arrays = {"x_train": table.x, "y_train": table.y}
    data = _from_arrays(arrays, origin, config, table.class_names)
    return dataclasses.replace(
        data,
        normalization=_moments(data.train),
        input_names=table.input_names,
        lines=(*data.lines, *table.lines),
    )


def _from_folder(path: str, config: Config) -> Data:
    name = pathlib.Path(path).resolve().name
    origin = Origin(
        f"--dataset={path}",
        f"For example {name}/cats/1.jpg, {name}/dogs/1.jpg, or these below "
        f"{name}/train and {name}/validation.",
    )
    folder = read_folder(path, origin)
    size, line = choose_image_size(
        folder, image_size=config.image_size, model=config.model
    )
    target = find_target(
        {f"y_{part}": y for part, y in folder.labels.items()},
        origin,
        task=config.task,
        class_names=folder.class_names,
    )
    parts, left_out = image_examples(
        folder,
        size,
        origin,
        is_cached=config.cache_images,
        skip_corrupt=config.skip_corrupt_images,
    )
    data = _split(parts, target, config.validation_split)
    notes = [note for note in (line, *folder.notes, left_out) if note]
    return dataclasses.replace(data, lines=(*data.lines, *notes))


def _from_batches(parts: Mapping[str, Batched], origin: Origin, config: Config) -> Data:
    for part in parts.values():
        require_length(part, origin)
    for name in set(parts) - {"train"}:
        check_ends(name, parts[name], origin)
    target, shape = find_pipeline_target(
        parts["train"],
        origin,
        model=config.model,
        task=config.task,
        steps_per_epoch=config.steps_per_epoch,
    )
    lines = [f"Data: {config.dataset}, batched and ordered by itself"]
    if target is not None:
        lines.append(f"; {target}")
    return Data(
        train=parts["train"],
        validation=parts.get("val"),
        test=parts.get("test"),
        target=target,
        example_shape=shape,
        lines=("".join(lines) + ".", *(() if target is None else target.lines)),
    )


def _split(parts: Mapping[str, Any], target: Target | None, share: float) -> Data:
    """Holds out validation examples, where the data brings none."""
    train, validation = parts["train"], parts.get("val")
    if validation is None and share:
        kept, held_out = split_indices(
            train.y,
            share,
            stratify=target is not None and target.kind != "numbers",
        )
        train, validation = train.subset(kept), train.subset(held_out)
    return Data(
        train=train,
        validation=validation,
        test=parts.get("test"),
        target=target,
        example_shape=train.example_shape,
        lines=(
            _describe(train, validation, parts.get("test"), target),
            *(() if target is None else target.lines),
        ),
    )


def _describe(
    train: Examples,
    validation: Examples | None,
    test: Examples | None,
    target: Target | None,
) -> str:
    counts = [f"{train.num_examples} training"]
    for name, part in (("validation", validation), ("test", test)):
        if part is not None:
            counts.append(f"{part.num_examples} {name}")
    if target is None:
        return f"Data: {', '.join(counts)} examples of several arrays."
    shape = " x ".join(map(str, train.example_shape))
    return f"Data: {', '.join(counts)} examples of {shape}; {target}."


def _moments(train: Any) -> tuple[np.ndarray, np.ndarray]:
    x = train.x.astype(np.float64)
    return x.mean(axis=0), x.var(axis=0)


def _load_known(name: str) -> dict[str, np.ndarray]:
    if name == "digits":
        return _load_digits()
    module = getattr(keras.datasets, name)
    try:
        (x_train, y_train), (x_test, y_test) = module.load_data()
    # Keras raises a plain Exception where the download fails.
    except Exception as error:
        raise ConfigError(
            f"`--dataset={name}` must be downloaded once by Keras. Received: "
            f"{first_line(error)}. Without a network use --dataset=digits, or give "
            "data of this machine: --dataset=path/data.npz, a folder of class folders "
            "of images, a .csv file, or module:function."
        ) from error
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def _load_digits() -> dict[str, np.ndarray]:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise ConfigError(
            "`--dataset=digits` needs scikit-learn, which carries the digits. "
            "Received: a Python without it. Install it with: pip install "
            "'tensorboard-plugin-lr[train]'"
        ) from error
    digits = load_digits()
    # As floats: bytes would be divided by 255, but there are only 16 levels of grey.
    return {
        "x_train": (digits.images / 16.0).astype(np.float32),
        "y_train": digits.target,
    }
