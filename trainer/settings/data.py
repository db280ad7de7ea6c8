"""Flags of the data: the dataset, and how its examples are read and changed."""

import dataclasses
import os
import pathlib
from collections.abc import Callable
from typing import Literal

from trainer.errors import ConfigError
from trainer.nearest import nearest
from trainer.settings.flag import Flag, as_field, flags_of
from trainer.settings.flag_types import (
    OneOf,
    PixelSize,
    Place,
    Several,
    Switch,
    Text,
    Whole,
)
from trainer.settings.imported_function import is_function
from trainer.settings.model import is_application

DATASETS = ("digits", "mnist", "fashion_mnist", "cifar10")
AUGMENTATIONS = (
    "flip",
    "flip_vertical",
    "rotate",
    "shift",
    "zoom",
    "brightness",
    "contrast",
)


def is_csv(dataset: str) -> bool:
    """Tells whether --dataset names a table in a file."""
    return pathlib.Path(dataset).suffix.lower() in (".csv", ".tsv")


def _is_folder(dataset: str) -> bool:
    return pathlib.Path(dataset).is_dir()


@dataclasses.dataclass(frozen=True)
class Owner:
    """The kind of data that a flag belongs to.

    Attributes:
        name: For messages.
        is_given: Takes --dataset and --model, and tells whether they are of this kind.
    """

    name: str
    is_given: Callable[[str, str], bool]


TABLE = Owner("a dataset in a .csv file", lambda dataset, model: is_csv(dataset))
FOLDER = Owner("a folder of images", lambda dataset, model: _is_folder(dataset))
IMAGES = Owner(
    "a folder of images, or a keras.applications network",
    lambda dataset, model: _is_folder(dataset) or is_application(model),
)
FUNCTION = Owner(
    "data from module:function", lambda dataset, model: is_function(dataset)
)


@dataclasses.dataclass(frozen=True)
class DataFlag(Flag):
    """A flag about data.

    Attributes:
        needs: The data that it belongs to; with other data it is refused. None if it
            goes with all data.
    """

    _: dataclasses.KW_ONLY
    needs: Owner | None


data_flag = as_field(DataFlag)


@dataclasses.dataclass(frozen=True)
class DataFlags:
    """The dataset, and how its examples are read and changed."""

    dataset: str = data_flag(
        "digits",
        Place(),
        "digits (8 x 8 pixels, needs no network); mnist, fashion_mnist, cifar10 "
        "(downloaded by Keras); the path of an .npz file with x_train, y_train and, "
        "if there are such parts, x_val, y_val, x_test, y_test; of a .csv file; of a "
        "folder with a folder of images for each class, or with such "
        "below train, validation and test; or module:function, which returns arrays, "
        "a tf.data.Dataset or a PyDataset.",
        searched="no",
        on_resume="fixed",
        needs=None,
    )
    task: str | None = data_flag(
        None,
        OneOf(("classification", "regression")),
        "What whole numbers in the labels mean: classes or quantities. Default: found "
        "from the labels; whole numbers, one-hot rows, and 0 and 1 are classes.",
        searched="no",
        on_resume="fixed",
        needs=None,
    )
    target_column: str | None = data_flag(
        None,
        Text(),
        ".csv: the column to predict, by its name or its place counted from 1. "
        "Default: the last.",
        searched="no",
        on_resume="fixed",
        needs=TABLE,
    )
    ignore_columns: tuple[str, ...] | None = data_flag(
        None,
        Several(Text()),
        ".csv: columns to leave out, by their names or places, with commas. Default: "
        "those that are empty, or without a name count the rows.",
        searched="no",
        on_resume="fixed",
        needs=TABLE,
    )
    decimal: Literal["dot", "comma"] | None = data_flag(
        None,
        OneOf(("dot", "comma")),
        ".csv: what stands before the decimals of a number, as in 1.5 or 1,5. Default: "
        "found from the columns.",
        searched="no",
        on_resume="fixed",
        needs=TABLE,
    )
    image_size: tuple[int, int] | None = data_flag(
        None,
        PixelSize(),
        "Images are resized to this, 96 or 96x128 (height x width). Default for a "
        "folder: what the network was made for; else the images' own size, if all "
        "have the same, at most 128; else 64.",
        searched="no",
        on_resume="fixed",
        needs=IMAGES,
    )
    skip_corrupt_images: bool = data_flag(
        False,
        Switch(),
        "Leave out images of a folder that cannot be read.",
        searched="no",
        on_resume="fixed",
        needs=FOLDER,
    )
    cache_images: bool | None = data_flag(
        None,
        Switch(),
        "Keep the images of a folder in memory. Default: if they take at most 1 GB; "
        "otherwise each is read from disk whenever it is needed.",
        searched="no",
        on_resume="free",
        needs=FOLDER,
    )
    augment: tuple[str, ...] | None = data_flag(
        None,
        Several(OneOf(AUGMENTATIONS)),
        f"Random changes of the training images, some of {', '.join(AUGMENTATIONS)} "
        "with commas. Default: none.",
        searched="no",
        on_resume="fixed",
        needs=None,
    )
    steps_per_epoch: int | None = data_flag(
        None,
        Whole(at_least=1),
        "Data from module:function: how many of its batches are an epoch. Needed "
        "where it has no end.",
        searched="no",
        on_resume="fixed",
        needs=FUNCTION,
    )


def check_data(flags: DataFlags, *, model: str) -> None:
    """Refuses a dataset that does not exist, and flags that belong to another.

    Raises:
        ConfigError: There is no such dataset, or a flag does not go with it.
    """
    _check_name(flags.dataset)
    _check_owners(flags, model)


def _check_name(name: str) -> None:
    path = pathlib.Path(name)
    is_file = path.suffix.lower() == ".npz" or is_csv(name)
    if name in DATASETS or path.is_dir() or (is_file and path.is_file()):
        return
    if path.is_file() and not is_file:
        raise ConfigError(
            "`--dataset` must be an .npz, .csv or .tsv file, a folder of class "
            f"folders, or module:function. Received: --dataset={name}, another kind of "
            "file. Save a table as CSV, arrays with numpy.savez, or read it in a "
            "function."
        )
    if is_file or "/" in name or os.sep in name:
        raise ConfigError(
            f"`--dataset` must be a file or a folder that exists. Received: --dataset="
            f"{name}. For example --dataset=digits."
        )
    if not is_function(name):
        raise ConfigError(
            f"`--dataset` must be one of {', '.join(DATASETS)}"
            f"{nearest(name, DATASETS)}, an .npz or .csv file, a folder of class "
            f"folders, or module:function. Received: --dataset={name}. For example "
            "--dataset=digits."
        )


def _check_owners(flags: DataFlags, model: str) -> None:
    for name, flag in flags_of(DataFlags).items():
        value = getattr(flags, name)
        owner = flag.needs
        if not value or owner is None or owner.is_given(flags.dataset, model):
            continue
        shown = "" if value is True else f"={flag.kind.format(value)}"
        raise ConfigError(
            f"`--{name}` belongs to {owner.name}. Received: --{name}{shown} "
            f"--dataset={flags.dataset}. Leave it out."
        )
